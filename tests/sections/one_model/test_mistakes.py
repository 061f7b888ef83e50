"""Mistakes: the right images are picked, what is measured of them is true, and the arguments follow the rules."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from helpers.models import Classifier
from helpers.show.display import to_html
from helpers.training.loop import Outputs
from sections.one_model.mistakes import causes
from sections.one_model.mistakes import measured as mistakes
from sections.one_model.mistakes import sentences as about
from sections.one_model.mistakes.measured import Facts, framed_share
from sections.one_model.mistakes.pictures import mistake_gallery, with_heat

CLASSES = ("dark <b>", "bright")
SIDE, TRAIN, TEST = 16, 40, 30


class Halves(torch.nn.Module):
    """Evidence for class 0 comes from the left half of the image, for class 1 from the right half."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Conv2d(3, 2, 3, padding=1)
        self.pool, self.output = torch.nn.AdaptiveAvgPool2d(1), torch.nn.Linear(2, 2)

    def forward(self, batch):
        maps = self.features(batch).relu()
        return self.output(self.pool(maps).flatten(1))


def make_data(seed: int = 0) -> tuple[SimpleNamespace, SimpleNamespace]:
    """A data set whose first test images are misclassified in a known way, and a run that says so."""
    rng = np.random.default_rng(seed)
    images = rng.integers(80, 170, (TRAIN + TEST, SIDE, SIDE, 3)).astype(np.uint8)
    images[TRAIN] = rng.integers(0, 12, (SIDE, SIDE, 3))  # the darkest image of all
    labels = np.arange(TRAIN + TEST) % 2
    features = rng.normal(0, 0.1, (TRAIN + TEST, 4)).astype(np.float32) + 5 * labels[:, None]
    features[TRAIN + 1] = features[2]  # labelled 1, lies exactly on a training image of class 0
    groups = np.arange(TRAIN + TEST)
    groups[TRAIN + 2] = groups[1]  # a test image of class 0 with a twin of class 1 in the training set
    probabilities = np.where(labels[:, None] == np.arange(2), 0.9, 0.1).astype(np.float32)
    probabilities[TRAIN], probabilities[TRAIN + 1], probabilities[TRAIN + 2] = (
        (0.2, 0.8),
        (0.97, 0.03),
        (0.45, 0.55),
    )
    train, test = np.arange(TRAIN), np.arange(TRAIN, TRAIN + TEST)
    outputs = {
        name: Outputs(probabilities[index], features[index], labels[index], index)
        for name, index in (("train", train), ("test", test))
    }
    splits = SimpleNamespace(
        classes=CLASSES, images=images, labels=labels, duplicate_groups=groups, train=train, test=test,
        files=[f"{CLASSES[label]}/{i:02d}.jpg" for i, label in enumerate(labels)],
        sizes=np.full((len(images), 2), 40), manifest=None, original_classes=CLASSES, original_labels=labels,
    )  # fmt: skip
    torch.manual_seed(0)
    model = Classifier(Halves(), "output", "symmetric").eval()
    return splits, SimpleNamespace(outputs=lambda part: outputs[part], model=lambda: model, title="Net")


@pytest.fixture
def evidence() -> mistakes.Evidence:
    splits, run = make_data()
    return mistakes.gather(run, splits)


def ordinary(**changes) -> Facts:
    """Facts of which nothing stands out, but for the changes."""
    facts = Facts(
        truth="cat", predicted="dog", confidence=0.6, truth_probability=0.2, pair_share=0.2, brightness=50,
        contrast=50, sharpness=50, colourfulness=50, shorter_side=200, ordinary_side=200, input_side=64,
        neighbours=10, votes_truth=2, votes_predicted=5, votes_most=5, distance_rank=50,
        activated=0.3, activated_rank=50, framed=0.3, framed_rank=50,
    )  # fmt: skip
    return replace(facts, **changes)


def test_the_worst_mistakes_come_first_and_by_class(evidence):
    assert evidence.wrong.tolist() == [1, 0, 2]  # by loss: p(truth) 0.03, 0.2, 0.45
    worst = evidence.worst(per_class=3)
    assert [one.position for one in worst] == [0, 2, 1]
    assert [one.position for one in evidence.worst(per_class=1)] == [0, 1]


def test_measured_facts_are_true(evidence):
    dark, twin, misplaced = evidence.worst()
    assert (
        dark.facts.brightness == 0
        and dark.facts.truth == "dark <b>"
        and dark.facts.confidence == pytest.approx(0.8)
    )
    assert twin.facts.duplicate_labels == ("bright",) and misplaced.facts.duplicate_labels == ()
    assert misplaced.neighbour_file == evidence.splits.files[2]
    assert (misplaced.neighbour_image == evidence.splits.images[2]).all()
    assert (misplaced.facts.votes_truth, misplaced.facts.votes_predicted) == (0, 10)
    assert misplaced.neighbour_labels == ("dark <b>",) * 10
    assert misplaced.facts.pair_share == pytest.approx(1 / 15)
    assert dark.facts.shorter_side == 40 and dark.facts.input_side == SIDE


def test_maps_are_compared_with_those_of_right_predictions(evidence):
    for one in evidence.worst():
        assert one.heat.shape == (SIDE, SIDE) and one.heat.min() >= 0 and one.heat.max() <= 1
        assert 0 <= one.facts.activated <= 1 and 0 <= one.facts.activated_rank <= 100
    assert np.isnan(evidence.facts(0).activated)


def with_test_outputs(run: SimpleNamespace, outputs: Outputs) -> SimpleNamespace:
    return SimpleNamespace(outputs=lambda part: outputs if part == "test" else run.outputs(part), model=run.model)


def test_a_model_without_mistakes():
    splits, run = make_data()
    test = run.outputs("test")
    perfect = mistakes.gather(with_test_outputs(run, replace(test, labels=test.predictions)), splits)
    assert perfect.worst() == [] and about.count_rules(perfect) == [] and mistake_gallery([]) == []
    assert about.doubts(perfect) == "No given label of the test set is called in doubt by the rules."


def test_a_model_with_nothing_but_mistakes():
    splits, run = make_data()
    test = run.outputs("test")
    hopeless = mistakes.gather(with_test_outputs(run, replace(test, labels=1 - test.predictions)), splits)
    assert len(hopeless.wrong) == TEST and len(hopeless.worst(2)) == 4
    assert "cannot be checked" in about.trust(about.count_rules(hopeless))


def test_framed_share():
    heat = np.zeros((16, 16))
    assert framed_share(heat) == 0
    heat[8, 8] = 1
    assert framed_share(heat) == 0
    heat[0, 0] = 3
    assert framed_share(heat) == 0.75
    assert framed_share(np.ones((16, 16))) == pytest.approx(1 - 144 / 256)


def test_the_picture_glows_where_the_evidence_is():
    heat = np.zeros((4, 4))
    heat[0, 0] = 1
    shown = with_heat(np.full((4, 4, 3), 100, np.uint8), heat)
    assert shown.dtype == np.uint8 and shown[0, 0].sum() > shown[3, 3].sum()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"duplicate_labels": ("dog",)}, "near-duplicate with another label"),
        ({"duplicate_labels": ("cat",)}, "near-duplicate not learnt"),
        ({"brightness": 5}, "dark"),
        ({"brightness": 95}, "bright"),
        ({"contrast": 3}, "flat"),
        ({"sharpness": 1}, "blurred"),
        ({"sharpness": 99}, "busy or noisy"),
        ({"colourfulness": 2}, "nearly grey"),
        ({"shorter_side": 63}, "enlarged"),
        ({"shorter_side": 50, "ordinary_side": 70.0}, "enlarged"),
        ({"distance_rank": 97}, "unlike the training images"),
        ({"framed_rank": 96}, "looks at the frame"),
        ({"activated_rank": 4}, "looks at one spot"),
        ({"activated_rank": 98}, "looks everywhere"),
        ({"votes_truth": 8, "votes_predicted": 2}, "the features know better"),
        ({"truth_probability": 0.55}, "close call"),
        ({"votes_truth": 4, "votes_predicted": 4, "votes_most": 4}, "between two classes"),
        ({"votes_most": 3, "votes_predicted": 3}, "nowhere at home"),
        ({"votes_predicted": 7, "votes_most": 7}, "looks like the other class"),
        (
            {
                "confidence": 0.95,
                "truth_probability": 0.01,
                "votes_predicted": 9,
                "votes_truth": 0,
                "pair_share": 0.02,
            },
            "label in doubt",
        ),
    ],
)
def test_each_rule_holds_when_its_threshold_is_crossed(changes, name):
    assert causes.causes(ordinary()) == []
    facts = ordinary(**changes)
    assert causes.causes(facts)[0].name == name
    text = causes.argue(facts)
    assert "Worth trying" in text and "{" not in text and "nan" not in text


def test_every_rule_is_tested():
    cases = test_each_rule_holds_when_its_threshold_is_crossed.pytestmark[0].args[1]
    assert {name for _, name in cases} == {rule.name for rule in causes.CAUSE_RULES}
    assert set(causes.COMPARED) | set(causes.DATA_RULES) <= {rule.name for rule in causes.CAUSE_RULES}


def test_a_common_confusion_does_not_put_the_label_in_doubt():
    facts = ordinary(confidence=0.99, truth_probability=0, votes_predicted=10, votes_truth=0, pair_share=0.3)
    assert [rule.name for rule in causes.causes(facts)] == ["looks like the other class"]


def test_explanations_quote_what_was_measured():
    text = causes.argue(ordinary(brightness=3, votes_predicted=7))
    between = ordinary(votes_truth=4, votes_predicted=6)
    assert [rule.name for rule in causes.causes(between)] == ["between two classes"]  # not of the other as well
    assert causes.argue(ordinary(contrast=0)).startswith("The image has less contrast than all of the training")
    assert text.startswith("The image is darker than 97 % of the training images. Seven of the 10 nearest")
    assert "“dog”" in text
    nothing = causes.argue(ordinary())
    assert "Nothing that was measured stands out" in nothing


def test_rules_that_do_not_tell_are_not_believed(evidence):
    counted = about.count_rules(evidence)
    dark = next(one for one in counted if one.rule.name == "dark")
    assert (dark.among_wrong, dark.wrong, dark.right) == (1, 3, TEST - 3)
    assert "None of the rules" in about.trust(counted)
    telling = replace(dark, among_wrong=40, wrong=50, among_right=5, right=100, p_value=0.001)
    assert "“dark” (80 % against 5 %, p = 0.001)" in about.trust([telling])
    reversed_ = replace(telling, among_wrong=1)
    assert "None of the rules" in about.trust([reversed_])


def test_readings_over_all_mistakes(evidence):
    assert about.doubts(evidence).startswith(
        "One label of the test set is in doubt: “dark <b>/42.jpg”. Labels that"
    )
    evidence.splits.manifest = {
        "wrong_labels": [{"file": f"dark <b>/{i}.jpg", "true_class": "bright"} for i in (42, 44)]
    }
    assert "has 2 wrong labels planted in its test set: one of them is among" in about.doubts(evidence)
    rows = about.rule_table(about.count_rules(evidence)).rows()
    assert len(rows) == len(causes.CAUSE_RULES)
    assert sum(row["Holds for mistakes"] is not None for row in rows) == len(causes.COMPARED)


def test_neighbours_are_looked_for_among_some_images_of_a_large_set(evidence, monkeypatch):
    monkeypatch.setattr(mistakes, "MOST_SEARCHED", 20)
    some = mistakes.gather(evidence.run, evidence.splits, neighbours=5)
    labels = evidence.splits.labels[evidence.splits.train]
    searched = np.unique(some.near.index)
    assert len(searched) <= some.searched <= 21 and set(labels[searched]) <= set(labels)
    train, test = evidence.run.outputs("train").features, evidence.run.outputs("test").features
    found = np.linalg.norm(train[some.near.index[:, 0]] - test, axis=1)
    np.testing.assert_allclose(found, some.near.distance[:, 0], rtol=1e-5)


def test_the_gallery_escapes_names_and_describes_pictures(evidence):
    cards = mistake_gallery(evidence.worst())
    html = to_html(cards)
    assert "<b>" not in html and "dark &lt;b&gt;" in html
    assert html.count("<img ") == 9 and 'alt=""' not in html
    assert "Grad-CAM" in cards.text()


def test_a_small_file_is_no_cause_where_all_files_are_small():
    named = [rule.name for rule in causes.causes(ordinary(shorter_side=50, ordinary_side=50.0))]
    assert "enlarged" not in named
