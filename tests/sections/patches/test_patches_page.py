"""Tables, pictures and sentences about maps of patches."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_up_evaluations import made_up_evaluation

from helpers.metrics.intervals import Interval
from helpers.metrics.segmentation import only_errors
from helpers.segmentation.patches.large import ClassMap
from sections.patches.cutting import sentences as about
from sections.patches.cutting import tables
from sections.patches.cutting.inside import near_and_inside
from sections.patches.cutting.measured import WayToCut
from sections.street_scenes.scores.measured import Results

CLASSES = ("desert", "sea")


def setting(patch, stride, iou, low=None, high=None):
    score = Interval(iou, iou - 0.1, iou + 0.1)
    difference = None if low is None else Interval((low + high) / 2, low, high)
    return WayToCut(patch, stride, 4096 // stride**2 * 4, score, score, difference)


OWN = setting(64, 32, 0.70)


def class_map(name, share, confidence):
    prediction = np.zeros((10, 20), np.uint8)
    prediction[: round(10 * share)] = 1
    return ClassMap(
        name, np.zeros((10, 20, 3), np.uint8), prediction, np.full((10, 20), confidence, np.float32), 4
    )


def test_a_clearly_better_way_of_cutting_is_named_with_its_cost():
    told = " ".join(
        about.cutting_verdict([OWN, setting(64, 16, 0.75, 0.02, 0.08), setting(64, 64, 0.6, -0.15, -0.05)])
    )
    assert (
        "The highest mean IoU of 3 ways is that with patch 64, stride 16; it differs from the study's own" in told
    )
    assert "more than chance, for 4.0 times the work" in told and "no more" not in told
    assert "Clearly worse than it: patch 64, stride 64." in told


def test_a_better_way_that_chance_could_give_is_called_so():
    told = " ".join(about.cutting_verdict([OWN, setting(64, 64, 0.71, -0.03, 0.05)]))
    assert (
        "no more than chance could do, for 25 % of the work" in told
        and "None of the others is clearly worse" in told
    )


def test_where_the_own_way_is_best_nothing_is_recommended():
    assert about.cutting_verdict([OWN, setting(64, 64, 0.6, -0.2, -0.1)]) == [
        "None of the other ways scores higher than the study's own (patch 64, stride 32). Clearly worse than it: "
        "patch 64, stride 64."
    ]


def test_ways_of_cutting_as_a_table():
    ways = [OWN, setting(64, 16, 0.75, 0.02, 0.08)]
    table = tables.settings_table(ways).text()
    assert "0.700 [0.600, 0.800]" in table and "+0.050 [+0.020, +0.080]" in table


def test_errors_inside_regions_come_from_the_last_band():
    found = made_up_evaluation()
    rows = {row.name: row for row in near_and_inside(found).itertuples()}
    inside, near = found.band_matrices[-1], found.band_matrices[:-1].sum(0)
    assert list(rows) and len(rows) == len(found.classes)
    for c, name in enumerate(found.classes):
        row = rows[name]
        if inside[c].sum():
            assert row.inside == pytest.approx(inside[c, c] / inside[c].sum())
            wrong = only_errors(inside)[c]
            if wrong.any():
                assert row.mistaken_for == found.classes[wrong.argmax()]
                assert row.errors_inside == pytest.approx(wrong.sum() / (wrong.sum() + only_errors(near)[c].sum()))
    known = near_and_inside(found)["inside"].dropna()
    assert list(known) == sorted(known)


def test_what_looks_alike_inside_stands_in_the_table():
    nothing = float("nan")
    rows = pd.DataFrame(
        [("desert", 0.6, 0.8, 0.3, "sea", 0.15), ("wood", 0.7, 0.99, 0.1, "sea", 0.01),
         ("ice", nothing, nothing, nothing, None, nothing)],
        columns=["name", "near", "inside", "errors_inside", "mistaken_for", "mistaken"],
    )  # fmt: skip
    table = tables.inside_table(rows).text()
    assert "Inside taken for" in table and "15.0\N{NO-BREAK SPACE}%" in table and "nan" not in table.lower()


def test_tiles_are_compared_with_pixels_far_from_borders():
    results = Results(made_up_evaluation(), "Net")
    far = results.evaluation.band_matrices[-1]
    right = np.trace(far) / far.sum()

    def run(tiles):
        correct = np.arange(100_000) < 100_000 * tiles
        return SimpleNamespace(outputs=lambda part: SimpleNamespace(correct=correct))

    same, better = about.tiles_and_pixels(run(right), results), about.tiles_and_pixels(run(1.0), results)
    assert "about as good as on single tiles" in same[0]
    assert same[0].startswith(f"Of single test tiles {100 * right:.1f} %")
    assert "less than of single tiles" in better[0] or right > 0.98


def test_large_images_are_described_and_their_absence_is_said(tmp_path):
    part = SimpleNamespace(
        classes=CLASSES, large_folder=tmp_path / "my_scenes",
        home=SimpleNamespace(colours=np.array([(200, 100, 0), (0, 0, 200)], np.uint8)),
    )  # fmt: skip
    maps = [class_map("a.png", 0.5, 0.9), class_map("b.png", 0.0, 0.6)]
    text = tables.large_gallery(maps, part).text().replace("\N{NO-BREAK SPACE}", " ")
    assert "a.png: 20 × 10 pixels, 4 patches" in text and "desert: 50.0 % of the image, 90 % sure" in text
    assert "sea" not in text.split("b.png")[1].split("Nobody")[0]
    assert "my_scenes" in tables.large_gallery([], part).text()


def test_four_overlapping_patches_are_outlined_inside_the_image():
    image = np.zeros((100, 140, 3), np.uint8)
    drawn = tables.outlined(image, patch=32, stride=16)
    assert not image.any()
    for colour in tables.OUTLINES:
        ys, xs = np.nonzero((drawn == colour).all(axis=2))
        assert ys.min() > 0 and ys.max() < 99 and xs.min() > 0 and xs.max() < 139
