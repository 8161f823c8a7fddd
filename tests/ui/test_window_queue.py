"""Pause, go on, stop, the queue, and processes that die: the window stands and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QToolButton

from ui.panes.results import COLUMNS
from workbench import records

ROOT = Path(__file__).resolve().parents[2]
# With such an ε the tolerance is ten minutes away.
LONG = {"epsilon": 2e-5, "tol": 1e-12, "max_iter": 10_000_000, "anneal": 1.0, "relax": 1.0}
SHORT = {"epsilon": 0.05}


def start(user, settings):
    user.method("Sinkhorn")
    user.window.inputs.choose_example("two_moons")
    user.window.parameters.set_values(settings)
    return user.run()


def running(user):
    run = start(user, LONG)
    user.until(lambda: run.step and run.step.done > 1, "it makes steps")
    return run


def click(user, text: str) -> None:
    user.click(user.button(text, user.window.run_pane))


def row_button(user, run, name: str) -> QToolButton:
    return user.button(name, user.window.run_pane.queue.rows[run.id])


def curve(run) -> list[float]:
    """The first scalar that the run reported."""
    return next(iter(run.history.values())).values if run.history else []


def interrupted(user) -> set[Path]:
    """The records of that state in the results."""
    model, column = user.window.results.model, COLUMNS.index("State")
    rows = range(model.rowCount())
    return {Path(model.path(r)) for r in rows if model.index(r, column).data() == "interrupted"}


def test_that_pause_holds_a_run_go_on_lets_it_go_and_stop_keeps_what_it_found(user):
    run = running(user)
    click(user, "Pause")
    user.until(lambda: run.state == "paused", "it is paused")
    user.rest(0.3)
    held = run.step.done
    user.rest(0.3)
    assert run.step.done == held
    click(user, "Go on")
    user.until(lambda: run.step.done > held, "it goes on")
    click(user, "Stop")
    assert user.over(run, 5).state == "stopped"
    info = records.read_info(Path(run.record))
    assert info.state == "stopped"
    assert records.read_arrays(Path(run.record), "result")
    assert run.title not in user.window.windowTitle()


def test_that_a_queue_is_worked_off_in_order_and_a_waiting_run_leaves_at_once(user):
    first = running(user)
    second, third = start(user, SHORT), start(user, SHORT)
    user.rest(0.3)
    assert (first.state, second.state, third.state) == ("running", "queued", "queued")
    assert first.title in user.window.windowTitle()
    user.click(row_button(user, second, "Stop this run"))
    user.over(second, 2)
    assert (first.state, second.state, second.record) == ("running", "stopped", "")
    user.click(row_button(user, first, "Pause or go on"))
    user.until(lambda: first.state == "paused", "the first is paused from its row")
    user.rest(0.2)
    assert third.state == "queued", "the device is kept for the run that is paused"
    user.click(row_button(user, first, "Stop this run"))
    assert user.over(first).state == "stopped"
    assert user.over(third).state == "done"


def stand(user, *runs) -> bool:
    """Whether the rows of these runs stand below each other, next to each other."""
    user.rest(0.01)
    rows = [user.window.run_pane.queue.rows.get(run.id) for run in runs]
    if None in rows:
        return False
    layout = user.window.run_pane.queue._list
    places = [layout.indexOf(row) for row in rows]
    heights = [row.y() for row in rows]
    return heights == sorted(heights) and places == list(range(places[0], places[0] + len(rows)))


def test_that_buttons_keys_and_the_mouse_change_the_turns_of_those_that_wait(user):
    first = running(user)
    a, b, c = (start(user, SHORT) for _ in range(3))
    user.until(lambda: stand(user, first, a, b, c), "those that wait stand below what goes on")
    assert not row_button(user, a, "Earlier (Alt+Up)").isEnabled()
    assert not row_button(user, c, "Later (Alt+Down)").isEnabled()
    user.click(row_button(user, c, "Earlier (Alt+Up)"))
    user.until(lambda: stand(user, first, a, c, b), "one turn earlier")
    user.click(row_button(user, a, "Later (Alt+Down)"))
    user.until(lambda: stand(user, first, c, a, b), "one turn later")
    rows = user.window.run_pane.queue.rows
    user.click(rows[b.id]._state)
    assert user.window.plots.run is b
    for wanted in (c, b, a), (b, c, a), (b, c, a):
        user.press(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        user.until(lambda wanted=wanted: stand(user, first, *wanted), "Alt+Up")
    user.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    user.until(lambda: stand(user, first, c, b, a), "Alt+Down")
    drag(user, rows[a.id], rows[c.id].y() + 2)
    user.until(lambda: stand(user, first, a, c, b), "dragged to the top")
    drag(user, rows[a.id], rows[b.id].geometry().bottom() + 30)
    user.until(lambda: stand(user, first, c, b, a), "dragged to the end")
    assert user.window.plots.run is b, "to drag is not to look"
    user.click(row_button(user, first, "Stop this run"))
    user.over(a)
    assert [r.state for r in (c, b, a)] == ["done"] * 3
    begun = [records.read_info(Path(r.record)) for r in (c, b, a)]
    numbers = [Path(r.record).name for r in (c, b, a)]
    assert numbers == sorted(numbers), "records are numbered when their runs start"
    assert all(info.state == "done" for info in begun)


def test_that_a_run_that_has_started_cannot_be_moved_and_the_window_says_so(user):
    first, waiting = running(user), start(user, SHORT)
    user.until(lambda: stand(user, first, waiting), "both have a row")
    user.click(user.window.run_pane.queue.rows[first.id]._state)
    user.press(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    user.told(f"{first.title} has started; only runs that wait can be moved")
    assert stand(user, first, waiting)


def drag(user, row, y: int) -> None:
    """Drag a row to a height in the list."""
    window, held = row.window().windowHandle(), Qt.KeyboardModifier(0)
    inside = user.window.run_pane.queue.widget()
    user.window.run_pane.queue.ensureWidgetVisible(row)
    begin = row._state.mapTo(row.window(), row._state.rect().center())
    end = inside.mapTo(row.window(), QPoint(40, y))
    QTest.mousePress(window, Qt.MouseButton.LeftButton, held, begin)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(window, begin + (end - begin) * part)
        user.rest(0.02)
    assert user.window.run_pane.queue._mark.isVisible(), "a line shows where it would fall"
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, held, end)
    assert not user.window.run_pane.queue._mark.isVisible()


def test_that_a_click_on_a_row_shows_its_run(user):
    first, second = start(user, SHORT), start(user, SHORT)
    user.over(second)
    assert user.window.plots.run is second
    user.click(user.window.run_pane.queue.rows[first.id]._state)
    user.until(lambda: user.window.plots.run is first, "the other run is shown")
    user.until(lambda: user.window.plots.view.isVisible(), "with its picture")


def test_that_a_second_stop_offers_to_end_a_process_that_does_not_answer(user):
    run = running(user)
    engine = psutil.Process(user.window.bridge.engine.pid)
    engine.suspend()
    click(user, "Stop")
    user.rest(0.3)
    assert run.state == "running"
    assert not any("does not answer" in text for text in user.said())
    click(user, "Stop")
    offer = user.told(f"{run.title} does not answer")
    user.click(user.button("End the engine process", offer))
    assert user.over(run).state == "failed"
    assert start(user, SHORT).state == "queued"
    assert user.over(user.window.plots.run).state == "done"


def test_that_a_killed_engine_costs_its_run_but_not_its_record(user):
    before = interrupted(user)
    run, waiting = running(user), start(user, SHORT)
    user.until(lambda: len(curve(run)) > 3, "scalars come")
    user.rest(2.0)  # at most two seconds of scalars may be lost
    os.kill(user.window.bridge.engine.pid, signal.SIGKILL)
    user.until(lambda: run.over, "the window hears of it")
    assert run.state == "failed"
    assert "SIGKILL" in run.text
    user.told("what it had recorded is kept")
    assert user.over(waiting).state == "done", "the queue goes on"
    kept = user.until(lambda: interrupted(user) - before, "the record is recovered").pop()
    assert records.read_info(kept).title == run.title
    assert any(len(h.values) > 3 for h in records.read_history(kept).values())


def test_that_a_stopped_run_is_resumed_from_the_results_and_its_curve_goes_on(user):
    run = start(user, {"epsilon": 5e-5, "tol": 1e-12, "anneal": 1.0, "relax": 1.0})
    user.until(lambda: len(curve(run)) > 30, "scalars come")
    user.click(row_button(user, run, "Stop this run"))
    assert user.over(run).state == "stopped"
    action = user.window.commands["resume"]
    user.until(action.isEnabled, "the record is chosen, and can go on")
    action.trigger()
    user.until(lambda: user.window.plots.run is not run, "the new run is on show")
    again = user.window.plots.run
    user.until(lambda: again.step and again.step.done > run.step.done + 100, "it goes on")
    begin = [next(iter(r.history.values())).steps[0] for r in (run, again)]
    assert begin[0] == begin[1], "the curve on show begins where the former one did"
    user.click(row_button(user, again, "Stop this run"))
    user.over(again)
    assert records.read_info(Path(again.record)).resumed == run.record
    former, whole = (records.read_history(Path(r.record)) for r in (run, again))
    for name, history in former.items():
        count = len(history.values) - 1  # the last one may be of the step that was cut short
        assert whole[name].values[:count].tolist() == history.values[:count].tolist()
        assert len(whole[name].values) > count + 10


def test_that_a_run_that_is_done_cannot_be_resumed_and_the_command_says_why(user):
    user.over(start(user, SHORT))
    action, results = user.window.commands["resume"], user.window.results
    user.until(lambda: results.count() == 1, "its record is chosen")
    user.until(lambda: "only a run that was stopped" in action.toolTip().lower(), "the reason")
    assert not action.isEnabled()
    results.table.clearSelection()
    user.until(lambda: "select a record" in action.toolTip().lower(), "another reason")
    assert not action.isEnabled()


def test_that_a_recovered_run_is_offered_to_go_on(user):
    run = running(user)
    folder = user.window.workspace / "runs"
    user.until(lambda: list(folder.glob("*.part.ckpt.npz")), "a checkpoint is there")
    os.kill(user.window.bridge.engine.pid, signal.SIGKILL)
    user.over(run)
    offer = user.told("were recovered")
    user.click(user.button("Resume", offer))
    user.until(lambda: user.window.plots.run is not run, "it goes on")
    again = user.window.plots.run
    user.until(lambda: again.step and again.step.done > run.step.done, "further than before")


def test_that_a_killed_desk_is_back_for_the_next_click(user):
    run = start(user, SHORT)
    user.over(run)
    user.until(lambda: user.window.plots.shown_figure(), "a picture")
    before = user.window.bridge.desk.pid
    os.kill(before, signal.SIGKILL)
    user.until(lambda: user.window.bridge.desk.pid != before, "another one")
    user.tab("Potentials")
    assert user.colours() > 4


def test_that_a_record_whose_folder_goes_away_is_asked_after_until_it_has_a_place(user, tmp_path):
    run = running(user)
    folder = user.window.workspace / "runs"
    folder.rename(tmp_path / "moved")
    folder.write_text("in the way")
    click(user, "Stop")
    question = user.until(lambda: user.window.findChild(QMessageBox), "it asks")
    assert run.title in question.text()
    user.click(user.button("Save elsewhere…", question))
    dialog = user.until(lambda: user.window.findChild(QFileDialog), "where?")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    question = user.until(lambda: user.window.findChild(QMessageBox), "it asks again")
    folder.unlink()
    (tmp_path / "moved").rename(folder)
    user.click(user.button("Try again", question))
    assert user.over(run).state == "stopped"
    assert Path(run.record).parent == folder
    assert records.read_info(Path(run.record)).state == "stopped"


def test_that_closing_asks_while_a_run_goes_on_and_leaves_nothing_behind(alone, tmp_path):
    user = alone
    run = running(user)
    for answer in "Cancel", "Stop and close":
        user.window.close()
        question = user.until(lambda: user.window.findChild(QMessageBox), "it asks")
        assert run.title in question.informativeText()
        before = run.step.done
        user.until(lambda done=before: run.step.done > done, "meanwhile it goes on")
        if answer == "Stop and close":
            user.stalls.stop()
        user.click(user.button(answer, question))
        user.until(lambda: not user.window.findChild(QMessageBox), "the question is gone")
        assert user.window.isVisible() == (answer == "Cancel")
    (record,) = (tmp_path / "runs").glob("*.h5")
    assert records.read_info(record).state in ("stopped", "interrupted")
    assert records.read_history(record)


def test_that_a_killed_window_leaves_a_record_and_no_process(tmp_path):
    words = [sys.executable, "-m", "ui", "demo", "--workspace", str(tmp_path)]
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    window = subprocess.Popen(words, cwd=ROOT, env=env)
    try:
        end = time.monotonic() + 60
        while not list((tmp_path / "runs").glob("*.part")):
            assert time.monotonic() < end, "no run began"
            time.sleep(0.01)
        children = psutil.Process(window.pid).children(recursive=True)
        assert len(children) >= 2, "engine and desk"
    finally:
        window.kill()
        window.wait()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    (record,) = (tmp_path / "runs").glob("*.h5")
    info = records.read_info(record)
    assert (info.state, info.method) == ("interrupted", "lowrank.randomized_svd")
