"""Known answers: the verdict of a run, and where a person meets it."""

from __future__ import annotations

import pytest

from engines.method import Example, Expect
from ui.main import main
from workbench import records, runs
from workbench.facts import read_facts
from workbench.jobs import Job
from workbench.registry import method
from workbench.verdict import holds, known_text, verdict

NAME, EXAMPLE = "transport.exact_ot", "gaussians_1d"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    job = Job(NAME, {}, EXAMPLE, output=str(tmp_path_factory.mktemp("records") / "a.h5"))
    return runs.execute(runs.prepare(job))


def test_that_a_number_holds_up_to_its_tolerance_and_nan_never_does():
    expect = Expect(4.25, 0.5, "closed form")
    assert holds(expect, 4.75)
    assert holds(expect, 3.75)
    assert not holds(expect, 4.76)
    assert not holds(expect, float("nan"))


def test_that_the_verdict_names_the_known_value_its_source_and_what_was_found(outcome):
    # N(0, 1) to N(2, 0.5²) is 2² + (1 - 0.5)² apart; the grid adds some 10⁻⁴
    said = outcome.info.verdict
    assert said.startswith("as known: cost = 4.25 (closed form for Gaussians), found 4.250")
    assert outcome.info.outcome == f"{outcome.info.status}; {said}"


def test_that_a_wrong_answer_is_called_so(outcome):
    cls = method(NAME)
    wrong = Example("e", "E", lambda: None, {}, "", {"cost": Expect(4.0, 1e-3, "a guess")})
    said = verdict(wrong, cls(), outcome.result)
    assert said.startswith("NOT as known: cost = 4 (a guess), found 4.25")
    assert "further off than 0.001" in said


def test_that_other_settings_than_those_of_the_example_get_no_verdict(outcome):
    cls = method(NAME)
    example = next(e for e in cls.examples if e.name == EXAMPLE)
    assert verdict(example, cls(metric="euclidean"), outcome.result) == ""
    assert verdict(cls.examples[0], cls(), outcome.result) == ""


def test_that_own_data_get_no_verdict(outcome):
    arrays = {name: values for name, values, _, _ in outcome.problem.arrays()}
    again = runs.execute(runs.prepare(Job(NAME, {}, EXAMPLE), arrays=arrays))
    assert again.info.verdict == ""


def test_that_the_record_and_its_report_keep_the_verdict(outcome):
    info = records.read_info(outcome.record)
    assert info.verdict == outcome.info.verdict
    assert ("Known answer", info.verdict) in read_facts(outcome.record, None).run


def test_that_the_command_line_says_the_verdict(tmp_path, capsys):
    words = ["run", NAME, "--example", EXAMPLE, "--output", str(tmp_path / "a.h5")]
    assert main(words) == 0
    assert "  as known: cost = 4.25 (closed form" in capsys.readouterr().out
    assert main(["show", str(tmp_path / "a.h5")]) == 0
    assert "  as known: cost = 4.25 (closed form" in capsys.readouterr().out


def test_that_what_is_known_can_be_said_before_the_run():
    expects = {"energy_drift": Expect(-0.5, 0.1, "closed form"), "error": Expect(0.0, 1, "theory")}
    assert known_text(expects) == "energy drift = -0.5 (closed form); error = 0 (theory)"


def test_that_the_demo_runs_all_known_answers_and_fails_where_one_is_missed(capsys, monkeypatch):
    from workbench import registry

    few = {name: cls for name, cls in registry.methods().items() if name == NAME}
    monkeypatch.setattr(registry, "methods", lambda: few)
    assert main(["demo", "--headless", "--known"]) == 0
    assert "Exact transport: Two Gaussians on a line" in capsys.readouterr().out
    example = next(e for e in method(NAME).examples if e.name == EXAMPLE)
    monkeypatch.setitem(example.expects, "cost", Expect(4.0, 1e-3, "a guess"))
    assert main(["demo", "--headless", "--known"]) == 1
    assert "NOT as known: cost = 4 (a guess)" in capsys.readouterr().out


def test_that_what_is_known_stands_in_the_description(capsys):
    assert main(["describe", NAME]) == 0
    assert "known: cost = 4.25 (closed form for Gaussians)" in capsys.readouterr().out
