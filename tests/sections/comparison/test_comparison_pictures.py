"""Pictures and tables of chapter 06 for any number of models, classes and mistakes, and any names."""

import pytest
from made_up_runs import FakeSplits, answering, model_runs

from helpers.show.display import to_html
from helpers.show.words import short_number
from sections.comparison.costs import accuracy_against_cost, cost_table, model_costs
from sections.comparison.scores.measured import compare_models
from sections.comparison.scores.pictures import (
    MOST_DRAWN_CLASSES,
    agreement_bars,
    class_marks,
    pair_dots,
    score_dots,
)
from sections.comparison.scores.tables import (
    class_change_table,
    comparison_table,
    hardest_gallery,
    model_pair_table,
    pattern_table,
)


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_chapter_06_draws_any_number_of_models(count):
    runs = {name: [run] for name, run in model_runs(count).items()}
    found, spent = compare_models(runs), model_costs(runs)
    pictures = [score_dots(found), pair_dots(found), class_marks(found), agreement_bars(found)]
    for picture in [*pictures, accuracy_against_cost(found, spent)]:
        assert picture.pixels(dpi=40).std() > 0
    splits = FakeSplits(found.classes, len(found.labels))
    tables = [comparison_table(found), model_pair_table(found), class_change_table(found), pattern_table(found)]
    for item in [*tables, cost_table(found, spent, runs), hardest_gallery(found, splits)]:
        assert "<b>&" not in to_html(item)


def test_alternative_texts_tell_the_numbers():
    runs = {"a": [answering("a", [0, 0, 0, 1], [0, 0, 1, 1])], "b": [answering("b", [0, 0, 0, 1], [1, 1, 1, 1])]}
    found = compare_models(runs)
    assert "Accuracy: A 75.0 %, B 25.0 %" in score_dots(found).alt
    assert "right by every model, by some, by none: 1/2/1" in agreement_bars(found).alt
    assert "1 pair of models. More than chance explains: 0." in pair_dots(found).alt
    assert "class 0 67/0" in class_marks(found, "recall").alt
    without = {name: [answering(name, [0, 0, 0], [0, 1, 0])] for name in "ab"}
    assert "class 1" not in class_marks(compare_models(without), "recall").alt


def test_many_classes_are_cut_to_what_a_screen_holds():
    classes = tuple(f"class {number}" for number in range(MOST_DRAWN_CLASSES + 10))
    found = compare_models({name: [run] for name, run in model_runs(2, classes=classes).items()})
    for picture in (class_marks(found), agreement_bars(found)):
        assert f"The {MOST_DRAWN_CLASSES} of {MOST_DRAWN_CLASSES + 10} classes" in picture.caption


def test_a_note_where_every_image_is_right_somewhere():
    runs = {"a": [answering("a", [0, 1], [0, 1])]}
    assert (
        "no test image that every model gets wrong"
        in hardest_gallery(compare_models(runs), FakeSplits((), 2)).text()
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (93_898, "93.9 k"), (1_234_567, "1.2 M"), (2_890_000, "2.9 M"), (11_181_642, "11.2 M")],
)
def test_short_numbers(value, text):
    assert short_number(value) == text
