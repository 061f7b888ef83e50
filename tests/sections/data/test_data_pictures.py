"""Pictures and tables of chapter 01 show the numbers and images they are given."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from made_up_splits import made_up_splits, unreadable

from helpers.datasets.types import Duplicates
from helpers.show.display import to_html
from sections.data import measured as audit
from sections.data import pictures as plots
from sections.data import tables


def test_bars_show_the_shares():
    counts = np.array([[70, 35], [10, 5], [10, 30]])
    picture = plots.class_distribution(counts, ("cat", "dog $1$"))
    (axes,) = picture.figure.axes
    shown = [[bar.get_width() for bar in group] for group in axes.containers]
    assert np.allclose(shown, [[200 / 3, 100 / 3], [200 / 3, 100 / 3], [25, 75]])
    assert [text.get_text() for text in picture.figure.legends[0].texts] == ["training", "validation", "test"]
    assert "cat 70/10/10" in picture.alt
    assert to_html(picture)  # the dollar signs do not start a formula


def test_of_many_classes_the_largest_are_shown():
    counts = np.tile(np.arange(1, 61), (3, 1))
    picture = plots.class_distribution(counts, [f"class {c}" for c in range(60)])
    shown = [label.get_text() for label in picture.figure.axes[0].get_yticklabels()]
    assert shown == [f"class {c}" for c in range(20, 60)] and "40 largest of 60" in picture.caption


@pytest.mark.parametrize("sizes", [[[64, 64]] * 3, [[30, 60], [4000, 3000], [100, 100]]])
def test_sizes_of_one_kind_and_of_many(sizes):
    picture = plots.image_sizes(np.array(sizes), 64)
    drawn, histogram = picture.figure.axes
    assert len(drawn.collections[0].get_offsets()) == len({tuple(size) for size in sizes})  # a cell for each size
    assert sum(bar.get_height() for bar in histogram.patches) == 3
    low, high = drawn.get_xlim()
    assert low < min(map(min, sizes)) and high > max(map(max, sizes)) and to_html(picture)


def test_examples_are_of_the_class_and_of_the_part():
    labels = np.array([0, 1] * 20)
    index = np.arange(0, 30)
    for label, chosen in enumerate(plots.draw_examples(labels[index], 2, 5)):
        assert len(chosen) == 5 and (labels[index[chosen]] == label).all()
    assert [len(row) for row in plots.draw_examples(labels[:3], 2, 5)] == [2, 1]


def test_sheet_has_a_row_for_each_class_up_to_a_limit():
    images = np.zeros((60, 8, 8, 3), np.uint8)
    labels = np.arange(60) % 30
    picture = plots.example_sheet(images, labels, [f"class {c}" for c in range(30)], np.arange(60))
    assert len(picture.figure.axes[0].get_yticks()) == 20 and "first 20 of 30" in picture.caption and picture.photo


def test_contact_sheet_places_images_row_by_row():
    images = np.stack([np.full((8, 8, 3), value, np.uint8) for value in (10, 20, 30)])
    sheet = plots.contact_sheet([images[:2], images[2:]], tile=4, gap=1)
    assert sheet.shape == (9, 9, 3)
    assert (sheet[0, 0, 0], sheet[0, 5, 0], sheet[5, 0, 0], sheet[5, 5, 0]) == (10, 20, 30, 255)


def test_batch_sheet_takes_channels_first():
    batch = np.zeros((3, 3, 8, 8), np.uint8)
    batch[:, 0] = 200  # red
    picture = plots.batch_sheet(batch, np.array([1, 0, 1]), ("cat", "dog"))
    assert picture.figure[0, 0].tolist() == [200, 0, 0] and "dog, cat, dog" in picture.alt


def test_leak_picture_counts_every_seed():
    picture = plots.leak_over_seeds([0.02, 0.04, 0.03], 0.0)
    (axes,) = picture.figure.axes
    assert sum(bar.get_height() for bar in axes.patches) == 3 and list(axes.lines[0].get_xdata()) == [0, 0]
    assert "between 2.0 and 4.0 %" in picture.alt
    assert to_html(plots.leak_over_seeds([0.0], 0.0))


@pytest.fixture
def splits():
    return made_up_splits(
        [0, 0, 1, 1, 0, 1],
        train=[0, 2, 4],
        val=[3],
        test=[1, 5],
        groups=[0, 0, 0, 3, 4, 5],
        duplicates=Duplicates(exact=[(0, 1)], near=[(0, 2, 0.05, "mirrored")]),
        classes=("cat", "<script>"),
        unreadable=[unreadable(f"cat/{number}.jpg") for number in range(40)],
    )


def test_pairs_say_labels_parts_and_distance(splits):
    gallery = tables.pair_gallery(splits, audit.duplicate_pairs(splits), most=6)
    first, second = gallery.cards
    assert first.facts == {"labelled": "cat", "used for": "training and test", "distance": "an exact copy"}
    assert second.facts["labelled"] == "cat and <script>" and second.facts["distance"] == "0.050"
    assert second.facts["one is"] == "mirrored" and "one is" not in first.facts
    assert "<script>" not in gallery.html() and tables.pair_gallery(splits, []) == []


def test_of_many_pairs_the_ends_are_shown(splits):
    pairs = [audit.DuplicatePair(0, 1, n / 100) for n in range(50)]
    distances = [card.facts["distance"] for card in tables.pair_gallery(splits, pairs, most=3).cards]
    assert distances[0] == "0.001" and distances[-1] == "0.490" and len(distances) == 3


def test_tables_hold_every_fact_and_escape_names(splits):
    facts = tables.facts_table(splits)
    assert "CC0" in facts.text() and "&lt;toys&gt;" in facts.html() and "cited" not in facts.text()
    listed = tables.unreadable_table(splits)
    assert "cat/29.jpg" in listed.text() and "10 more are not listed" in listed.text()
    counts = tables.counts_table(audit.part_counts(splits), splits.classes).rows()
    assert counts[-1] == {"Class": "all classes", "training": 3, "validation": 1, "test": 2, "all": 6}
    assert tables.finds_table({}) == []


def test_facts_of_merged_classes_and_scenes(splits):
    taken = {"classes": ("pet",), "labels": np.zeros_like(splits.labels), "original_classes": ("cat", "dog")}
    merged = replace(splits, **taken, original_labels=splits.labels, scenes=splits.groups)
    facts = tables.facts_table(merged).text()
    assert "1, made of the set's own 2. pet: cat, dog" in facts and "Scenes" in facts
    assert "made of" not in tables.facts_table(splits).text() and "Scenes" not in tables.facts_table(splits).text()


def test_cover_is_a_sheet_of_training_images(splits, tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_REPORTS", str(tmp_path))
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    path = tables.write_cover(splits)
    assert path == tmp_path / "toys" / "cover.webp"
    sheet = cv2.imread(str(path))
    assert sheet.shape[1] == 3 * 96 + 2 * 3  # three training images, one row
    before = path.read_bytes()
    assert tables.write_cover(splits).read_bytes() == before


def test_loaders_are_timed_by_images(monkeypatch):
    clock = iter([10.0, 12.0])
    monkeypatch.setattr(audit.time, "perf_counter", lambda: next(clock))
    batches = [(np.zeros((4, 3)), None)] * 3
    assert audit.images_per_second(iter(batches), most=2) == 4  # two batches of four images in two seconds
