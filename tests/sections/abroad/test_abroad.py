"""Chapter 09 from scenes to sentences: a small network on made-up scenes; readings say what numbers say."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_up_evaluations import made_up_evaluation
from made_up_networks import segmenter, with_statistics
from made_up_scenes import made_up_scenes

from helpers.metrics.intervals import Interval
from helpers.models.segmenters.predictor import Predictor
from helpers.segmentation.evaluation import evaluate, predict_scene
from helpers.show.display import to_html
from sections.abroad import trials
from sections.abroad.drop import appearance, pictures, sentences, tables
from sections.abroad.drop.measured import Shift
from sections.abroad.drop.reasons import DropReason, reasons_in_counts
from sections.abroad.remedies import sentences as about_remedies
from sections.abroad.remedies import tables as remedy_tables

SIZE = 64


class FakeStreets:
    """What a chapter asks of `helpers.segmentation.streets.Streets`, on scenes without files."""

    def __init__(self, folder, rest=10):
        self.folder, self.classes, self.names = folder, ("ground", "sky", "car"), ["toy"]
        self.model = with_statistics(segmenter(classes=self.classes))
        self.home, self.target = made_up_scenes(8, sequences=2), made_up_scenes(6, sequences=2, first=20)
        self.target_rest = made_up_scenes(rest, sequences=2, first=40)
        self.spec, self.shared = SimpleNamespace(size=SIZE), SimpleNamespace(places=None)

    def run(self, name=None):
        return SimpleNamespace(
            model=lambda: with_statistics(segmenter(classes=self.classes)), key="w", title="Toy"
        )

    def predictor(self, name=None):
        return Predictor(self.model, key="w")

    def evaluate(self, where, name=None, seed=None):
        return evaluate(self.predictor(), getattr(self, where), self.folder, size=SIZE)

    def evaluate_with(self, predictor, where, label):
        scenes = getattr(self, where)
        return evaluate(predictor, scenes, self.folder, size=SIZE, model_name=label, observers="matrices")

    def scene(self, where, position, name=None):
        return predict_scene(self.predictor(), getattr(self, where), position, SIZE)


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    return FakeStreets(tmp_path_factory.mktemp("evaluations"))


@pytest.fixture(scope="module")
def tried(streets):
    shift = trials.domain_shift(streets)
    remedies = trials.remedies_of(streets)
    return shift, remedies, trials.try_out(streets, shift, remedies)


def clear_shift():
    return Shift(made_up_evaluation(0.85, 60, 1), made_up_evaluation(0.6, 54, 2), "Home", "Abroad <b>")


def outcome(title, value, low, high, share=0.2):
    interval = Interval(value, low, high)
    shares = Interval(share, share - 0.1, share + 0.1)
    remedy = trials.Remedy(title, title, None)
    return trials.Outcome(title, remedy, Interval(0.5, 0.4, 0.6), interval, shares, np.array([0.1] * 4), None)


def test_every_remedy_is_tried_on_the_scenes_that_were_scored(streets, tried):
    shift, remedies, outcomes = tried
    assert [one.key for one in outcomes] == ["normalisation", "colours", "averaging", "together"]
    assert remedies.adapting == 10
    for one in outcomes:
        assert one.evaluation.files == shift.target.files
        assert one.gain.value == pytest.approx(one.mean_iou.value - shift.target_mean.value)
    assert any(not np.array_equal(one.evaluation.matrices, shift.target.matrices) for one in outcomes)


def test_statistics_never_come_from_evaluated_scenes(streets, tried):
    adapted = tried[1].by_key["normalisation"].predictor
    used = {scene.image for scene in adapted.images.scenes.scenes}
    assert used and not used & set(tried[0].target.files) and not used & set(tried[0].home.files)


def test_without_other_scenes_only_averaging_is_tried(tmp_path):
    streets = FakeStreets(tmp_path, rest=1)
    remedies = trials.remedies_of(streets)
    assert list(remedies.by_key) == ["averaging"] and remedies.table is None
    shift = trials.domain_shift(streets)
    assert "only averaging is tried" in about_remedies.how_adapted(remedies, shift)[0]
    assert "no unlabelled scenes" in remedy_tables.colour_examples(streets, remedies).text()
    assert len(trials.set_features(streets, remedies).between) == 1


def test_the_page_is_made_of_what_was_tried(streets, tried):
    shift, remedies, outcomes = tried
    distance = trials.set_features(streets, remedies)
    reasons = trials.drop_reasons(streets, shift)
    assert {one.key for one in reasons} == {"target_mix", "home_mix", "definitions", "region_sizes"}  # one shape
    for item in (
        remedy_tables.remedy_gain_table(shift, outcomes), remedy_tables.class_gain_map(shift, outcomes),
        remedy_tables.colour_examples(streets, remedies),
        remedy_tables.most_changed_scenes(streets, shift, outcomes[-1]), pictures.feature_plane(distance),
    ):  # fmt: skip
        assert to_html(item)
    assert all(about_remedies.remedy_verdict(shift, outcomes)) and all(sentences.feature_verdict(distance))
    results = trials.abroad_results(shift, reasons, appearance.standard_looks(shift), distance, outcomes, "Toy")
    assert results["headline"][0]["metric"] == "mean_iou" and len(results["remedies"]) == 4
    assert json.loads(json.dumps(results, allow_nan=False)) == results


def test_pictures_and_tables_of_any_number_of_classes():
    many = tuple(f"class {number}" for number in range(19))
    for classes in (("road", "sky", "car", "a $x$ <b>"), many):
        home = made_up_evaluation(0.85, 20, 1, classes=classes, absent=classes[1:2])
        target = made_up_evaluation(0.6, 20, 2, classes=classes, absent=classes[2:3])
        shift = Shift(home, target, "Home", "Abroad")
        looks = appearance.standard_looks(shift)
        drawn = [pictures.class_drop_dots(shift), pictures.confusion_maps(shift)]
        drawn += [pictures.look_boxes(looks, ("Home", "Abroad"))]
        drawn += pictures.explained_shares(shift, reasons_in_counts(shift))
        drawn += [pictures.colour_scatter(appearance.colours_and_scores(shift), "Abroad")]
        assert all(picture.pixels(dpi=40).std() > 0 for picture in drawn)
        for table in (
            tables.class_drop_table(shift), tables.home_target_table(shift), tables.region_size_table(shift),
            tables.network_drop_table([("one", shift), ("<b>", shift)]),
        ):  # fmt: skip
            assert "<b>" not in to_html(table)
    assert "car taken for person" in pictures.confusion_maps(clear_shift()).caption


def test_a_drop_is_named_only_where_it_is_one():
    assert "more than chance explains" in sentences.drop_verdict(clear_shift())[0]
    same = Shift(made_up_evaluation(0.8, 30, 1), made_up_evaluation(0.8, 30, 2), "Home", "Abroad")
    assert "could be chance" in sentences.drop_verdict(same)[0]
    found = reasons_in_counts(same)
    assert sentences.reason_verdict(same, found) == ["There is no clear drop, so no share of it can be told."]
    assert pictures.explained_shares(same, found) == []
    better = Shift(made_up_evaluation(0.6, 30, 1), made_up_evaluation(0.8, 30, 2), "Home", "Abroad")
    assert "does better abroad" in sentences.drop_verdict(better)[0]


def test_reasons_are_named_where_they_are_more_than_chance():
    shift = clear_shift()

    def reason(title, share, low, high):
        return DropReason(title, title, 0.8, 0.7, Interval(share, low, high))

    found = [reason("one", 0.3, 0.2, 0.4), reason("two", 0.1, -0.1, 0.3), reason("three", -0.2, -0.3, -0.1)]
    told = sentences.reason_verdict(shift, [*found, reason("four", 0.2, math.nan, math.nan)])[0]
    assert told == (
        "Beyond chance, a part of the drop goes away where the sets are made alike in “one” (30 %). "
        "The drop grows beyond chance with “three” (20 %)."
    )
    most = sentences.reason_verdict(shift, [reason("five", 0.5, -0.1, 0.9)])[0]
    assert most == "No reason by itself takes away more of the drop than chance would."


def test_classes_of_which_a_drop_says_little_are_named():
    home = made_up_evaluation(0.9, 30, 1)
    shift = Shift(home, made_up_evaluation(0.6, 30, 2, absent=("car",)), "Home", "Abroad")
    told = sentences.class_verdict(shift)
    assert told == [
        "Of 3 classes that both show, three lose more than chance explains, each taken by itself, and none gains "
        "as surely."
    ]
    lost = Shift(made_up_evaluation(0.05, 4, 1), made_up_evaluation(0.05, 30, 2), "Home", "Abroad")
    told = sentences.class_verdict(lost)
    assert "These classes were not learnt even at home" in told[0]
    assert told[1:] == ["There is no class that both sets show and that was learnt at home."]


def test_a_class_that_was_not_learnt_at_home_has_no_rank():
    """One that has nothing to lose must not be the one that loses least."""
    home, target = made_up_evaluation(0.9, 30, 1), made_up_evaluation(0.6, 30, 2)
    matrices = home.matrices.copy()
    matrices[:, 0] += matrices[:, 3]  # person is called what road is called
    matrices[:, 3] = 0
    matrices[:, 3, 0] = home.matrices[:, 3].sum(1)
    shift = Shift(replace(home, matrices=matrices), target, "Home", "Abroad")
    assert list(shift.unlearnt) == ["person"] and shift.class_drops[-1].name == "person"
    told = sentences.class_verdict(shift)
    assert told[0].startswith("This class was not learnt even at home") and "“person” (0.000)" in told[0]
    assert told[1].startswith("Of 3 classes that both show and that were learnt at home, three lose")
    outcomes = [outcome("One", 0.03, 0.01, 0.05)]
    drawn = remedy_tables.class_gain_map(shift, outcomes)
    assert drawn.caption.endswith("hence no test of a remedy: person.")
    assert tables.class_drop_table(shift).rows()[-1]["Learnt at home"] == "no"


def test_wins_costs_and_chance_are_told_apart():
    shift = clear_shift()
    outcomes = [
        outcome("One", 0.03, 0.01, 0.05), outcome("Two", -0.03, -0.05, -0.01), outcome("Three", 0.01, -0.01, 0.03),
    ]  # fmt: skip
    told = about_remedies.remedy_verdict(shift, outcomes)[0]
    assert told.startswith(
        "Beyond chance, each taken by itself, “One” helps and “Two” harms. “One” wins back 20 % of the drop; 0."
    )
    assert about_remedies.remedy_verdict(shift, outcomes[2:]) == [
        "Of 1 remedy, none helps or harms beyond chance."
    ]
    unsure = outcome("Five", 0.05, -0.01, 0.11)
    both = about_remedies.remedy_verdict(shift, [outcomes[0], outcome("Four", 0.02, 0.01, 0.03), unsure])[0]
    assert "“One” and “Four” help and none harms." in both


def test_colours_and_features_are_read_as_measured():
    rng = np.random.default_rng(0)
    sets = {"Home": rng.normal(size=(60, 6)), "Abroad": rng.normal(2, 1, (60, 6))}
    assert "two different places" in sentences.feature_verdict(appearance.feature_distance(sets))[0]
    near = appearance.feature_distance({"Home": sets["Home"], "Same": rng.normal(size=(60, 6))})
    assert "two different places" not in sentences.feature_verdict(near)[0]
    nothing = appearance.ColourDistance(pd.DataFrame({"distance": [], "iou": []}), math.nan, math.nan)
    assert "no correlation" in sentences.colour_verdict(nothing, "Abroad")[0]
    looks = pd.concat(
        {
            "home": pd.DataFrame({"Lightness (L*)": [-1.0, 1.0]}),
            "target": pd.DataFrame({"Lightness (L*)": [0.4, 0.5]}),
        }
    )
    assert "No colour or light" in sentences.plain_looks(looks, ("Home", "Abroad"))[0]
    assert "lighter (+0.6)" in sentences.plain_looks(looks + 0.1, ("Home", "Abroad"))[0]


def test_another_shape_is_tried_out(streets, tried):
    shift = tried[0]
    wide = replace(shift.home, facts=shift.home.facts | {"width": np.full(len(shift.home), 96.0)})
    other = replace(shift, home=wide)
    assert [one.key for one in trials.squeeze_reason(streets, other)] == ["squeeze"]
    assert "33 % wider" in sentences.squeeze_plan(other)[0]
    assert "for this to be a reason" in sentences.squeeze_plan(shift)[0]
