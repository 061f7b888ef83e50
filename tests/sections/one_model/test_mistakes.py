"""Mistakes: the right images are picked, what is measured of them is true, and advice follows rules that hold."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from helpers.base.paths import plain
from helpers.datasets.augmentations import AUGMENTATIONS
from helpers.metrics.tables import fisher_exact
from helpers.models import Classifier
from helpers.show.display import to_html
from helpers.study.recipe import ModelSpec
from helpers.training.loop import Outputs
from sections.one_model.mistakes import causes
from sections.one_model.mistakes import measured as mistakes
from sections.one_model.mistakes import sentences as about
from sections.one_model.mistakes.measured import Facts, framed_share
from sections.one_model.mistakes.pictures import mistake_gallery, with_heat
from sections.one_model.mistakes.ranks import percentile_rank

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
    groups[TRAIN + 2] = groups[1]  # a test image of class 0 with a near-duplicate of class 1 in the training set
    probabilities = np.where(labels[:, None] == np.arange(2), 0.9, 0.1).astype(np.float32)
    probabilities[TRAIN], probabilities[TRAIN + 1], probabilities[TRAIN + 2] = (
        (0.2, 0.8),
        (0.97, 0.03),
        (0.45, 0.55),
    )
    train, test = np.arange(TRAIN), np.arange(TRAIN, TRAIN + TEST)
    outputs = {
        name: Outputs(probabilities[index], features[index], labels[index], index)
        for name, index in (("train", train), ("test", test), ("val", test))
    }
    splits = SimpleNamespace(
        classes=CLASSES, images=images, labels=labels, duplicate_groups=groups, train=train, test=test,
        files=[f"{CLASSES[label]}/{i:02d}.jpg" for i, label in enumerate(labels)],
        sizes=np.full((len(images), 2), 40), manifest=None, original_classes=CLASSES, original_labels=labels,
    )  # fmt: skip
    torch.manual_seed(0)
    model = Classifier(Halves(), "output", "symmetric").eval()
    run = SimpleNamespace(outputs=outputs.__getitem__, model=lambda: model, title="Net", spec=ModelSpec())
    return splits, run


@pytest.fixture
def evidence() -> mistakes.Evidence:
    splits, run = make_data()
    return mistakes.gather(run, splits, "val")


def ordinary(**changes) -> Facts:
    """Facts of which nothing stands out, but for the changes."""
    facts = Facts(
        truth="cat", predicted="dog", confidence=0.6, truth_probability=0.2, lead=0.4, pair_share=0.2,
        brightness=50, contrast=50, sharpness=50, colourfulness=50, shorter_side=200, ordinary_side=200,
        input_side=64, neighbours=10, votes_truth=2, votes_predicted=5, votes_other=5, distance_rank=50,
        activated=0.3, activated_rank=50, framed=0.3, framed_rank=50,
    )  # fmt: skip
    return replace(facts, **changes)


def test_the_worst_mistakes_come_first_and_by_class(evidence):
    assert evidence.wrong.tolist() == [1, 0, 2]  # by loss: p(truth) 0.03, 0.2, 0.45
    worst = evidence.worst(per_class=3)
    assert [one.position for one in worst] == [0, 2, 1]
    assert [one.position for one in evidence.worst(per_class=1)] == [0, 1]


def test_of_near_duplicates_the_worst_is_shown_alone(evidence):
    groups = evidence.splits.duplicate_groups
    groups[TRAIN + 2] = groups[TRAIN]  # both of class 0, the second with the smaller loss
    assert [one.position for one in evidence.worst(per_class=3)] == [0, 1]
    groups[TRAIN + 1] = groups[TRAIN]  # of the other class, with the largest loss of all
    assert [one.position for one in evidence.worst(per_class=3)] == [1]


def test_measured_facts_are_true(evidence):
    dark, copy, misplaced = evidence.worst()
    assert (
        dark.facts.brightness == 0
        and dark.facts.truth == "dark <b>"
        and dark.facts.confidence == pytest.approx(0.8)
    )
    assert copy.facts.duplicate_labels == ("bright",) and misplaced.facts.duplicate_labels == ()
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


def gather_with(**changes) -> mistakes.Evidence:
    """The validation images of a run that says something else of them."""
    splits, run = make_data()
    val = replace(run.outputs("val"), **changes)
    parts = SimpleNamespace(**{**vars(run), "outputs": lambda part: val if part == "val" else run.outputs(part)})
    return mistakes.gather(parts, splits, "val")


def test_a_model_without_mistakes():
    perfect = gather_with(labels=make_data()[1].outputs("val").predictions)
    assert perfect.worst() == [] and about.count_rules(perfect) == [] and mistake_gallery([]) == []
    assert about.doubts(perfect) == "No label of the 30 validation images is in doubt by the rules."
    assert about.trust(perfect, []) == (
        "Of the 30 validation images the network gets every one right: no rule can be checked by them."
    )
    assert about.rule_table(perfect, []) == about.doubt_gallery(perfect) == []


def test_a_model_with_nothing_but_mistakes():
    hopeless = gather_with(labels=1 - make_data()[1].outputs("val").predictions)
    assert len(hopeless.wrong) == TEST and len(hopeless.worst(2)) == 4
    assert "gets none right: no rule" in about.trust(hopeless, about.count_rules(hopeless))


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
        ({"lead": 0.05}, "close call"),
        ({"votes_truth": 4, "votes_other": 4}, "between two classes"),
        ({"votes_other": 3}, "nowhere at home"),
        ({"votes_other": 7}, "looks like another class"),
        ({"confidence": 0.95, "votes_predicted": 9, "votes_truth": 0, "pair_share": 0.02}, "label in doubt"),
    ],
)
def test_each_rule_holds_when_its_threshold_is_crossed(changes, name):
    def held(facts):
        return [rule.name for rule in (*causes.CAUSE_RULES, causes.IN_DOUBT) if rule.holds(facts)]

    assert held(ordinary()) == [] and held(ordinary(**changes)) == [name]
    if name != "label in doubt":  # it can be asked of a right prediction, too
        assert name in held(ordinary(**changes, predicted="cat"))


def test_every_rule_is_tested():
    cases = test_each_rule_holds_when_its_threshold_is_crossed.pytestmark[0].args[1]
    assert {name for _, name in cases} == {rule.name for rule in (*causes.CAUSE_RULES, causes.IN_DOUBT)}


def test_a_label_is_not_in_doubt_where_the_confusion_is_common_or_the_prediction_right():
    sure = {"confidence": 0.99, "votes_predicted": 10, "votes_truth": 0}
    assert causes.IN_DOUBT.holds(ordinary(**sure, pair_share=0.01))
    assert not causes.IN_DOUBT.holds(ordinary(**sure, pair_share=0.3))
    assert not causes.IN_DOUBT.holds(ordinary(**sure, pair_share=0.01, predicted="cat"))


def cures(name: str, input_side: int = 64, **recipe) -> str:
    (rule,) = (rule for rule in causes.CAUSE_RULES if rule.name == name)
    setting = causes.Setting(ModelSpec(**recipe), input_side, 200)
    return "; ".join(cure.text for cure in rule.cures if cure.is_new(setting))


@pytest.mark.parametrize(
    ("name", "advice", "has_it"),
    [
        ("looks at one spot", "“erasing”", {"augment": {"erasing": 0.25}}),
        ("looks at one spot", "“erasing”", {"augment": {"cutmix": 1.0}}),
        ("dark", "“jitter”", {"augment": {"trivial_augment": 1.0}}),
        ("dark", "“jitter”", {"augment": {"jitter": 0.25}}),
        ("dark", "“jitter”", {"augment": {"brightness": 0.25}}),
        ("bright", "“jitter”", {"phases": [{"epochs": 1, "augment": {"jitter": 0.3}}]}),
        ("flat", "“contrast”", {"augment": {"contrast": 0.2}}),
        ("blurred", "“blur”", {"augment": {"blur": 1.0}}),
        ("busy or noisy", "“noise”", {"augment": {"noise": 0.1}}),
        ("nearly grey", "“saturation”", {"augment": {"jitter": 0.2}}),
        ("looks at the frame", "“crop”", {"augment": {"crop": 0.5}}),
        ("nowhere at home", "pretrained", {"architecture": "resnet18", "pretrained": True}),
        ("looks like another class", "pretrained", {"architecture": "resnet18", "pretrained": True}),
        ("looks everywhere", "larger images", {"input_side": 200}),
    ],
)
def test_what_a_recipe_has_is_not_advised(name, advice, has_it):
    assert advice in cures(name) and advice not in cures(name, **has_it) and cures(name, **has_it)


def test_an_augmentation_that_does_nothing_is_advised_still():
    assert "“erasing”" in cures("looks at one spot", augment={"erasing": 0.0})
    assert "“crop”" in cures("looks at the frame", augment={"crop": 1.0, "flip": 0.5})


def test_nothing_is_left_unsaid_where_a_recipe_has_everything():
    everything = {name: known.lowest or 0.5 for name, known in AUGMENTATIONS.items()}
    everything |= {"crop": 0.5, "rand_augment": 9.0}
    everything = {name: strength or 0.1 for name, strength in everything.items()}
    for rule in causes.CAUSE_RULES:
        assert cures(rule.name, 200, architecture="resnet18", pretrained=True, augment=everything), rule.name


def test_rules_about_activation_hold_for_five_per_cent_of_right_predictions(evidence):
    counted = {one.rule.name: one for one in about.count_rules(evidence)}
    assert set(counted) == {rule.name for rule in causes.CAUSE_RULES}
    for name in ("looks at the frame", "looks everywhere", "unlike the training images"):
        assert counted[name].among_right <= np.ceil(0.05 * counted[name].right) + 1, name


def test_a_rule_that_is_chance_is_found_telling_seldom():
    """Where right and wrong predictions are alike, what is ranked among the right ones tells in 5 % at most."""
    rng, found = np.random.default_rng(0), 0
    for _ in range(300):
        values, right = rng.random(60), rng.permutation(60) < 40
        held = percentile_rank(values, values[right]) >= causes.HIGH
        a, b = int(held[~right].sum()), int(held[right].sum())
        found += fisher_exact(a, 20, b, 40) < 0.05 and a / 20 > b / 40
    assert found <= 0.05 * 300


def counted(evidence, **changes) -> list[about.RuleCount]:
    """All rules, each holding for 10 of 100 mistakes and as many right predictions, but for `dark`."""
    rules = [about.RuleCount(rule, 10, 100, 10, 100, 1.0) for rule in causes.CAUSE_RULES]
    return [replace(one, **changes) if one.rule.name == "dark" else one for one in rules]


def test_rules_that_do_not_tell_are_not_believed(evidence):
    dark = next(one for one in about.count_rules(evidence) if one.rule.name == "dark")
    assert (dark.among_wrong, dark.wrong, dark.right) == (1, 3, TEST - 3)
    few = about.trust(evidence, [replace(one, wrong=1) for one in about.count_rules(evidence)])
    assert few.startswith(
        "Compared were 1 of the 3 mistakes and 27 right predictions on 30 validation images. So few"
    )
    none = about.trust(evidence, counted(evidence))
    assert f"None of the {len(causes.CAUSE_RULES)} rules holds" in none and "Worth trying" not in none
    assert about.trust(evidence, counted(evidence, among_wrong=1, p_value=0.001)).endswith(none[-60:])  # fewer
    telling = about.trust(evidence, counted(evidence, among_wrong=80, p_value=0.001))
    assert "“dark” (80 % against 10 %, p = 0.001). Worth trying" in telling
    assert "(augmentation “brightness” or “jitter”) or add training images like these (“dark”)." in telling


def test_labels_in_doubt_are_told_with_how_they_fared(evidence):
    splits = evidence.splits
    assert about.doubts(evidence) == "Of the labels of the 30 validation images 1 is in doubt: “dark <b>/42.jpg”."
    assert "In doubt" not in (shown := about.doubt_gallery(evidence)).caption and len(shown.cards) == 1
    assert "Validation images with a label in doubt" in shown.caption and "80 %" in shown.caption

    def planted(*places: int) -> str:
        splits.manifest = {
            "wrong_labels": [{"file": splits.files[i], "true_class": CLASSES[1 - i % 2]} for i in places]
        }
        return about.doubts(evidence).split("By the plan of these drawn images ")[1]

    assert planted() == "the doubt is unfounded, and no label among them is wrong."
    assert planted(42) == "the doubt is justified, and no wrong label among them escaped."
    assert planted(42, 44) == "the doubt is justified, and one of the 2 wrong labels among them escaped."
    assert planted(44) == "the doubt is unfounded, and the one wrong label among them escaped."
    assert planted(44, 45) == "the doubt is unfounded, and both wrong labels among them escaped."
    splits.duplicate_groups[TRAIN + 5] = splits.duplicate_groups[2]  # a right prediction, and its label conflicts
    assert planted(42).startswith("one of the 2 doubts is justified, and no wrong label")
    assert planted(42, 45).startswith("two of the 2 doubts are justified, and no wrong label")
    kept = about.rule_results(evidence, about.count_rules(evidence))
    assert kept["doubts"] == ["dark <b>/42.jpg", "bright/45.jpg"] and kept["part"] == "val"
    assert json.loads(json.dumps(plain(kept)))["counts"][0]["rule"] == causes.CAUSE_RULES[0].name


def test_the_table_has_every_rule_with_what_it_was_compared_on(evidence):
    table = about.rule_table(evidence, about.count_rules(evidence))
    *rows, doubt = table.rows()
    assert len(rows) == len(causes.CAUSE_RULES) and "validation images" in table.caption
    assert all(row["Holds for mistakes"] is not None for row in rows) and doubt["Holds for mistakes"] is None


def test_neighbours_are_looked_for_among_some_images_of_a_large_set(evidence, monkeypatch):
    monkeypatch.setattr(mistakes, "MOST_SEARCHED", 20)
    some = mistakes.gather(evidence.run, evidence.splits, "test", neighbours=5)
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


def test_cards_of_test_images_describe_and_advise_nothing():
    splits, run = make_data()
    (first, *_) = mistake_gallery(mistakes.gather(run, splits).worst()).cards
    html = to_html(first)
    assert "Test image of" in html and not first.paragraph
    told = html.lower()
    assert not any(word in told for word in ("worth trying", "in doubt", "correct", "augmentation", "add "))


def test_a_small_file_is_no_cause_where_all_files_are_small():
    held = [rule.name for rule in causes.CAUSE_RULES if rule.holds(ordinary(shorter_side=50, ordinary_side=50.0))]
    assert "enlarged" not in held
