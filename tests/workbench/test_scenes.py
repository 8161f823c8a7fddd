"""The file of scenes: what is kept, and what a damaged one does."""

from __future__ import annotations

import json

import pytest

from workbench.scenes import NAME, Scene, Scenes, Sight

SIGHT = Sight(3, (((0.0, 1.0), (-2.0, 2.5)), None), (30.0, -15.0, 1.5, (0.1, -0.2)))


@pytest.fixture
def store(tmp_path):
    (tmp_path / "runs").mkdir()
    return Scenes(tmp_path)


def test_that_scenes_are_read_as_they_were_written(store):
    scenes = [Scene("one", "00001-a.h5", "plan", SIGHT, "Look here."), Scene("two", "b.h5", "")]
    store.write(scenes)
    assert store.read() == scenes
    assert store.complaint == ""


def test_that_a_workspace_without_scenes_has_none(store):
    assert store.read() == []
    assert store.complaint == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"scenes": 3}', "\x00\x01", "[" * 100_000])
def test_that_a_damaged_file_is_said_in_one_sentence(store, tmp_path, text):
    (tmp_path / NAME).write_text(text)
    assert store.read() == []
    assert "is no list of scenes" in store.complaint
    assert "\n" not in store.complaint


def test_that_one_damaged_scene_does_not_take_the_others_along(store, tmp_path):
    store.write([Scene("one", "a.h5", "plan"), Scene("two", "b.h5", "plan")])
    held = json.loads((tmp_path / NAME).read_text())
    held["scenes"][0]["sight"]["frame"] = "third"
    (tmp_path / NAME).write_text(json.dumps(held))
    assert [scene.name for scene in store.read()] == ["two"]
    assert "cannot be read" in store.complaint


def test_that_records_of_the_workspace_are_named_from_its_folder_and_move_with_it(tmp_path):
    here, there = Scenes(tmp_path / "here"), Scenes(tmp_path / "there")
    record = tmp_path / "here" / "runs" / "00001-a.h5"
    scene = Scene("one", here.short(str(record)), "plan")
    assert scene.record == "00001-a.h5"
    assert here.path(scene) == record
    assert there.path(scene) == tmp_path / "there" / "runs" / "00001-a.h5"
    outside = tmp_path / "elsewhere.h5"
    assert there.path(Scene("two", here.short(str(outside)), "plan")) == outside


def test_that_a_failed_write_leaves_the_old_file(store, tmp_path):
    store.write([Scene("one", "a.h5", "plan")])
    (tmp_path / "scenes.new").mkdir()  # in the way of the new one
    with pytest.raises(IsADirectoryError):
        store.write([])
    assert [scene.name for scene in store.read()] == ["one"]
