"""Bring the catalogues in step with the texts: `.venv/bin/python packaging/translations.py`.

Collects what stands in `tr`, `translate`, `QT_TRANSLATE_NOOP` and in the table of commands, adds to
each `resources/translations/*.ts` what it lacks as unfinished, and takes out what is gone. Prints
how many texts still wait for their translation; Linguist, or any editor, fills them in.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
NAMED = ("translate", "QT_TRANSLATE_NOOP")  # their first argument is the context
COMMAND = ("id", "menu", "title", "do", "keys", "icon", "tip")  # of `ui.commands.Command`

Text = tuple[str, str]  # context, source


def main() -> int:
    """Update every catalogue; the exit status says whether one has gaps."""
    gaps = 0
    wanted = collect()
    for file in sorted(FOLDER.glob("*.ts")):
        known = read(file)
        write(file, {text: known.get(text) or likely(text, known) for text in wanted})
        missing = [text for text in wanted if not read(file).get(text)]
        gone = len(set(known) - set(wanted))
        print(f"{file.name}: {len(wanted)} texts, {len(missing)} to translate, {gone} taken out")
        for context, source in missing:
            print(f"  {context}: {source}")
        gaps += len(missing)
    return 1 if gaps else 0


def collect() -> list[Text]:
    """Every text of the window with its context, by context and then in the order of the code."""
    found: dict[Text, None] = {}
    for file in sorted((ROOT / "ui").rglob("*.py")):
        tree = ast.parse(file.read_text("utf8"))
        found |= dict.fromkeys(_texts(tree, file.stem))
    return sorted(found, key=lambda text: text[0])


def _texts(node: ast.AST, context: str) -> Iterator[Text]:
    """The texts below a node; those of `tr` belong to the class around them, else to the file."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield from _of_call(child, context)
        yield from _texts(child, child.name if isinstance(child, ast.ClassDef) else context)


def _of_call(call: ast.Call, context: str) -> Iterator[Text]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = [a.value if isinstance(a, ast.Constant) else None for a in call.args]
    if name == "tr" and words and isinstance(words[0], str):
        yield context, words[0]
    elif name in NAMED and len(words) > 1 and isinstance(words[0], str) and words[1]:
        yield words[0], str(words[1])
    elif name == "Command":
        given = dict(zip(COMMAND, words, strict=False))
        for keyword in call.keywords:
            if isinstance(keyword.value, ast.Constant):
                given[str(keyword.arg)] = keyword.value.value
        texts = [f"&{part}" for part in str(given["menu"]).split("/")]
        for text in (*texts, given["title"], given.get("tip")):
            if text:
                yield "Commands", str(text)


def read(file: Path) -> dict[Text, str]:
    """The translations of a catalogue; unfinished ones are empty."""
    found = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            source = message.findtext("source", "")
            found[name, source] = message.findtext("translation") or ""
    return found


def likely(text: Text, known: dict[Text, str]) -> str:
    """What another context says for the same text."""
    return next((there for (_, source), there in known.items() if source == text[1] and there), "")


def write(file: Path, texts: dict[Text, str]) -> None:
    """Write a catalogue in the format of Linguist."""
    attributes = {"version": "2.1", "language": file.stem, "sourcelanguage": "en"}
    root = ElementTree.Element("TS", attributes)
    places: dict[str, ElementTree.Element] = {}
    for (context, source), translation in texts.items():
        if context not in places:
            places[context] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(places[context], "name").text = context
        message = ElementTree.SubElement(places[context], "message")
        ElementTree.SubElement(message, "source").text = source
        made = ElementTree.SubElement(message, "translation")
        made.text = translation
        if not translation:
            made.set("type", "unfinished")
    ElementTree.indent(root, " ")
    held = ElementTree.tostring(root, encoding="unicode")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    file.write_text(f"{head}{held}\n", encoding="utf8")


if __name__ == "__main__":
    sys.exit(main())
