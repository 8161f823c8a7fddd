"""The entry in the menus of a Linux desktop."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

from workbench import cli, desktop

ROOT = Path(__file__).resolve().parents[2]


def entry(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, delimiters="=")
    found.optionxform = str  # keys differ by their case
    found.read(path, encoding="utf8")
    return found


def words(line: str) -> list[str]:
    """A command line of an entry as a desktop takes it apart: two layers of escapes."""
    found = re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', line.replace("\\\\", "\\"))
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") or plain for quoted, plain in found]


def test_that_the_command_writes_entry_and_icon_and_takes_them_away(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert cli.main(["desktop"]) == 0
    written = [Path(line) for line in capsys.readouterr().out.split()]
    assert written == [
        tmp_path / "applications" / "methods-workbench.desktop",
        tmp_path / "icons/hicolor/scalable/apps/methods-workbench.svg",
    ]
    assert all(place.stat().st_size > 300 for place in written)
    assert cli.main(["desktop", "--remove"]) == 0
    assert not any(place.exists() for place in written)


def test_that_the_entry_says_what_the_rule_asks_for(tmp_path):
    path, icon = desktop.install(tmp_path)
    main = entry(path)["Desktop Entry"]
    assert main["Type"] == "Application"
    assert main["Name"] == "Methods Workbench"
    assert main["Icon"] == icon.stem
    # The name of the window's program, so that its windows gather below its icon.
    assert main["StartupWMClass"] == path.stem
    assert main["Exec"].endswith(" %F")
    for action in main["Actions"].rstrip(";").split(";"):
        assert {"Name", "Exec"} <= set(entry(path)[f"Desktop Action {action}"])
    assert main["Categories"].endswith(";")


def test_that_other_viewers_keep_their_hdf5_files(tmp_path):
    path, _ = desktop.install(tmp_path)
    assert "MimeType" not in entry(path)["Desktop Entry"]


def test_that_the_command_of_the_entry_starts_the_program_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(desktop.sysconfig, "get_path", lambda _: str(tmp_path))
    line = entry(desktop.install(tmp_path)[0])["Desktop Entry"]["Exec"]
    command = [word for word in words(line) if word != "%F"]
    assert command[0] == sys.executable
    said = subprocess.run(
        [*command, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip()


def test_that_an_installed_program_is_called_by_its_own_name(tmp_path, monkeypatch):
    folder = tmp_path / 'a "b" $c 100%'
    folder.mkdir()
    (folder / "workbench").touch()
    monkeypatch.setattr(desktop.sysconfig, "get_path", lambda _: str(folder))
    line = entry(desktop.install(tmp_path)[0])["Desktop Entry"]["Exec"]
    assert words(line) == [str(folder / "workbench"), "%F"]


def test_that_a_data_folder_that_is_not_absolute_is_ignored(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "here")
    assert desktop.data_folder() == Path.home() / ".local" / "share"


def test_that_other_systems_are_told_so(monkeypatch, capsys):
    monkeypatch.setattr(cli.sys, "platform", "win32")
    assert cli.main(["desktop"]) == 2
    assert "must be Linux" in capsys.readouterr().err
