"""The gallery as a person uses it: found by words and lists, run, or only set up."""

from __future__ import annotations

from importlib.resources import files

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTextBrowser

from ui.manual import Manual
from ui.thumbnails import thumbnail

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def gallery(user):
    """The gallery with all its cards, none left out."""
    user.window.commands["gallery"].trigger()
    page = user.window.demos.gallery
    user.until(page.complete, "all cards are made")
    page.clear()
    user.rest()
    return page


def shown(gallery) -> list[tuple[str, str]]:
    return [card._ids for card in gallery.cards if not card.isHidden()]


def card(gallery, method: str, example: str):
    return next(c for c in gallery.cards if c._ids == (method, example))


def test_that_every_example_of_every_method_has_a_card(user, gallery):
    methods = user.window._catalogue.methods
    assert shown(gallery) == [(m.id, e.name) for m in methods for e in m.examples]
    assert f"{len(gallery.cards)} examples" in gallery._count.text()


def test_that_the_start_page_the_palette_and_a_key_lead_to_the_gallery(user, gallery):
    window = user.window

    def from_start() -> None:
        user.click(user.button("All examples…", window.start))

    def by_palette() -> None:
        user.press(Qt.Key.Key_P, CTRL, SHIFT)
        box = user.until(QApplication.activePopupWidget, "the palette opens")
        QTest.keyClicks(box.findChild(QLineEdit), "gallery")
        QTest.keyClick(box.findChild(QLineEdit), Qt.Key.Key_Return)

    def by_key() -> None:
        user.press(Qt.Key.Key_G, CTRL)

    for way in (from_start, by_palette, by_key):
        window.show_start()
        assert not gallery.isVisible()
        way()
        user.until(gallery.isVisible, way.__name__)


def test_that_words_are_looked_for_in_titles_stories_methods_and_authors(user, gallery):
    user.click(gallery.search)
    QTest.keyClicks(gallery.search, "half circle cuturi")
    assert shown(gallery) == [("transport.sinkhorn", "two_moons")]
    assert f"1 of {len(gallery.cards)}" in gallery._count.text()


def test_that_the_lists_narrow_down_by_family_data_and_paper(user, gallery):
    user.pick(gallery.lists["family"], "PDE")
    assert {method.partition(".")[0] for method, _ in shown(gallery)} == {"pde"}
    gallery.clear()
    user.pick(gallery.lists["data"], "Two surfaces made of triangles")
    kinds = {method for method, _ in shown(gallery)}
    assert kinds == {"transport.functional_maps_ot", "transport.shape_interpolation"}
    gallery.clear()
    user.pick(gallery.lists["paper"], "Karras")
    assert {method for method, _ in shown(gallery)} == {"diffusion.edm_sampler"}


def test_that_only_those_with_a_known_answer_can_be_shown(user, gallery):
    user.click(gallery.known)
    left = shown(gallery)
    assert ("transport.exact_ot", "gaussians_1d") in left
    assert ("transport.exact_ot", "two_moons") not in left
    families = [method.partition(".")[0] for method, _ in left]
    assert min(map(families.count, user.window._catalogue.families)) >= 3


def test_that_where_nothing_fits_the_way_back_is_one_click(user, gallery):
    user.click(gallery.search)
    QTest.keyClicks(gallery.search, "no such thing")
    assert shown(gallery) == []
    user.click(user.button("Show all examples", gallery))
    assert len(shown(gallery)) == len(gallery.cards)


def test_that_a_click_on_a_card_runs_it_and_the_verdict_is_said(user, gallery):
    user.click(gallery.search)
    QTest.keyClicks(gallery.search, "sorting is enough")
    user.rest()
    user.click(card(gallery, "transport.exact_ot", "gaussians_1d")._picture)
    run = user.over(user.window.plots.run)
    assert (run.method, run.example) == ("transport.exact_ot", "gaussians_1d")
    assert "as known: cost = 4.25 (closed form for Gaussians)" in run.text
    assert "as known: cost = 4.25" in user.window.log.text()
    said = [label.text() for label in user.window.run_pane.findChildren(QLabel)]
    assert any("as known: cost = 4.25" in text for text in said)


def test_that_set_up_chooses_data_and_settings_and_does_not_run(user, gallery):
    before = user.window.plots.run
    user.click(gallery.search)
    QTest.keyClicks(gallery.search, "vortices adrift")
    user.rest()
    user.click(user.button("Set up", card(gallery, "pde.navier_stokes_2d", "drifting_cells")))
    assert user.window.setup.method() == "pde.navier_stokes_2d"
    assert user.window.inputs.example() == "drifting_cells"
    assert user.window.parameters.values()["viscosity"] == 0.02
    assert user.window.plots.run is before
    assert "press Run" in user.window.status.currentMessage()


def test_that_the_buttons_of_a_card_are_reached_and_pressed_by_keys(user, gallery):
    user.click(gallery.search)
    QTest.keyClicks(gallery.search, "the easy case")
    for _ in range(12):
        user.press(Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if isinstance(focus, QPushButton) and focus.accessibleName().startswith("Run Singular"):
            break
    else:
        raise AssertionError("Tab did not reach the card")
    user.press(Qt.Key.Key_Space)
    user.until(gallery.isHidden, "the plots come into sight")
    assert user.over(user.window.plots.run).example == "fast_decay"


def test_that_a_card_without_a_picture_shows_the_name_of_its_method(user):
    drawn = thumbnail("pde.something_new", "example", "Something new").toImage()
    middle = drawn.pixelColor(drawn.width() // 2, 12)
    assert middle.name() == "#009e73"
    other = thumbnail("pde.navier_stokes_2d", "taylor_green", "Navier–Stokes").toImage()
    assert other.size() == drawn.size()
    assert other.pixelColor(other.width() // 2, 12).name() != "#009e73"


def test_that_the_pictures_are_small_files_of_examples_that_exist(user, gallery):
    examples = {".".join(card._ids) for card in gallery.cards}
    pictures = [f for f in files("resources").joinpath("gallery").iterdir() if f.suffix == ".png"]
    assert {f.stem.removesuffix("-dark") for f in pictures} <= examples
    for file in pictures:
        assert file.stat().st_size <= 12_000, file.name
        assert Image.open(file).width >= 200, file.name


def test_that_f1_in_the_gallery_opens_the_page_about_it(user, gallery):
    user.click(gallery.search)
    with user.stalls.paused():  # the manual is made when it is first asked for
        user.press(Qt.Key.Key_F1)
        manual = user.until(lambda: user.window.findChild(Manual), "the manual")
    page = manual.findChild(QTextBrowser)
    user.until(lambda: page.toPlainText().startswith("Showing it to others"), "its page")
    manual.close()
