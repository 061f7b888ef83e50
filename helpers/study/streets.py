"""The segmentation part of a study file: two sets of street scenes, and the networks to try on them."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from helpers.base.errors import one_of
from helpers.base.paths import check_model_names
from helpers.datasets.streets.known import SETS
from helpers.study.recipe import NORMALIZE, Count, Fraction, Normalize, Positive, Strict

DEEPLABS = ("deeplabv3plus_mobilenet", "deeplabv3plus_resnet50", "deeplabv3plus_resnet101")
TORCHVISION = (
    "deeplabv3_mobilenet_v3_large", "deeplabv3_resnet50", "deeplabv3_resnet101",
    "fcn_resnet50", "fcn_resnet101", "lraspp_mobilenet_v3_large",
)  # fmt: skip


def readable_set(name: str) -> str:
    """The name itself. Raises ValueError for a set the course cannot read."""
    return one_of(name, SETS, "set of street scenes")


StreetSetName = Annotated[str, AfterValidator(readable_set)]


class SegmenterSpec(Strict):
    """A network that gives every pixel a class, and how it is trained where the study trains it."""

    title: str = ""
    architecture: str = "deeplabv3plus_mobilenet"
    output_stride: Literal["auto", 8, 16] = Field(
        "auto",
        description="of DeepLabV3+, 8 or 16; auto: what ready weights were trained at, by their record or an "
        "_os8 in their name, else 16",
    )
    train: StreetSetName | None = Field(
        None, description="the set whose training split it learns from; absent: ready weights"
    )
    weights: str = Field("auto", description="auto (the published file, or data/weights), or a file")
    backbone: str | None = Field(None, description="classifier weights to start training from: a file, or none")
    normalize: Normalize = Field("imagenet", description=f"{NORMALIZE}; auto is imagenet")
    optimizer: Literal["adamw", "sgd"] = "adamw"
    lr: Positive = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    momentum: Fraction = 0.9
    schedule: Literal["polynomial", "one_cycle"] = "one_cycle"
    backbone_lr: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="share of the learning rate that the backbone gets"
    )
    epochs: Count = 20
    class_weights: Literal["none", "log"] = Field(
        "none", description="log: pixels of rare classes count more, by 1 / ln(1.02 + share)"
    )
    crops_per_scene: Count = Field(1, description="crops that an epoch takes from each scene")
    batch_size: Annotated[int, Field(ge=2)] = 16
    crop: Annotated[int, Field(ge=32, le=2048)] = Field(256, description="side of the square crops, in pixels")
    scale: tuple[Positive, Positive] = Field((0.75, 1.5), strict=False, description="range of the random scale")
    flip: Annotated[float, Field(ge=0, le=1)] = 0.5
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.3
    held_out: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        0.1,
        description="share of the training split for choosing the epoch, where no validation split is free",
    )

    @property
    def stride(self) -> int | None:
        """The output stride of a DeepLabV3+, 16 unless the study says otherwise; None where it is built in."""
        if self.architecture not in DEEPLABS:
            return None
        return 16 if self.output_stride == "auto" else self.output_stride

    @field_validator("scale")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] > value[1]:
            raise ValueError(f"the smallest scale, {value[0]}, is above the largest, {value[1]}")
        return value

    @field_validator("architecture")
    @classmethod
    def _known_architecture(cls, value: str) -> str:
        return one_of(value, [*DEEPLABS, *TORCHVISION], "network")


class StreetSample(Strict):
    """The drawn stand-in for both sets: how many scenes, and keys that differ from the real sets'."""

    scenes: Annotated[int, Field(ge=20)] = Field(480, description="of both cities together")
    overrides: dict[str, Any] = Field({})


class SegmentationSpec(Strict):
    """Chapters 07 to 09: `target` is what the network is looked at on, `home` is where it comes from."""

    kind: Literal["streets"] = "streets"
    source: Literal["auto", "real", "sample"] = Field("auto", description="auto: as the study's, where that says")
    target: StreetSetName = "idd"
    home: StreetSetName = "cityscapes"
    target_part: Literal["train", "val", "test"] = "val"
    home_part: Literal["auto", "train", "val", "test"] = Field(
        "auto", description="auto: test with labels, else val"
    )
    share: Annotated[float, Field(gt=0, le=1)] = Field(0.3, description="of its scenes that are evaluated")
    home_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    size: Annotated[int, Field(ge=64, le=2048)] = Field(512, description="images are resized to size × size")
    evaluation_batch: Count = Field(1, description="scenes through the network at a time")
    folders: dict[str, str] = Field({}, description="where a set lies, if not in data/<set>")
    train: StreetSetName | None = Field(None, description="the training set of every model that names none")
    models: dict[str, SegmenterSpec] = Field({"deeplab": SegmenterSpec()}, min_length=1)
    sample: StreetSample = StreetSample()

    @model_validator(mode="after")
    def _consistent(self) -> "SegmentationSpec":
        for name in self.folders:
            readable_set(name)
        check_model_names(self.models)
        for spec in self.models.values():
            for file in (spec.weights, spec.backbone):
                if file not in {None, "auto", "none"} and not Path(file).is_file():
                    raise ValueError(f"there is no weights file '{file}': give a path to one")
        return self

    @property
    def sets(self) -> tuple[str, ...]:
        """Every set of street scenes that the chapters need: target, home, and what is trained on."""
        trained = (self.training_set(model) for model in self.models)
        return tuple(dict.fromkeys([self.target, self.home, *filter(None, trained)]))

    def training_set(self, model: str) -> str | None:
        """The set whose training split a model learns from; None where it comes with ready weights."""
        return self.models[model].train or self.train
