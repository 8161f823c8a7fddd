"""What the form says of a field: its label, its value and its tip."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from workbench.fields import Field
from workbench.words import number_text

translate = QCoreApplication.translate


def label_text(field: Field) -> str:
    """Symbol in italics, with its index below the line, and the meaning."""
    meaning = html.escape(field.meaning)
    if field.symbol == field.name:
        return meaning or f"<i>{html.escape(field.name)}</i>"
    symbol = re.sub(r"_(\w+)", r"<sub>\1</sub>", html.escape(field.symbol))
    return f"<i>{symbol}</i>&nbsp;&nbsp;{meaning}"


def value_text(value: Any) -> str:
    """A value in words."""
    if value is None:
        return translate("Form", "auto")
    if isinstance(value, Mapping):
        return str(value.get("kind", ""))
    return number_text(value) if isinstance(value, (int, float)) else str(value)


def tip(field: Field) -> str:
    """Name, meaning, limits, unit and default."""
    unit = field.unit and translate("Form", "in {0}").format(field.unit)
    default = translate("Form", "default {0}").format(value_text(field.default))
    facts = (field.limits_text(), unit, default)
    return f"{field.name}: {field.meaning}\n" + " · ".join(filter(None, facts))
