"""Classes that look alike, an untrue augmentation, the largest losses: counted right and told from the numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from made_up_splits import made_up_splits
from scipy.stats import binomtest, mannwhitneyu

from helpers.base.errors import StudyError
from helpers.metrics.comparison import pair_differences
from helpers.metrics.image_facts import ImageFacts
from helpers.models import Classifier
from helpers.show.display import to_html
from helpers.study.recipe import ModelSpec
from helpers.training.loop import Outputs
from sections.augmentation.counterexample import sentences as about_untrue
from sections.augmentation.counterexample.measured import Counterexample, counterexample_results, misled_images
from sections.augmentation.counterexample.tables import misled_gallery, risk_table
from sections.comparison.scores.measured import compare_models
from sections.look_alikes import measured as look_alikes
from sections.look_alikes import sentences as about
from sections.look_alikes.mix_ups import mix_up, rank_sum_test
from sections.look_alikes.pictures import mixed_up_dots
from sections.look_alikes.tables import direction_table, pair_galleries
from sections.one_model.mistakes import measured as mistakes
from sections.one_model.mistakes.sentences import top_losses

CLASSES = ("left", "right <b>", "middle")


def test_a_pair_is_counted_both_ways_and_against_all_mistakes():
    found = mix_up([[10, 4, 1], [0, 20, 0], [3, 0, 7]], 0, 1)
    assert (found.there_count, found.back_count, found.first_images, found.second_images) == (4, 0, 15, 20)
    assert found.there.value == 4 / 15 and found.of_mistakes.value == 4 / 8 and found.both.value == 4 / 35
    assert found.direction_p < 0.05


def test_models_are_compared_on_the_images_of_the_pair_alone():
    labels = np.array([0] * 20 + [1] * 20 + [2] * 20)
    good, bad = labels.copy(), labels.copy()
    bad[:12] = 1  # twelve images of class 0 are taken for class 1
    bad[40:] = 0  # class 2 is lost altogether, which is no business of this pair
    one, other = pair_differences(labels, {"good": good, "bad": bad}, [(0, 1), (0, 2)])
    assert (one.images, one.mixed_a, one.mixed_b, one.worse) == (40, 0, 12, "bad")
    assert one.p_value == pytest.approx(binomtest(0, 12).pvalue) and one.p_adjusted == pytest.approx(one.p_value)
    assert one.difference.value == pytest.approx(12 / 40) and other.mixed_b == 20
    assert pair_differences(labels, {"good": good, "bad": good}, [(0, 1)])[0].worse is None


@pytest.mark.parametrize("seed", range(4))
def test_the_rank_test_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 12, 9 + seed), rng.integers(2, 14, 14)
    expected = mannwhitneyu(a, b, method="asymptotic").pvalue
    assert rank_sum_test(a, b) == pytest.approx(expected)
    assert rank_sum_test([1, 1, 1], [1, 1]) == 1.0


class Sides(torch.nn.Module):
    """Sees which third of the image is brightest."""

    def __init__(self):
        super().__init__()
        self.maps, self.output = torch.nn.Conv2d(3, 3, 1), torch.nn.Linear(3, 3)
        with torch.no_grad():
            self.maps.weight.copy_(torch.eye(3)[..., None, None])
            self.maps.bias.zero_()
            self.output.weight.copy_(8 * torch.eye(3))
            self.output.bias.zero_()

    def forward(self, batch):
        maps = self.maps(batch)
        thirds = [maps[..., :3], maps[..., -3:], maps[..., 3:-3]]
        return self.output(torch.stack([third.mean(dim=(1, 2, 3)) for third in thirds], dim=1))


def bright(labels: np.ndarray) -> np.ndarray:
    """Images (n, 9, 9, 3) with a bright third each."""
    images = np.random.default_rng(0).integers(0, 60, (len(labels), 9, 9, 3)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, [slice(0, 3), slice(6, 9), slice(3, 6)][label]] += 180
    return images


def a_run(name: str, images, labels, parts, answers=None, augment=None) -> SimpleNamespace:
    """A run of `Sides`; `answers` replaces what it says of the test images."""
    model = Classifier(Sides(), "output", "symmetric").eval()
    batch = model.preprocess(torch.from_numpy(images).permute(0, 3, 1, 2))
    with torch.no_grad():
        logits, features = model.logits_and_features(batch)
    probabilities = logits.softmax(1).numpy()
    if answers is not None:
        probabilities[parts["test"]] = 0.05 + 0.85 * np.eye(3, dtype=np.float32)[answers]
    outputs = {
        part: Outputs(probabilities[index], features.numpy()[index], labels[index], index)
        for part, index in parts.items()
    }
    return SimpleNamespace(
        name=name, title=name.title(), classes=CLASSES, spec=ModelSpec(title=name, augment=augment or {}),
        outputs=outputs.__getitem__, scenes=None, model=lambda device="cpu": model,
    )  # fmt: skip


@pytest.fixture
def case(monkeypatch):
    """90 training and 90 test images; a model that is right, and one that confuses left and right."""
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    monkeypatch.setenv("IMAGE_COURSE_PRECISION", "float32")
    labels = np.arange(180) % 3
    images, parts = bright(labels), {"train": np.arange(90), "test": np.arange(90, 180)}
    splits = made_up_splits(labels.tolist(), list(range(90)), [], list(range(90, 180)), classes=CLASSES)
    object.__setattr__(splits, "images", images)
    truth = labels[90:]
    answers = truth.copy()
    mixed = np.flatnonzero(truth < 2)[:14]
    answers[mixed] = 1 - truth[mixed]
    honest = a_run("honest", images, labels, parts, augment={"rotation": 5.0})
    wrong = a_run("wrong", images, labels, parts, answers, augment={"rotation": 5.0, "flip": 0.5})
    return splits, honest, wrong, mixed


def test_what_mirroring_makes_alike_is_at_risk_and_suffers(case):
    splits, honest, wrong, mixed = case
    one = Counterexample(honest, wrong, splits)
    assert honest.outputs("test").correct.all() and one.extra == {"flip": 0.5} and not one.other_differences
    assert one.at_risk == [(0, 1)]
    assert one.guise.changed[0, 1] == 1.0 == one.guise.changed[2, 2] and one.guise.plain[0, 0] == 1.0
    assert [(pair.mixed_a, pair.mixed_b) for pair in one.suffering] == [(0, 14)]
    assert one.within_risk.only_a == 14 and one.beyond_risk.only_a == 0
    assert counterexample_results(one)["suffering"][0]["classes"] == ["left", "right <b>"]
    assert set(one.confusions(20)) == set(mixed)


def test_what_is_said_of_an_untrue_augmentation(case):
    one = Counterexample(case[1], case[2], case[0])
    assert "in one thing: flip 0.5" in about_untrue.recipe_difference(one)[0]
    assert "it hurt" in about_untrue.overall_effect(one)[0]
    (risk,) = about_untrue.pairs_at_risk(one)
    assert "mirrored images look like another class in 1 pair of classes" in risk and "as before: “middle”" in risk
    (reason,) = about_untrue.mistakes_at_risk(one)
    assert "from 0 to 14" in reason and "nothing got worse" in reason
    cards = misled_images(one, 4)
    html = to_html(misled_gallery(one, cards)) + to_html(risk_table(one))
    assert (
        "<b>" not in html.replace("<b>Reading", "")
        and "mirrored" in html
        and "4 of 14 test images" in html
        and len(cards) == 4
    )
    assert all(case[0].labels[card.neighbour] == card.answer for card in cards)  # what it resembles when mirrored


def test_an_augmentation_that_does_no_harm_is_not_blamed(case):
    splits, honest, _, _ = case
    same = SimpleNamespace(**(vars(honest) | {"name": "same", "spec": honest.spec.model_copy(
        update={"augment": {"rotation": 5.0, "brightness": 0.1}})}))  # fmt: skip
    one = Counterexample(honest, same, splits)
    assert one.at_risk == [] and one.suffering == [] and misled_images(one) == []
    assert "no pair that this augmentation should confuse" in about_untrue.pairs_at_risk(one)[0]
    assert "neither harm nor benefit" in about_untrue.overall_effect(one)[0]
    assert "There is no test image" in misled_gallery(one, []).text()
    assert about_untrue.mistakes_at_risk(one) == []


def a_study(*pairs):
    return SimpleNamespace(look_alikes=[list(pair) for pair in pairs])


def test_look_alikes_under_one_model(case):
    splits, _, wrong, mixed = case
    evidence = mistakes.gather(wrong, splits)
    found = look_alikes.examine_pairs(evidence, a_study(("left", "right <b>"), ("left", "middle")), evidence)
    first, second = found.pairs
    assert set(first.positions) == set(mixed) and len(second.positions) == 0
    assert (first.mix_up.there_count, first.mix_up.back_count) == (7, 7)
    told = about.mixed_up(found)
    (told,) = told
    assert "not clearly more one way than the other (p = 1.00, Fisher's exact test); 14 of all 14 mistakes" in told
    assert "100 %, where evenly over all pairs of classes it would be 33 %" in told
    assert told.endswith("“left” and “middle” are never taken for each other.")
    shown = pair_galleries(evidence, found, most=2)
    assert len(shown) == 1 and len(shown[0].cards) == 2 and "2 of 14" in shown[0].caption
    assert "<b>" not in to_html(direction_table(found))
    assert [one.mix_up.there_count for one in found.pairs] == [7, 0]


def test_what_sets_mixed_up_images_apart_is_told_where_it_is_measured():
    n = 40
    labels = np.zeros(n, dtype=int)
    answers = (np.arange(n) < 12).astype(int)
    facts = {name: np.full(n, 50.0) for name in ("contrast", "sharpness", "colourfulness")}
    looks = ImageFacts(brightness=np.where(answers == 1, 10.0, 60.0) + np.arange(n) / 100, **facts)
    outputs = Outputs(0.1 + 0.8 * np.eye(2)[answers], np.zeros((n, 2)), labels, np.arange(n))
    evidence = SimpleNamespace(
        outputs=outputs, predictions=answers, wrong=np.flatnonzero(answers), looks=looks,
        splits=SimpleNamespace(classes=("glacier", "mountain")), run=SimpleNamespace(title="Net"),
    )  # fmt: skip
    none = SimpleNamespace(**{**vars(evidence), "predictions": labels})
    study = a_study(("glacier", "mountain"))
    (told,) = about.distinctions(look_alikes.examine_pairs(none, study, evidence))
    assert told.startswith("Validation images of “glacier” that were taken for “mountain” are darker")
    assert "contrast" not in told
    assert "Too few validation" in about.distinctions(look_alikes.examine_pairs(evidence, study, none))[0]


def test_an_unknown_look_alike_is_named():
    with pytest.raises(StudyError, match="no class 'glaciers'"):
        look_alikes.class_pairs(a_study(("glaciers", "sea")), ("glacier", "sea"))


def test_look_alikes_over_models(case):
    _, honest, wrong, _ = case
    found = look_alikes.compare_on_pairs(
        compare_models({"honest": [honest], "wrong": [wrong]}), a_study(("left", "right <b>"))
    )
    (told,) = about.told_apart(found)
    assert "beyond chance: Honest mixes up fewer than Wrong (p < 0.001)" in told
    assert "Wrong 23.3 %" in mixed_up_dots(found).alt
    assert look_alikes.results_over_models(found)[0]["mixed_up"]["wrong"]["count"] == 14


def test_the_largest_losses_are_told_with_their_part_of_the_whole(case):
    splits, honest, wrong, _ = case
    evidence = mistakes.gather(wrong, splits)
    told = top_losses(evidence, 3)
    part = evidence.loss[evidence.wrong[:3]].sum() / evidence.loss.sum()
    assert f"{100 * part:.0f} % comes from the 3 images" in told and "planted" not in told
    assert "no loss is worth a look" in top_losses(mistakes.gather(honest, splits), 3)
