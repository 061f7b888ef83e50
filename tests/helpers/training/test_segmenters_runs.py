"""Segmenters on disk: trained once, loaded afterwards, made again when damaged; ready weights."""

import logging
import re

import numpy as np
import pytest
import torch
from made_up_scenes import CLASSES, made_up_scenes

from helpers.base.errors import CourseError
from helpers.datasets.streets.tables import level_classes
from helpers.models.segmenters import build_segmenter
from helpers.study.streets import SegmenterSpec
from helpers.study.study import Study
from helpers.training import stored_run, tracking
from helpers.training.segmenters import runs
from helpers.training.segmenters.loop import quiet_residuals
from helpers.training.segmenters.runs import file_says, find_segmenter, get_segmenter
from sections.street_scenes.network import what_it_is

TINY = {"size": "64", "crop": "48", "batch_size": "4", "epochs": "2", "lr": "0.003"}
TRAIN, VAL = made_up_scenes(12, sequences=6), made_up_scenes(4, part="val", first=50)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "disabled")
    for name in ("DATA", "RUNS", "REPORTS"):
        monkeypatch.setenv(f"IMAGE_COURSE_{name}", str(tmp_path / name.lower()))
    return tmp_path


def study_of(**more):
    keys = {"source": "sample"} | {f"segmentation.{key}": value for key, value in (TINY | more).items()}
    return Study.load("wildlife", keys)


def test_a_segmenter_is_trained_once_and_loaded_afterwards(place, monkeypatch):
    study = study_of()
    rows = []
    first = get_segmenter(study, "deeplab", TRAIN, VAL, on_epoch=rows.append)
    monkeypatch.setattr(runs, "fit_segmenter", None)  # training again would fail
    again = get_segmenter(study, "deeplab", TRAIN, VAL)
    assert again.summary == first.summary and again.key == first.key and again.ready_weights is None
    assert again.place.parent == place / "runs" / "trained"
    assert [row["epoch"] for row in rows] == [1, 2] == again.history["epoch"].tolist()
    assert again.best_epoch == int(np.argmax(again.history["val_mean_iou"])) + 1
    assert len(again.history["seconds"]) == 2 and again.timings["train_crops_per_second"] > 0
    assert again.summary["selection"] == "the 4 scenes of the validation part"
    assert not (again.folder / "checkpoint.pt").exists()
    ours, theirs = again.model().state_dict(), first.model().state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())
    assert not again.model().training and again.model().classes == CLASSES


def test_without_a_validation_split_whole_sequences_are_held_out(place):
    run = get_segmenter(study_of(held_out="0.2"), "deeplab", TRAIN)
    assert run.summary["selection"] == "2 training scenes held out, in 1 whole sequence"
    assert run.summary["training_scenes"] == 10 and run.summary["selection_scenes"] == 2


def test_what_goes_in_decides_which_training_it_is(tmp_path):
    def place(train=TRAIN, val=VAL, seed=0, **spec):
        return find_segmenter(study_of(**spec), "deeplab", train, val, seed).place

    backbone, elsewhere = tmp_path / "backbone.pth", tmp_path / "elsewhere.pth"
    for path in (backbone, elsewhere):
        path.write_bytes(b"weights")
    assert place() == place(title="another title") == place(weights=str(elsewhere))
    others = {
        place(lr="0.1"), place(backbone=str(backbone)), place(size="128"), place(train=VAL), place(val=None),
        place(seed=1), place(train=made_up_scenes(12, sequences=6, classes=("ground", "sky"))),
    }  # fmt: skip
    assert len(others) == 7 and place() not in others
    study = study_of(backbone=str(backbone))
    backbone.unlink()
    with pytest.raises(CourseError, match=r"backbone\.pth"):
        find_segmenter(study, "deeplab", TRAIN, VAL, 0)


@pytest.mark.parametrize("name", ["weights.pt", "history.json", "timings.json", "summary.json"])
def test_a_damaged_segmenter_is_made_again_and_it_is_said(place, name, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    study = study_of(epochs="1")
    first = get_segmenter(study, "deeplab", TRAIN, VAL)
    before = first.history["val_loss"]
    damaged = first.folder / name
    damaged.write_bytes(damaged.read_bytes()[:20])
    with caplog.at_level(logging.WARNING, logger="helpers"):
        again = get_segmenter(study, "deeplab", TRAIN, VAL)
    assert "damaged" in caplog.text and np.array_equal(again.history["val_loss"], before)


def test_a_trained_segmenter_can_be_another_studys_weights(place):
    trained = get_segmenter(study_of(epochs="1"), "deeplab", TRAIN, VAL)
    ready = get_segmenter(study_of(weights=str(trained.weights_file)), "deeplab")
    assert ready.classes == CLASSES and ready.history == {} == ready.timings and ready.best_epoch is None
    assert ready.summary["parameters"] == trained.summary["parameters"]
    ours, theirs = ready.model().state_dict(), trained.model().state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())


def test_weights_that_name_no_classes_are_for_the_19_of_cityscapes(place):
    path = place / "published.pth"
    model = build_segmenter(SegmenterSpec(), level_classes("fine"))
    torch.save({"model_state": model.network.state_dict()}, path)
    assert file_says(path) == (level_classes("fine"), None) and len(file_says(path).classes) == 19
    assert get_segmenter(study_of(weights=str(path)), "deeplab").classes == level_classes("fine")


@pytest.mark.parametrize(
    ("name", "asked", "used", "told", "warned"),
    [
        ("best_deeplabv3plus_mobilenet_cityscapes_os8.pth", None, 8, "stride 8.", ""),
        ("best_deeplabv3plus_mobilenet_cityscapes_os16.pth.tar", None, 16, "stride 16.", ""),
        ("net-output_stride8.pth", None, 8, "stride 8.", ""),
        ("net_OS8_best.pth", "8", 8, "stride 8.", ""),
        ("net_os8.pth", "16", 16, "stride 16, though their file says 8", "though their file says 8.*leave"),
        (
            "mosaic8_photos16.pth",
            None,
            16,
            "of which their file says nothing",
            "says no output stride: taken as 16",
        ),
        ("mosaic8.pth", "8", 8, "stride 8.", ""),
        ("net_os32.pth", "8", 8, "though their file says 32", "though their file says 32"),
    ],
)
def test_ready_weights_are_used_at_the_stride_that_their_file_says(
    place, monkeypatch, caplog, name, asked, used, told, warned
):
    monkeypatch.setattr(logging.getLogger("helpers"), "propagate", True)
    path, more = place / name, {"output_stride": asked} if asked else {}
    model = build_segmenter(SegmenterSpec(), level_classes("fine"))
    torch.save({"model_state": model.network.state_dict()}, path)
    with caplog.at_level(logging.WARNING, logger="helpers"):
        run = get_segmenter(study_of(weights=str(path), **more), "deeplab")
    assert run.summary["output_stride"] == used and told in what_it_is(run)[0]
    expected = repr(build_segmenter(SegmenterSpec(output_stride=used), run.classes))  # dilations show there
    assert repr(run.model()) == expected
    assert re.search(warned, caplog.text) if warned else not caplog.text


def test_a_stride_without_a_network_is_refused(place):
    path = place / "net_os32.pth"
    torch.save({"model_state": {}}, path)
    with pytest.raises(CourseError, match=r"net_os32\.pth says output stride 32.*set 'output_stride' to one"):
        get_segmenter(study_of(weights=str(path)), "deeplab")


def test_a_trained_segmenter_records_its_stride_whatever_its_file_is_called(place):
    trained = get_segmenter(study_of(epochs="1", output_stride="8"), "deeplab", TRAIN, VAL)
    path = place / "mine_os16.pth"
    path.write_bytes(trained.weights_file.read_bytes())
    ready = get_segmenter(study_of(weights=str(path)), "deeplab")
    assert file_says(path).output_stride == 8 == ready.spec.output_stride == trained.summary["output_stride"]
    assert repr(ready.model()) == repr(trained.model())
    assert SegmenterSpec(architecture="lraspp_mobilenet_v3_large", output_stride=8).stride is None


def test_missing_published_weights_are_named(place):
    with pytest.raises(CourseError, match=r"best_deeplabv3plus_mobilenet_cityscapes_os16\.pth"):
        get_segmenter(study_of(), "deeplab")


def test_training_begins_with_a_backbones_weights(place, monkeypatch):
    donor = build_segmenter(SegmenterSpec(), CLASSES)
    for norm in donor.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.running_mean += 0.1  # has been trained: not one that was folded away
    path = place / "donor.pth"
    torch.save(donor.network.state_dict(), path)
    started = {}

    def note(model, *_, **__):
        started.update({name: tensor.clone() for name, tensor in model.network.state_dict().items()})
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "fit_segmenter", note)
    with pytest.raises(KeyboardInterrupt):
        get_segmenter(study_of(backbone=str(path)), "deeplab", TRAIN, VAL)
    same = [torch.equal(started[name], tensor) for name, tensor in donor.network.state_dict().items()]
    backbone = [name.startswith("backbone.") for name in donor.network.state_dict()]
    assert all(equal for equal, inside in zip(same, backbone, strict=True) if inside)
    assert not all(same)


def test_training_is_tracked_epoch_by_epoch(place, monkeypatch):
    seen = {"log": [], "summary": {}, "pictures": []}

    class Recorder:
        def __init__(self, *_, config=None):
            self.run = True

        def log(self, row):
            seen["log"].append(row["epoch"])

        def summary(self, values):
            seen["summary"].update(values)

        def pictures(self, key, images, captions):
            seen["pictures"] += [(key, images.shape, len(captions))]

        __enter__ = tracking.Tracker.__enter__

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(stored_run, "Tracker", lambda *arguments: Recorder(*arguments[:3], config=arguments[3]))
    run = get_segmenter(study_of(), "deeplab", TRAIN, VAL)
    assert seen["log"] == [1, 2] and seen["pictures"] == [("predictions", (4, 64, 128, 3), 4)]
    assert seen["summary"]["val_mean_iou"] == pytest.approx(run.history["val_mean_iou"].max(), abs=0.02)
    assert set(seen["summary"]) >= {f"val_iou/{name}" for name in CLASSES}


def test_residual_blocks_begin_as_the_identity():
    model = build_segmenter(SegmenterSpec(), CLASSES).eval()
    quiet_residuals(model)
    blocks = [block for block in model.modules() if getattr(block, "use_res_connect", False)]
    X = torch.rand(1, blocks[0].conv[0][0].in_channels, 8, 8)
    assert len(blocks) == 10 and not blocks[0].conv(X).any()
