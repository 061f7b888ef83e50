"""Training may round to bfloat16; whatever is scored, compared or shown is computed in float32."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from made_up_scenes import CLASSES, made_up_scenes
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from helpers.base.device import full_precision
from helpers.datasets.loader import ImagePart
from helpers.datasets.streets.resized import open_scenes
from helpers.models import build
from helpers.models.cam import activation_maps
from helpers.models.segmenters import build_segmenter
from helpers.models.segmenters.predictor import Predictor
from helpers.segmentation.patches.predictor import PatchPredictor
from helpers.study.streets import SegmenterSpec
from helpers.study.study import ModelSpec
from helpers.training.inputs import Inputs, frozen
from helpers.training.loop import fit, measure_part, predict
from helpers.training.segmenters.loop import fit_segmenter, measure_segmenter
from sections.abroad.variants import reestimate

SIZE = 24
SPEC = ModelSpec(architecture="cnn", blocks=[(8, 2), (16, 2)], batch_norm=True, epochs=2, batch_size=16)
STREETS = SegmenterSpec(crop=32, batch_size=4, epochs=1)
PIXELS = np.random.default_rng(0).integers(0, 256, (40, SIZE, SIZE, 3), dtype=np.uint8)
PART = ImagePart(PIXELS, np.arange(40) % 3, [f"{i}.jpg" for i in range(40)], np.arange(40))
BATCH = torch.from_numpy(PIXELS[:4]).permute(0, 3, 1, 2)


@pytest.fixture(autouse=True)
def rounding(monkeypatch, tmp_path):
    """As on a machine that trains in bfloat16."""
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("IMAGE_COURSE_DEVICE", "cpu")
    monkeypatch.setenv("IMAGE_COURSE_PRECISION", "bfloat16")


def classifier():
    torch.manual_seed(0)
    return build(SPEC, 3, SIZE)


def segmenter():
    torch.manual_seed(0)
    return build_segmenter(STREETS, CLASSES)


class Unlabelled:
    """What `reestimate` asks of unlabelled images."""

    def batches(self):
        """One batch."""
        yield BATCH


def scenes():
    return open_scenes(made_up_scenes(4), 32)


def patches() -> PatchPredictor:
    return PatchPredictor(classifier(), CLASSES[:3], patch=SIZE, stride=SIZE, size=SIZE, key="k")


def dtypes_in(work: Callable[[], object]) -> set[torch.dtype]:
    """Of what convolutions and dense layers give while `work` runs."""
    seen = set()

    def note(module: nn.Module, _inputs: tuple, output: Tensor) -> None:
        if isinstance(module, nn.Conv2d | nn.Linear):
            seen.add(output.dtype)

    with register_module_forward_hook(note):
        work()
    return seen


@pytest.mark.parametrize(
    "made, score",
    [
        (classifier, lambda model: predict(model, PART)),
        (classifier, lambda model: measure_part("val", Inputs(model, PART))),
        (classifier, lambda model: measure_part("val", frozen(Inputs(model, PART)))),
        (classifier, lambda model: activation_maps(model, PIXELS[:4], PART.labels[:4])),
        (segmenter, lambda model: measure_segmenter(model, scenes())),
        (segmenter, lambda model: Predictor(model)(BATCH)),
        (segmenter, lambda model: Predictor(model).features(BATCH)),
        (segmenter, lambda model: reestimate(model, Unlabelled())),
        (patches, lambda predictor: predictor(BATCH)),
    ],
)
def test_what_is_scored_or_shown_is_computed_in_float32(made, score):
    model = made()
    assert dtypes_in(lambda: score(model)) == {torch.float32}
    with torch.autocast("cpu", torch.bfloat16):  # whatever a notebook has set
        assert dtypes_in(lambda: score(model)) == {torch.float32}


def test_training_rounds_where_that_is_quicker():
    assert torch.bfloat16 in dtypes_in(lambda: fit(classifier(), PART, PART, SPEC, seed=0))
    assert torch.bfloat16 in dtypes_in(lambda: fit_segmenter(segmenter(), scenes(), scenes(), STREETS, seed=0))


def test_the_curve_at_the_kept_epoch_is_what_is_scored_afterwards():
    model = classifier()
    state = fit(model, PART, PART, SPEC, seed=0)
    row = state.history[state.best_epoch - 1]
    found = predict(model, PART)
    loss = -np.log(found.probabilities[np.arange(len(found.labels)), found.labels]).mean()
    assert row["val_accuracy"] == found.correct.mean() and row["val_loss"] == pytest.approx(loss, rel=1e-5)


def test_probabilities_are_those_of_float64():
    model = classifier()
    fit(model, PART, PART, SPEC, seed=0)
    found = predict(model, PART).probabilities
    with torch.no_grad():
        batch = model.preprocess(PART.gather(range(len(PART)))[0])
        exact = model.double()(batch.double()).softmax(1)
    np.testing.assert_allclose(found, exact.numpy(), atol=1e-5)


def test_a_gpu_uses_no_tf32_for_scores(monkeypatch):
    monkeypatch.setattr(torch, "autocast", lambda *_args, **_options: torch.no_grad())
    now = torch.backends.cudnn.allow_tf32
    with full_precision(torch.device("cuda")):
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32 == now
