"""Groups of seeds: formulas by hand, scipy's own tests as peers, and how often chance is marked."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from scipy import stats

from workbench.seeds import Groups, gathered, holm, judge, missing_seeds, worth
from workbench.seeds_text import csv_text, sentence, spread_text

DRAWS = 3000


def made(*samples, start=None, **units) -> Groups:
    """Groups of one metric, `x`, whose seeds count up from `start` (each its own: unpaired)."""
    runs = []
    for number, sample in enumerate(samples):
        first = 100 * number if start is None else start
        for seed, value in enumerate(sample, first):
            name = f"{number}-{seed}"
            runs.append((number, {"k": number}, seed, name, {"x": float(value)}))
    return gathered(runs, units or {"x": ""})


def contrast(*samples, start=None, level=0.05):
    return judge(made(*samples, start=start), 0, level)["x"][-1]


def test_that_welch_follows_its_formula_by_hand():
    # Variances 1 and 4 of four values each: error √(1/4 + 4/4), freedom 1.25²/(0.25²/3 + 1/3).
    a = np.array([-1, -1, 1, 1]) * math.sqrt(3 / 4) + 10
    b = np.array([-1, -1, 1, 1]) * math.sqrt(3 / 4) * 2 + 13
    found = contrast(a, b)
    freedom = 1.25**2 / (0.25**2 / 3 + 1 / 3)
    t = 3 / math.sqrt(1.25)
    assert found.kind == "welch"
    assert found.away == pytest.approx(3)
    assert found.raw == pytest.approx(2 * stats.t.sf(t, freedom))
    assert found.half == pytest.approx(stats.t.ppf(0.975, freedom) * math.sqrt(1.25))
    assert found.spread == pytest.approx(2)


def test_that_p_is_that_of_scipy_for_any_samples():
    rng = np.random.default_rng(1)
    for n, m in ((2, 2), (3, 9), (8, 5)):
        a, b = rng.normal(size=n), rng.normal(0.5, 3, size=m)
        peer = stats.ttest_ind(b, a, equal_var=False)
        found = contrast(a, b)
        assert found.raw == pytest.approx(peer.pvalue, rel=1e-10)
        low, high = peer.confidence_interval(0.95)
        assert (found.away - found.half, found.away + found.half) == pytest.approx((low, high))


def test_that_equal_seeds_are_paired_and_what_they_share_cancels():
    rng = np.random.default_rng(2)
    shared = 10 * rng.normal(size=6)
    a, b = shared + 0.1 * rng.normal(size=6), shared + 1 + 0.1 * rng.normal(size=6)
    paired, apart = contrast(a, b, start=0), contrast(a, b)
    assert paired.kind == "paired"
    assert paired.raw == pytest.approx(stats.ttest_rel(b, a).pvalue, rel=1e-10)
    assert paired.significant
    assert not apart.significant, "without the pairs the seeds hide it"


def test_that_holm_is_as_in_the_example_by_hand():
    # 4·0.005, 3·0.01, then 2·0.03; the last is not below the one before.
    assert holm([0.01, math.nan, 0.04, 0.03, 0.005]) == pytest.approx(
        [0.03, math.nan, 0.06, 0.06, 0.02], nan_ok=True
    )
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize("start", [None, 0], ids=["welch", "paired"])
@pytest.mark.parametrize(("groups", "n"), [(2, 4), (5, 8)])
def test_that_chance_is_marked_no_more_often_than_the_level_says(start, groups, n):
    """All groups have one law; the share of tables with any mark stays within binomial error."""
    rng = np.random.default_rng(groups + n)
    draws = DRAWS // groups
    marked = sum(
        any(c.significant for c in judge(made(*rng.normal(size=(groups, n)), start=start))["x"])
        for _ in range(draws)
    )
    error = math.sqrt(0.05 * 0.95 / draws)
    assert marked / draws < 0.05 + 3 * error
    if groups == 2:  # then the level is met; with many Holm stays below, as they share a group
        assert marked / draws > 0.05 - 4 * error - 0.01, "Welch is a little careful with four"


def test_that_intervals_hold_the_true_difference_as_often_as_they_say():
    rng = np.random.default_rng(5)
    found = [contrast(rng.normal(size=6), rng.normal(1, 2, size=4)) for _ in range(1500)]
    held = np.mean([abs(c.away - 1) <= c.half for c in found])
    assert abs(held - 0.95) < 3 * math.sqrt(0.05 * 0.95 / 1500) + 0.01, "Welch is not exact"


def test_that_one_seed_says_nothing():
    found = contrast([1.0], [5.0])
    assert found.kind == "few"
    assert not found.significant
    assert "repeat" in sentence("B", "", "lower", found)
    assert missing_seeds(made([1.0], [5.0], start=3)) == [(4, 5, 6, 7)] * 2


def test_that_groups_get_the_same_seeds_in_the_end():
    found = gathered([(g, {}, s, f"{g}{s}", {}) for g, s in ((0, 0), (0, 1), (1, 7))], {"x": ""})
    first, second = missing_seeds(found, 5)
    assert {0, 1, *first} == {7, *second} == {0, 1, 7, 8, 9}


def test_that_what_chance_has_no_part_in_needs_no_test():
    other = contrast([0.1, 0.1], [0.3, 0.3])
    assert (other.kind, other.p, other.sign) == ("exact", 0.0, 1)
    equal = contrast([0.1, 0.1], [0.1, 0.1 + 1e-16])
    assert (equal.away, equal.sign) == (0.0, 0)
    assert "equal" in sentence("B", "", "lower", equal)


def test_that_whole_numbers_that_happen_to_agree_are_counted_by_permutations():
    assert contrast([5, 5], [6, 6]).raw == pytest.approx(2 / 6), "2 of 4 over 2 can fall so"
    assert contrast([5] * 5, [6] * 5).significant, "2 of 252"
    assert contrast([5, 8], [6, 9], start=0).raw == pytest.approx(2 / 4), "signs of two pairs"


def test_that_a_seed_counts_once():
    twice = [(0, {}, 1, "old", {"x": 1.0}), (0, {}, 1, "new", {"x": 2.0})]
    (group,) = gathered(twice, {"x": ""}).groups
    assert (group.seeds, group.runs, group.values) == ((1,), ("new",), {"x": (2.0,)})


def test_that_values_which_do_not_apply_are_left_out():
    found = judge(made([1.0, 2.0, math.nan], [4.0, 5.0, math.inf, 6.0]))["x"][1]
    assert found.seeds == (3, 2)
    assert found.mean == 5.0


def test_that_the_sentence_names_amount_chance_and_seeds():
    rng = np.random.default_rng(3)
    a = 100 + 0.3 * rng.normal(size=8)
    found = contrast(a, 96.9 + 0.3 * rng.normal(size=8))
    text = sentence("B", "", "lower", found)
    share, half = 100 * -found.away / found.first, 100 * found.half / found.first
    assert text == (
        f"B is smaller by {share:.3g} % ± {half:.2g} %, p < 0.0001, 8 seeds each, better"
    )
    assert sentence("B", "", "higher", found) == text.replace("better", "worse")
    assert sentence("B", "", "", found) == text.removesuffix(", better"), "nobody said which way"
    unsure = contrast(a, a + rng.normal(size=8))
    assert "cannot be told" in sentence("B", "J", "", unsure)


def test_that_the_level_decides_the_marks():
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=6), rng.normal(1.6, 1, size=6)
    p = contrast(a, b).p
    assert contrast(a, b, level=1.01 * p).significant
    assert not contrast(a, b, level=0.99 * p).significant


@pytest.mark.parametrize(
    ("better", "sign", "good"),
    [("lower", -1, 1), ("lower", 1, -1), ("higher", 1, 1), ("higher", -1, -1), ("", 1, 0)],
)
def test_that_a_change_is_good_the_way_that_is_declared(better, sign, good):
    assert worth(better, sign) == good
    assert worth(better, 0) == 0, "what is not significant is neither"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((0.123456, 0.00456, 8), "0.1235 ± 0.0046 (8)"),
        ((1234.5, 67.8, 3), "1234 ± 68 (3)"),
        ((1.5e-9, 2e-11, 4), "(1.500 ± 0.020)e-9 (4)"),
        ((2.5, math.nan, 1), "2.5 (1)"),
        ((2.5, 0.0, 3), "2.5 ± 0 (3)"),
        ((math.nan, math.nan, 0), "–"),
    ],
)
def test_that_means_have_the_digits_their_spread_leaves(given, text):
    assert spread_text(*given) == text


def test_that_the_csv_holds_the_statistics_with_all_digits():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=4), rng.normal(3, 1, size=4)
    found = made(a, b)
    rows = list(csv.DictReader(io.StringIO(csv_text(found, judge(found), 0))))
    assert [row["k"] for row in rows] == ["0", "1"]
    assert float(rows[1]["mean"]) == pytest.approx(b.mean(), rel=1e-15)
    assert float(rows[1]["standard deviation"]) == pytest.approx(b.std(ddof=1), rel=1e-15)
    assert float(rows[1]["p"]) == pytest.approx(stats.ttest_ind(b, a, equal_var=False).pvalue)
    assert rows[1]["compared with"] == "k = 0"
    peer = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    ends = float(rows[1]["95 % from"]), float(rows[1]["95 % to"])
    assert ends == pytest.approx((peer.low, peer.high), rel=1e-10)
    assert float(rows[1]["difference"]) == pytest.approx(b.mean() - a.mean(), rel=1e-12)
    assert rows[0]["p"] == ""
