"""Commands that list the methods and describe one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from workbench.fields import Field
from workbench.output_cli import settings_text
from workbench.words import number_text

DONE = 0
Act = Callable[[argparse.Namespace], int]


def add_commands(command: Callable[[str, Act], argparse.ArgumentParser]) -> None:
    """Declare the commands; `command` makes a parser from a name and what it does."""
    made = command("methods", list_methods)
    made.add_argument("--json", action="store_true")
    made = command("describe", describe)
    made.add_argument("method", metavar="METHOD")
    made.add_argument("--json", action="store_true")


def list_methods(options: argparse.Namespace) -> int:
    """List the methods."""
    from workbench import catalogue

    known = catalogue.build()
    if options.json:
        print(json.dumps(catalogue.as_json(known), default=str, indent=2))
        return DONE
    width = max(len(card.id) for card in known.methods)
    for family, title in known.families.items():
        print(title)
        for card in (c for c in known.methods if c.family == family):
            print(f"  {card.id:<{width}}  {card.summary}")
    return DONE


def describe(options: argparse.Namespace) -> int:
    """Parameters, data, examples and papers of one method."""
    from workbench import catalogue
    from workbench.cite import citation
    from workbench.registry import method

    card = catalogue.card(options.method, method(options.method))
    if options.json:
        from dataclasses import asdict

        print(json.dumps(asdict(card), default=str, indent=2))
        return DONE
    print(f"{card.title} ({card.id})\n\n{card.summary}\n\n{card.description}\n\nParameters")
    _print_fields(card.fields, "  ")
    print("\nData (--input FIELD=FILE)")
    for problem in card.problems:
        print(f"  {problem.title}")
        for slot in problem.slots:
            need = " (optional)" if slot.optional else ""
            print(f"    {slot.name}: {' × '.join(slot.dims)}{need}: {slot.help}")
    print("\nMetrics of the result (sweep --search NAME)")
    for metric in card.metrics:
        about = ", ".join(
            filter(None, (metric.unit, metric.better and f"{metric.better} is better"))
        )
        print(f"  {metric.name:<20} {metric.help}{about and f' [{about}]'}")
    print("\nExamples (--example NAME)")
    for example in card.examples:
        print(f"  {example.name:<20} {example.title}")
        if example.known:
            print(f"  {'':<20} known: {example.known}")
    print("\nPresets (--preset NAME)")
    for name, values in card.presets.items():
        print(f"  {name:<20} {settings_text(values)}")
    print("\nPapers")
    for paper in card.papers:
        print(f"  {citation(paper)}")
    return DONE


def _print_fields(known: tuple[Field, ...], indent: str) -> None:
    for f in known:
        default = f.default.get("kind") if isinstance(f.default, dict) else f.default
        limits = f", {f.limits_text()}" if f.limits_text() else ""
        if f.kind in ("choice", "option"):
            limits = f"; one of {f.limits_text()}"
        unit = f" {f.unit}" if f.unit else ""
        shown = (
            "auto"
            if default is None
            else number_text(default)
            if isinstance(default, (int, float))
            else default
        )
        print(f"{indent}{f.name:<18} {f.symbol:<8} {f.meaning} [{shown}{unit}{limits}]")
        for option in f.options:
            print(f"{indent}  {option.kind}: {option.title}")
            _print_fields(option.fields, indent + "    ")
