"""Whether an example with a known answer found it. The only place that says so."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engines.method import Example, Expect, Method
from engines.problem import Result


def verdict(example: Example, settings: Method, result: Result) -> str:
    """`as known: cost = 4.25 (closed form), found 4.25013, within 0.001`; else empty.

    An answer is known for the settings of the example alone.
    """
    if not example.expects or not _its_own(example, settings):
        return ""
    found = {name: value for name, value, _ in result.scalars()}
    sentences = [_sentence(name, e, found[name]) for name, e in example.expects.items()]
    agree = all(holds(e, found[name]) for name, e in example.expects.items())
    return f"{'as known' if agree else 'NOT as known'}: {'; '.join(sentences)}"


def holds(expect: Expect, found: float) -> bool:
    """Whether a number is as near as it must be; NaN never is."""
    return abs(found - expect.value) <= expect.within


def known_text(expects: Mapping[str, Expect]) -> str:
    """`cost = 4.25 (closed form)`, before any run."""
    return "; ".join(_known(name, e) for name, e in expects.items())


def _sentence(name: str, expect: Expect, found: float) -> str:
    text = f"{_known(name, expect)}, found {found:.6g}"
    near = "within" if holds(expect, found) else "further off than"
    return f"{text}, {near} {expect.within:.2g}"


def _known(name: str, expect: Expect) -> str:
    return f"{name.replace('_', ' ')} = {expect.value:.6g} ({expect.source})"


def _its_own(example: Example, settings: Method) -> bool:
    own = type(settings).model_validate_json(json.dumps(dict(example.settings)))
    return own == settings
