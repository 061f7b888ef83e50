"""Pictures and tables of chapters 05 and 06 for any number of models, classes and mistakes, and any names."""

import numpy as np
import pytest
from made_up_runs import answering, made_up_run

from helpers.show.display import to_html, to_text
from helpers.show.words import short_number
from sections.comparison.costs import accuracy_against_cost
from sections.comparison.scores.measured import compare, costs
from sections.comparison.scores.pictures import (
    MOST_CLASSES,
    agreement_bars,
    class_scores,
    pair_differences,
    score_dots,
)
from sections.comparison.scores.tables import (
    class_change_table,
    cost_table,
    hardest_gallery,
    pair_items,
    pair_table,
    pattern_table,
    score_table,
)
from sections.distances.measured import (
    by_confusion,
    find_mistakes,
    look_at_own_mistakes,
    look_from_every_space,
    most_stubborn,
)
from sections.distances.pictures import distance_scatter, paired_distances, shares_nearer
from sections.distances.tables import confusion_table, image_table, space_table

ODD = "a $x_1$ <b>&"


class FakeSplits:
    """Four grey pixels for every image, and the names that go with them."""

    def __init__(self, classes: tuple[str, ...], images: int):
        self.classes = classes
        self.images = np.full((images, 4, 4, 3), 120, np.uint8)
        self.files = [f"{ODD}/{number}.jpg" for number in range(images)]


def model_runs(count: int, noise: float = 3.0, classes: tuple[str, ...] = ("cat", "dog", ODD)) -> dict:
    return {
        f"m{k}": made_up_run(f"m{k}", noise + k, classes=classes, title=f"Model {k} {ODD}") for k in range(count)
    }


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_chapter_06_draws_any_number_of_models(count):
    runs = {name: [run] for name, run in model_runs(count).items()}
    found, spent = compare(runs), costs(runs)
    pictures = [score_dots(found), pair_differences(found), class_scores(found), agreement_bars(found)]
    for picture in [*pictures, accuracy_against_cost(found, spent)]:
        assert picture.pixels(dpi=40).std() > 0
    splits = FakeSplits(found.classes, len(found.labels))
    assert len(pair_items(found)) == (2 if count > 1 else 0)
    tables = [score_table(found), pair_table(found), class_change_table(found), pattern_table(found)]
    for item in [*tables, cost_table(found, spent), hardest_gallery(found, splits)]:
        assert "<b>&" not in to_html(item)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("noise", [0.01, 3.0])
def test_chapter_05_draws_many_mistakes_or_none(count, noise):
    runs = model_runs(count, noise=noise)
    mistakes = find_mistakes(runs["m0"])
    assert bool(len(mistakes)) == (noise > 1)
    spaces, own = look_from_every_space(runs, mistakes), look_at_own_mistakes(runs)
    for picture in (distance_scatter(spaces, ODD), paired_distances(spaces, ODD), shares_nearer(spaces, own, ODD)):
        assert picture.pixels(dpi=40).std() > 0
    splits = FakeSplits(runs["m0"].classes, mistakes.of)
    kinds = by_confusion(mistakes, spaces, 5)
    chosen = most_stubborn(spaces, 4)
    for item in (
        space_table(spaces, "caption"),
        confusion_table(kinds, spaces, splits.classes, "caption"),
        image_table(splits, mistakes, spaces, chosen, "caption"),
    ):
        assert "<b>&" not in to_html(item)


def test_alternative_texts_tell_the_numbers():
    runs = {"a": [answering("a", [0, 0, 0, 1], [0, 0, 1, 1])], "b": [answering("b", [0, 0, 0, 1], [1, 1, 1, 1])]}
    found = compare(runs)
    assert "Accuracy: A 75.0 %, B 25.0 %" in score_dots(found).alt
    assert "right by every model, by some, by none: 1/2/1" in agreement_bars(found).alt
    assert "1 pair of models. More than chance explains: 0." in pair_differences(found).alt
    assert "class 0 67/0" in class_scores(found, "recall").alt


def test_many_classes_are_cut_to_what_a_screen_holds():
    classes = tuple(f"class {number}" for number in range(MOST_CLASSES + 10))
    found = compare({name: [run] for name, run in model_runs(2, classes=classes).items()})
    for picture in (class_scores(found), agreement_bars(found)):
        assert f"The {MOST_CLASSES} of {MOST_CLASSES + 10} classes" in picture.caption


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


def test_a_note_where_every_image_is_right_somewhere():
    runs = {"a": [answering("a", [0, 1], [0, 1])]}
    assert "no test image that every model gets wrong" in to_text(
        hardest_gallery(compare(runs), FakeSplits((), 2))
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (93_898, "93.9 k"), (1_234_567, "1.2 M"), (2_890_000, "2.9 M"), (11_181_642, "11.2 M")],
)
def test_short_numbers(value, text):
    assert short_number(value) == text
