"""Pictures and tables of chapter 05 for any number of models and mistakes, and any names."""

import numpy as np
import pytest
from made_up_runs import ODD, FakeSplits, model_runs

from helpers.show.display import to_html
from helpers.show.picture import Picture
from sections.distances.measured import find_mistakes, look_at_own_mistakes, look_from_every_space, most_stubborn
from sections.distances.pictures import both_distances, margins, shares_nearer
from sections.distances.tables import confusion_table, image_table, space_table


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("noise", [0.01, 3.0])
def test_chapter_05_draws_many_mistakes_or_none(count, noise):
    runs = model_runs(count, noise=noise)
    mistakes = find_mistakes(runs["m0"])
    assert bool(len(mistakes)) == (noise > 1)
    spaces, own = look_from_every_space(runs, mistakes), look_at_own_mistakes(runs)
    for picture in (margins(spaces, ODD), both_distances(spaces, ODD), shares_nearer(spaces, own, ODD)):
        assert picture.pixels(dpi=40).std() > 0 if isinstance(picture, Picture) else not len(mistakes)
    splits = FakeSplits(runs["m0"].classes, mistakes.of)
    chosen = most_stubborn(spaces, np.arange(len(mistakes)), 4)
    for item in (
        space_table(spaces, "caption"),
        confusion_table(mistakes, spaces, splits.classes),
        image_table(splits, mistakes, spaces, chosen, "caption"),
    ):
        assert "<b>&" not in to_html(item)


def test_image_table_says_on_which_side_each_model_puts_an_image():
    runs = model_runs(2)
    mistakes = find_mistakes(runs["m0"])
    spaces = look_from_every_space(runs, mistakes)
    splits = FakeSplits(runs["m0"].classes, mistakes.of)
    (row,) = image_table(splits, mistakes, spaces, [1], "").rows()
    for space in spaces.values():
        truth, mistake = space.distances.relative_to_truth[1], space.distances.relative_to_predicted[1]
        assert row[space.title] == f"{truth:.2f} {'<' if truth < mistake else '>'} {mistake:.2f}"
    assert row["Taken for"] == splits.classes[mistakes.predicted[1]]


def test_a_picture_is_the_same_each_time():
    runs = model_runs(2)
    spaces = look_from_every_space(runs, find_mistakes(runs["m0"]))
    one, other = (margins(spaces, ODD).pixels(dpi=40) for _ in range(2))
    assert (one == other).all()
