"""A second start on a workspace, another workspace, and two windows on one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QLabel

from tests.ui.conftest import Stalls, User, close, opened
from ui import instance
from ui.instance import Door, Knock, Wish, first_on, place, understood
from ui.program import Program

ROOT = Path(__file__).resolve().parents[2]
# Listens at a place and dies without a word, as a killed program does.
KILLED = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from ui.instance import Door
app = QCoreApplication([])
door = Door(Path(sys.argv[1]))
assert door.listen()
os._exit(0)
"""


@pytest.fixture(scope="module", autouse=True)
def runtime():
    """A folder for the sockets of these tests alone; their paths must be short."""
    with tempfile.TemporaryDirectory(prefix="wb") as folder, pytest.MonkeyPatch.context() as patch:
        os.chmod(folder, 0o700)
        patch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def answer(workspace: Path, wish: Wish = Wish()) -> bool:  # noqa: B008
    """Knock, and wait for what is said."""
    heard: list[bool] = []
    loop, knock = QEventLoop(), Knock(workspace, wish)
    knock.answered.connect(heard.append)
    knock.answered.connect(loop.quit)
    loop.exec()
    return heard[0]


@pytest.fixture
def door(qapp, tmp_path):
    made = Door(tmp_path)
    assert made.listen()
    yield made
    made.close()


def test_that_a_wish_arrives_as_it_was_said(door, tmp_path):
    taken = []
    door.knocked.connect(taken.append)
    wish = Wish(("/a/ä b.csv", "c.h5"), window=True, token="x1")
    assert answer(tmp_path, wish)
    assert taken == [wish]


def test_that_nobody_answers_for_another_workspace_or_after_the_end(door, tmp_path):
    assert not answer(tmp_path / "other")
    door.close()
    assert not answer(tmp_path)


def test_that_a_folder_has_one_place_however_it_is_written(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert place(tmp_path / "a") == place(tmp_path / "link") == place(tmp_path / "a" / ".." / "a")
    assert place(tmp_path / "a") != place(tmp_path)
    assert len(place(tmp_path)) < 100, "the path of a socket has 107 signs at most"


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[1]", b"not json", b'{"files": "a", "window": 1, "token": ""}', b"\xff\xfe"],
)
def test_that_what_is_no_wish_is_not_taken_for_one(line):
    assert understood(line) is None


def test_that_a_stranger_that_says_nonsense_does_no_harm(door, tmp_path):
    taken = []
    door.knocked.connect(taken.append)
    for words in (b"GET / HTTP/1.1\r\n", b"x" * (instance.LONGEST + 10)):
        stranger = QLocalSocket()
        stranger.connectToServer(place(tmp_path))
        assert stranger.waitForConnected(2000)
        stranger.write(words)
        loop = QEventLoop()
        stranger.disconnected.connect(loop.quit)
        QTimer.singleShot(3000, loop.quit)
        loop.exec()
        assert stranger.state() == QLocalSocket.LocalSocketState.UnconnectedState
    assert answer(tmp_path)
    assert taken == [Wish()]


def test_that_the_socket_of_a_killed_program_is_taken_over(qapp, tmp_path):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=True, env=env, timeout=60)
    assert Path(place(tmp_path)).exists(), "it was left behind"
    parent = QApplication.instance()
    door = first_on(tmp_path, Wish(), parent)
    assert door is not None
    assert answer(tmp_path)
    door.close()
    door.deleteLater()


def test_that_only_its_user_can_reach_the_socket(door, tmp_path):
    assert Path(place(tmp_path)).stat().st_mode & 0o077 == 0


# --- with windows ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def program(light, qapp, tmp_path_factory):
    """The program on a workspace, as its first start makes it; and the person before it."""
    folder = tmp_path_factory.mktemp("first")
    store = QSettings(str(folder / "ui.ini"), QSettings.Format.IniFormat)
    made = Program(folder, store, first_on(folder, Wish(), qapp))
    made.window.show()
    stalls = Stalls()
    user = User(made.window, stalls)
    user.until(lambda: made.window.run_pane.devices(), "the engine is ready")
    user.until(lambda: made.window.start.card("pde").isEnabled(), "the methods are known")
    yield made, user
    made.close()
    close(user)
    stalls.close()


@pytest.fixture
def other(tmp_path):
    """A folder that can be a workspace."""
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_that_a_second_start_hands_over_its_files_and_leaves(program, tmp_path):
    made, user = program
    (tmp_path / "numbers.csv").write_text("1,2\n3,4\n5,6\n")
    words = [sys.executable, "-m", "ui", "--workspace", str(made.window.workspace)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)}
    made.window.showMinimized()
    second = subprocess.Popen([*words, "numbers.csv"], cwd=tmp_path, env=env)
    user.until(lambda: second.poll() is not None, "the second start leaves")
    assert second.returncode == 0
    opened_here = str(tmp_path / "numbers.csv")
    user.until(lambda: opened_here in made.window.data.references(), "its file is opened here")
    assert not made.window.isMinimized()


def test_that_a_workspace_that_is_open_elsewhere_is_only_brought_to_the_front(program, other):
    made, user = program
    elsewhere, taken = Door(other), []
    assert elsewhere.listen()
    elsewhere.knocked.connect(taken.append)
    before = made.window
    before.workspaces.open(str(other))
    user.until(lambda: taken, "the other one hears of it")
    user.rest(0.2)
    assert made.window is before
    elsewhere.close()


def test_that_a_folder_that_is_gone_is_explained_and_greyed(program, tmp_path):
    made, user = program
    gone, window = str(tmp_path / "gone"), made.window
    window.workspaces.open(gone)
    said = [label.text() for n in user.notices() for label in n.findChildren(QLabel)]
    assert any(gone in text and "choose another" in text for text in said)
    window.settings["workspaces"] = [*window.settings["workspaces"], gone]
    window.workspaces._list()
    menu = window.commands.menus["File/Recent workspaces"]
    states = {a.text(): a.isEnabled() for a in menu.actions() if not a.isSeparator()}
    assert states[gone] is False
    window.commands["forget workspaces"].trigger()
    assert window.settings["workspaces"] == [str(window.workspace)]


def test_that_new_window_starts_another_process_on_the_same_workspace(program, monkeypatch):
    made, _ = program
    started = []
    monkeypatch.setattr(
        "ui.workspaces.QProcess.startDetached", lambda *words: started.append(words)
    )
    made.window.commands["window"].trigger()
    ((python, words, folder),) = started
    assert python == sys.executable
    assert words == [
        "-m", "ui", "--workspace", str(made.window.workspace), "--new-window",
    ]  # fmt: skip
    assert (Path(folder) / "ui" / "__main__.py").exists()
    assert answer(made.window.workspace, Wish(window=True))
    assert len(started) == 2, "a second start may ask for one as well"


def test_that_running_runs_are_asked_about_and_may_go_on(program, other, monkeypatch):
    made, user = program
    started, window = [], made.window
    monkeypatch.setattr(
        "ui.workspaces.QProcess.startDetached", lambda *words: started.append(words)
    )
    user.card("pde")
    user.until(lambda: window.runs.active(), "a run goes on")
    for choice in ("Cancel", "New window"):
        window.workspaces.open(str(other))
        box = user.until(QApplication.activeModalWidget, "it asks")
        user.click(user.button(choice, box))
        user.until(lambda: QApplication.activeModalWidget() is None, "it closes")
    assert made.window is window
    assert window.runs.active()
    ((_, words, _),) = started
    assert words == ["-m", "ui", "--workspace", str(other)]


def test_that_another_workspace_takes_the_place_of_the_window_once_the_runs_may_stop(
    program, other
):
    made, user = program
    old, before = made.window, made.window.workspace
    if not old.runs.active():
        user.card("pde")
    old.workspaces.open(str(other))
    box = user.until(QApplication.activeModalWidget, "it asks")
    user.click(user.button("Stop them and open here", box))
    user.until(lambda: made.window is not old, "another window")
    user.window = made.window
    assert made.window.workspace == other
    assert "other" in made.window.windowTitle()
    user.until(lambda: made.window.run_pane.devices(), "its engine is ready")
    user.until(lambda: not shiboken6.isValid(old), "the old window is gone")
    assert answer(other)
    assert not answer(before)
    menu = made.window.commands.menus["File/Recent workspaces"]
    listed = [a.text() for a in menu.actions() if not a.isSeparator()]
    assert listed[:2] == [str(other), str(before)]


def test_that_two_windows_on_one_workspace_list_the_same_records(program):
    made, first = program
    stalls = Stalls()
    second = opened(made.window.workspace, stalls)
    stalls.stop()

    def names(user: User) -> set[str]:
        return {Path(row.path).name for row in user.window.results.model.rows()}

    run = first.over(first.card("transport"))
    name = Path(run.record).name
    second.until(lambda: name in names(second), "the other window lists it")
    other = second.over(second.card("transport"))
    assert Path(other.record).name != name, "each record has a number of its own"
    first.until(lambda: Path(other.record).name in names(first), "the first one lists it too")
    assert names(first) == names(second)
    second.until(lambda: second.window.results.current() == other.record, "it is chosen")
    second.window.results.delete()
    first.until(lambda: Path(other.record).name not in names(first), "it is gone in both")
    close(second)
    stalls.close()


def test_that_a_place_where_nobody_can_listen_is_no_reason_not_to_start(
    qapp, tmp_path, monkeypatch
):
    monkeypatch.setattr(QLocalServer, "listen", lambda *_: False)
    door = first_on(tmp_path, Wish(), qapp)
    assert door is not None
    door.deleteLater()
