"""The texts of the window in another language: catalogues in Linguist's format, read as they are.

`packaging/translations.py` keeps the catalogues in step with the texts.
"""

from __future__ import annotations

from importlib.resources import files
from xml.etree import ElementTree

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

SOURCE = "en"  # the language of the texts in the code


class Catalogue(QTranslator):
    """Looks a text up by its class; a text that has another class there means the same."""

    def __init__(self, language: str, parent: QCoreApplication) -> None:
        super().__init__(parent)
        self._texts = texts(language)
        self._anywhere = {source: text for (_, source), text in self._texts.items()}

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(
        self, context: str, source: str, _about: str | None = None, _count: int = -1
    ) -> str | None:
        return self._texts.get((context, source)) or self._anywhere.get(source)


def texts(language: str) -> dict[tuple[str, str], str]:
    """The texts of a catalogue by class and source."""
    file = files("resources").joinpath("translations", f"{language}.ts")
    found = {}
    for context in ElementTree.fromstring(file.read_text("utf8")).iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            if text := message.findtext("translation"):
                found[name, message.findtext("source", "")] = text
    return found


def languages() -> list[str]:
    """The languages that have a catalogue."""
    held = files("resources").joinpath("translations").iterdir()
    return sorted(file.name.removesuffix(".ts") for file in held if file.name.endswith(".ts"))


def use(app: QCoreApplication, language: str) -> list[QTranslator]:
    """Speak a language, that of the desktop for "system"; gives what `remove` takes away."""
    if language == "system":
        language = QLocale.system().name().partition("_")[0]
    if language == SOURCE or language not in languages():
        return []
    catalogue, own = Catalogue(language, app), QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    own.load(f"qtbase_{language}", folder)  # Qt's dialogs; English where Qt came without it
    used = [catalogue, own]  # the last is asked first
    for translator in used:
        app.installTranslator(translator)
    return used


def remove(app: QCoreApplication, used: list[QTranslator]) -> None:
    """Speak English again."""
    for translator in used:
        app.removeTranslator(translator)
        translator.deleteLater()
