"""Chapter 09 from scenes to sentences: a small network on made-up scenes; readings say what numbers say."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from made_up_evaluations import made_up_evaluation
from made_up_networks import segmenter, with_statistics
from made_up_scenes import made_up_scenes

from helpers.metrics.intervals import Interval
from helpers.models.segmenters.predictor import Predictor
from helpers.segmentation.evaluation import evaluate, predict_scene
from helpers.show.display import to_html, to_text
from sections.abroad import trials
from sections.abroad.drop import appearance, tables
from sections.abroad.drop import matrices as domain_matrices
from sections.abroad.drop import pictures as plots
from sections.abroad.drop import sentences as about
from sections.abroad.drop.measured import Shift
from sections.abroad.drop.reasons import reasons, size_groups
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
        self.spec = SimpleNamespace(size=SIZE)

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
    shift = trials.compare(streets)
    remedies = trials.remedies_of(streets)
    return shift, remedies, trials.try_out(streets, shift, remedies)


def clear_shift():
    return Shift(made_up_evaluation(0.85, 60, 1), made_up_evaluation(0.6, 54, 2), "Home", "Abroad <b>")


def outcome(key, value, low, high, share=0.2):
    interval = Interval(value, low, high)
    shares = Interval(share, share - 0.1, share + 0.1)
    return trials.Outcome(
        key, key.title(), key, Interval(0.5, 0.4, 0.6), interval, shares, np.array([0.1] * 4), None
    )


def test_every_remedy_is_tried_on_the_scenes_that_were_scored(streets, tried):
    shift, remedies, outcomes = tried
    assert [one.key for one in outcomes] == ["normalisation", "colours", "averaging", "together"]
    assert remedies.adapting == 10
    for one in outcomes:
        assert one.evaluation.files == shift.target.files
        assert one.gain.value == pytest.approx(one.mean_iou.value - shift.target_mean.value)
    assert any(not np.array_equal(one.evaluation.matrices, shift.target.matrices) for one in outcomes)


def test_statistics_never_come_from_evaluated_scenes(streets, tried):
    adapted = tried[1]["normalisation"].predictor
    used = {scene.image for scene in adapted.images.scenes.scenes}
    assert used and not used & set(tried[0].target.files) and not used & set(tried[0].home.files)


def test_without_other_scenes_only_averaging_is_tried(tmp_path):
    streets = FakeStreets(tmp_path, rest=1)
    remedies = trials.remedies_of(streets)
    assert [one.key for one in remedies.tried] == ["averaging"] and remedies.table is None
    shift = trials.compare(streets)
    assert "only averaging is tried" in about_remedies.how_adapted(remedies, shift)[0]
    assert "no unlabelled scenes" in to_text(remedy_tables.colour_examples(streets, remedies))
    assert len(trials.features(streets, remedies).between) == 1


def test_the_page_is_made_of_what_was_tried(streets, tried):
    shift, remedies, outcomes = tried
    distance = trials.features(streets, remedies)
    squeeze = trials.squeeze_reason(streets, shift)
    assert squeeze is None  # scenes of both sets have one shape
    for item in (
        *remedy_tables.remedy_pictures(shift, outcomes), remedy_tables.remedy_table(shift, outcomes),
        remedy_tables.gain_table(shift, outcomes), remedy_tables.colour_examples(streets, remedies),
        remedy_tables.before_after(streets, shift, remedies, outcomes[-1]), tables.distance_table(distance),
        plots.feature_plane(distance),
    ):  # fmt: skip
        assert to_html(item)
    assert all(about_remedies.remedies(shift, outcomes)) and all(about.distance(distance))
    found = trials.abroad_results(shift, reasons(shift), appearance.looks(shift), distance, outcomes, "Toy")
    assert found["headline"][0]["metric"] == "mean_iou" and set(found["remedies"]) == {one.key for one in outcomes}


def test_pictures_and_tables_of_any_number_of_classes():
    many = tuple(f"class {number}" for number in range(19))
    for classes in (("road", "sky", "car", "a $x$ <b>"), many):
        home = made_up_evaluation(0.85, 20, 1, classes=classes, absent=classes[1:2])
        target = made_up_evaluation(0.6, 20, 2, classes=classes, absent=classes[2:3])
        shift = Shift(home, target, "Home", "Abroad")
        titles, looks = ("Home", "Abroad"), appearance.looks(shift)
        pictures = [plots.class_drops(shift), *tables.matrices(shift), plots.looks(looks, titles)]
        pictures += [plots.sizes(size_groups(shift), titles), *tables.reason_picture(shift, reasons(shift))]
        pictures += [plots.colour_distance(appearance.colour_distance(shift), "Abroad")]
        assert all(picture.pixels(dpi=40).std() > 0 for picture in pictures)
        for table in (
            tables.class_table(shift), tables.change_table(shift), tables.score_table(shift),
            tables.reason_table(shift, reasons(shift)), tables.look_table(looks, titles),
            tables.size_table(size_groups(shift)),
        ):  # fmt: skip
            assert "<b>" not in to_html(table)
    assert "Largest changes" in domain_matrices.difference(clear_shift()).alt


def test_a_drop_is_named_only_where_it_is_one():
    assert "more than chance explains" in about.drop(clear_shift())[0]
    same = Shift(made_up_evaluation(0.8, 30, 1), made_up_evaluation(0.8, 30, 2), "Home", "Abroad")
    assert "could be chance" in about.drop(same)[0]
    assert about.reasons(same, reasons(same)) == ["There is no clear drop, so no share of it can be told."]
    assert tables.reason_picture(same, reasons(same)) == []
    better = Shift(made_up_evaluation(0.6, 30, 1), made_up_evaluation(0.8, 30, 2), "Home", "Abroad")
    assert "does better abroad" in about.drop(better)[0]


def test_classes_of_one_set_only_are_named():
    home = made_up_evaluation(0.9, 30, 1)
    shift = Shift(home, made_up_evaluation(0.6, 30, 2, absent=("car",)), "Home", "Abroad")
    assert "only Home shows “car”" in about.drop(shift)[2]
    assert about.classes(shift)[0].startswith("Of 3 classes that both show, 3 lose more than chance explains")


def test_wins_costs_and_chance_are_told_apart():
    shift = clear_shift()
    outcomes = [
        outcome("one", 0.03, 0.01, 0.05), outcome("two", -0.03, -0.05, -0.01), outcome("three", 0.01, -0.01, 0.03),
        outcome("together", 0.02, 0.01, 0.03),
    ]  # fmt: skip
    told, whole = about_remedies.remedies(shift, outcomes)
    assert "One: wins 0.030 (95 % interval 0.010 to 0.050), 20 % of the drop." in told
    assert "Two: costs 0.030 (95 % interval 0.010 to 0.050)." in told
    assert "Three: changes mean IoU by +0.010" in told and "which could be chance" in told
    assert "add up to 0.010, together they make 0.020: better than one by one" in whole


def test_colours_and_features_are_read_as_measured():
    rng = np.random.default_rng(0)
    sets = {
        "Home": rng.normal(size=(60, 6)),
        "Abroad": rng.normal(2, 1, (60, 6)),
        "matched": rng.normal(1, 1, (60, 6)),
    }
    far, closer = about.distance(appearance.feature_distance(sets))
    assert "inputs it did not learn" in far and "brings the sets together" in closer
    near = about.distance(appearance.feature_distance({"Home": sets["Home"], "Same": rng.normal(size=(60, 6))}))
    assert "inputs it did not learn" not in near[0]
    nothing = appearance.ColourDistance(np.zeros(3), np.zeros(3), math.nan, math.nan)
    assert "no correlation" in about.colour_distance(nothing, "Abroad")[0]


def test_another_shape_is_tried_out(streets, tried):
    shift = tried[0]
    wide = replace(shift.home, facts=shift.home.facts | {"width": np.full(len(shift.home), 96.0)})
    other = replace(shift, home=wide)
    squeeze = trials.squeeze_reason(streets, other)
    assert squeeze.key == "squeeze" and "33 % wider" in about.shape(other)[0]
    assert "cannot be a reason" in about.shape(shift)[0]
