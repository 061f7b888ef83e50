"""The segmentation part of a study file: one or two sets of labelled scenes, and the networks to try on them."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from helpers.base.errors import one_of
from helpers.base.paths import check_model_names
from helpers.datasets.streets.known import SETS
from helpers.study.recipe import NORMALIZE, ClassName, Count, Fraction, Normalize, Positive, Strict, check_pattern

DEEPLABS = ("deeplabv3plus_mobilenet", "deeplabv3plus_resnet50", "deeplabv3plus_resnet101")
TORCHVISION = (
    "deeplabv3_mobilenet_v3_large", "deeplabv3_resnet50", "deeplabv3_resnet101",
    "fcn_resnet50", "fcn_resnet101", "lraspp_mobilenet_v3_large",
)  # fmt: skip


CROPS = 160  # an epoch, where `crops_per_scene` is auto: twenty epochs of a few images are then worth the name
MOST_CROPS = 16  # of one scene in an epoch


class MaskFolder(Strict):
    """A folder of one's own with images and, for each, a mask with a class for every pixel."""

    folder: str
    classes: list[ClassName] | dict[int | str, ClassName] | None = Field(
        None, description="names in the order of the class numbers; or by number or '#rrggbb'"
    )
    void: list[int | str] = Field([], description="numbers, '#rrggbb' or names of classes that count nowhere")
    images: str | None = Field(
        None, description="the images' subfolder, or a pattern such as *_rgb.png, where they are not found"
    )
    masks: str | None = Field(None, description="the masks' subfolder, or a pattern")
    group_by: str | None = Field(
        None,
        description="regular expression on file names: images for which its groups match the same text stay "
        "together in a split",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "MaskFolder":
        check_pattern(self.group_by)
        return self


class SegmenterSpec(Strict):
    """A network that gives every pixel a class, and how it is trained where the study trains it."""

    title: str = ""
    architecture: str = "deeplabv3plus_mobilenet"
    output_stride: Literal["auto", 8, 16] = Field(
        "auto",
        description="of DeepLabV3+, 8 or 16; auto: what ready weights were trained at, by their record or an "
        "_os8 in their name, else 16",
    )
    train: str | None = Field(
        None,
        description="the set whose training split it learns from; absent: ready weights, or home where that "
        "is a folder of one's own",
    )
    weights: str = Field("auto", description="auto (the published file, or data/weights), or a file")
    backbone: str | None = Field(
        None,
        description="classifier weights to start training from: a file, none, or auto: those of ImageNet where "
        "they are in data/weights",
    )
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
    crops_per_scene: Literal["auto"] | Count = Field(
        1, description=f"crops that an epoch takes from each scene; auto: as many as make {CROPS} in all"
    )
    batch_size: Annotated[int, Field(ge=2)] = 16
    crop: Annotated[int, Field(ge=32, le=2048)] = Field(256, description="side of the square crops, in pixels")
    scale: tuple[Positive, Positive] = Field((0.75, 1.5), strict=False, description="range of the random scale")
    flip: Annotated[float, Field(ge=0, le=1)] = 0.5
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.3
    held_out: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        0.1,
        description="share of the training split for choosing the epoch, where no validation split is free",
    )

    def crops_of(self, scenes: int) -> int:
        """How many crops an epoch takes from each of so many scenes."""
        if self.crops_per_scene != "auto":
            return self.crops_per_scene
        return min(MOST_CROPS, max(1, -(-CROPS // max(1, scenes))))

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


# The network of a study of one's own masks that names none: trained here, as a rule on few images.
OWN_NETWORK = {"title": "DeepLabV3+ with MobileNetV2", "backbone": "auto", "crops_per_scene": "auto", "crop": 192}


class SegmentationSpec(Strict):
    """Chapters 07 to 09: `target` is what the network is looked at on, `home` is where it comes from."""

    kind: Literal["streets"] = "streets"
    source: Literal["auto", "real", "sample"] = Field("auto", description="auto: as the study's, where that says")
    sets: dict[str, MaskFolder] = Field({}, description="folders of your own with images and masks, by name")
    match: dict[ClassName, ClassName] = Field(
        {}, description="a class of the target: the class of home that it is; equal names match by themselves"
    )
    target: str = Field(
        "idd", description="a set of `sets` or of the catalogue; one's own home where it is left out"
    )
    home: str = Field("cityscapes", description="a set of `sets` or of the catalogue; the first of `sets`")
    target_part: Literal["auto", "train", "val", "test"] = Field(
        "auto", description="auto: val, of one's own set test"
    )
    home_part: Literal["auto", "train", "val", "test"] = Field(
        "auto", description="auto: test with labels, else val"
    )
    share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.3, description="of its scenes that are evaluated; of one's own, all if it is left out"
    )
    home_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    size: Annotated[int, Field(ge=64, le=2048)] = Field(
        512, description="images are resized to size × size; with sets of one's own 256 if it is left out"
    )
    evaluation_batch: Count = Field(1, description="scenes through the network at a time")
    folders: dict[str, str] = Field({}, description="where a set lies, if not in data/<set>")
    train: str | None = Field(None, description="the training set of every model that names none")
    models: dict[str, SegmenterSpec] = Field({"deeplab": SegmenterSpec()}, min_length=1)
    sample: StreetSample = StreetSample()

    @model_validator(mode="before")
    @classmethod
    def _of_ones_own(cls, values: Any) -> Any:
        """What is left out where a study names folders of its own."""
        own = values.get("sets") if isinstance(values, dict) else None
        if not own or not isinstance(own, dict):
            return values
        home = values.get("home", next(iter(own)))
        target = values.get("target", home if home in own else next(iter(own)))
        found = {"home": home, "target": target, "size": 256, "models": {"deeplab": dict(OWN_NETWORK)}}
        return found | ({"share": 1.0} if target in own else {}) | values

    @model_validator(mode="after")
    def _consistent(self) -> "SegmentationSpec":
        for name in self.folders:
            one_of(name, SETS, "set of street scenes")
        self._check_own()
        for name in self.needed:
            one_of(name, [*self.sets, *SETS], "set of street scenes")
        check_model_names(self.models)
        for spec in self.models.values():
            for file in (spec.weights, spec.backbone):
                if file not in {None, "auto", "none"} and not Path(file).is_file():
                    raise ValueError(f"there is no weights file '{file}': give a path to one")
        return self

    def _check_own(self) -> None:
        for name in self.sets:
            if name in SETS:
                raise ValueError(f"sets.{name}: the catalogue has a set of this name: give yours another one")
        check_model_names(self.sets, "sets")

    @property
    def needed(self) -> tuple[str, ...]:
        """Every set of scenes that the chapters need: target, home, and what is trained on."""
        trained = (self.training_set(model) for model in self.models)
        return tuple(dict.fromkeys([self.target, self.home, *filter(None, trained)]))

    @property
    def is_own(self) -> bool:
        """Whether a set of one's own is looked at or learnt from: nothing can stand in for it."""
        return any(name in self.sets for name in self.needed)

    @property
    def is_abroad(self) -> bool:
        """Whether the network is looked at on another set than that which it comes from."""
        return self.target != self.home

    def training_set(self, model: str) -> str | None:
        """The set whose training split a model learns from; None where it comes with ready weights."""
        spec = self.models[model]
        own = self.home if self.home in self.sets and spec.weights == "auto" else None
        return spec.train or self.train or own
