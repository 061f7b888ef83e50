"""The parts of a study: split, recipe, model, and what they may hold."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from helpers.base.errors import one_of
from helpers.datasets.augmentations import check_augmentation
from helpers.study.place import WEIGHTS

Fraction = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
YES_NO = {"yes": True, "on": True, "no": False, "off": False}


def _as_name(value: Any) -> Any:
    """A class that is called by a number. Raises ValueError for what is no longer as it was written."""
    if isinstance(value, (bool, float)) or value is None:
        raise ValueError(f"a class may be called so, but YAML reads it as {value!r}: put the name in quotes")
    return str(value) if isinstance(value, int) else value


ClassName = Annotated[str, BeforeValidator(_as_name)]


class Strict(BaseModel):
    """Unknown keys are refused, and a word is never taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _yes_and_no(cls, values: Any) -> Any:
        """Where true or false is asked for, yes and no say so too; elsewhere they are names like any other."""
        if not isinstance(values, dict):
            return values
        asked = {name for name, field in cls.model_fields.items() if field.annotation in (bool, bool | None)}
        said = {name: value for name, value in values.items() if name in asked and isinstance(value, str)}
        return values | {name: YES_NO[word.lower()] for name, word in said.items() if word.lower() in YES_NO}


Channels = Annotated[tuple[float, float, float], Field(strict=False)]


class Normalisation(Strict):
    """What a network takes away from each channel of an image, 0 to 1, and divides it by; both in `order`."""

    mean: Channels
    std: Annotated[tuple[Positive, Positive, Positive], Field(strict=False)]
    order: Literal["rgb", "bgr"] = "rgb"


NORMALISATIONS = {
    "imagenet": Normalisation(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    "symmetric": Normalisation(mean=(0.5,) * 3, std=(0.5,) * 3),  # -1..1
    "none": Normalisation(mean=(0.0,) * 3, std=(1.0,) * 3),  # 0..1
    "bytes": Normalisation(mean=(0.0,) * 3, std=(1 / 255,) * 3),  # 0..255
    "caffe": Normalisation(  # bytes less ImageNet's means, blue first
        mean=(103.939 / 255, 116.779 / 255, 123.68 / 255), std=(1 / 255,) * 3, order="bgr"
    ),
}


def _known_normalisation(value: Any) -> Any:
    if isinstance(value, Normalisation):
        return value
    names = ["auto", *NORMALISATIONS]
    use = f"{', '.join(names)} or {{mean: [r, g, b], std: [r, g, b]}}"
    if isinstance(value, str):
        return one_of(value, names, "normalisation", use)
    if isinstance(value, dict) and value.keys() <= Normalisation.model_fields.keys():
        return value
    raise ValueError(f"a normalisation is one of {use}")


Normalize = Annotated[
    Annotated[str, Tag("name")] | Annotated[Normalisation, Tag("values")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "values"),
    BeforeValidator(_known_normalisation),
]
NORMALIZE = (
    "what enters the first layer: imagenet, symmetric (-1 to 1), none (0 to 1), bytes (0 to 255), caffe, or "
    "{mean: [r, g, b], std: [r, g, b]} of values from 0 to 1 ([b, g, r] with order: bgr)"
)


def check_pattern(pattern: str | None) -> None:
    """Raises ValueError for a `group_by` that is no regular expression, or names no group."""
    try:
        groups = re.compile(pattern or "()").groups
    except re.error as error:
        raise ValueError(f"group_by: '{pattern}' is not a regular expression ({error})") from None
    if not groups:
        raise ValueError(f"group_by: '{pattern}' has no part in parentheses, which would name the group")


class Split(Strict):
    """Shares of the images for training, validation and test."""

    train: Fraction = 0.7
    val: Annotated[float, Field(gt=0, lt=1)] = 0.1
    test: Annotated[float, Field(gt=0, lt=1)] = 0.2

    @model_validator(mode="after")
    def _adds_up(self) -> "Split":
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, val and test add up to {total:g}; they must add up to 1")
        return self


class LabelSpec(Strict):
    """A table with the classes of the images, and its columns where their names do not tell; or a pattern."""

    file: str | None = None
    pattern: str | None = Field(
        None,
        description="regular expression that finds the class in a file's name, or in its path if there is a slash "
        "in it: its group (?P<class>…), or its first",
    )
    image: str | None = Field(None, description="column of the files")
    label: str | None = Field(None, description="column of the classes")
    part: str | None = Field(None, description="column that says train, val or test")
    group: str | None = Field(None, description="column of what stays together in a split, such as a patient")

    @model_validator(mode="after")
    def _one_of_both(self) -> "LabelSpec":
        columns = {self.image, self.label, self.part, self.group} - {None}
        if (self.file is None) == (self.pattern is None) or (self.pattern is not None and columns):
            raise ValueError("give a file, with or without names of its columns, or a pattern alone")
        if self.pattern is not None and not self.regex.groups:
            raise ValueError(f"'{self.pattern}' has no part in parentheses, which would find the class")
        return self

    @property
    def regex(self) -> re.Pattern:
        """The pattern. Raises ValueError for one that is no regular expression."""
        try:
            return re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"'{self.pattern}' is not a regular expression ({error})") from None


def _known_augmentations(value: dict[str, float]) -> dict[str, float]:
    for name, strength in value.items():
        check_augmentation(name, strength)
    return value


Augmentations = Annotated[dict[str, float], AfterValidator(_known_augmentations)]


class Phase(Strict):
    """One of several trainings in a row; a key that is absent is the recipe's."""

    title: str = ""
    epochs: Count
    trainable: Literal["all", "head"] | None = None
    lr: Positive | None = None
    schedule: Literal["constant", "cosine", "one_cycle"] | None = None
    early_lr: Annotated[float, Field(gt=0, le=1)] | None = None
    weight_decay: Annotated[float, Field(ge=0)] | None = None
    batch_size: Count | None = None
    augment: Augmentations | None = None


class Recipe(Strict):
    """All that training needs beside the model and the data."""

    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    lr: Positive | Literal["find"] = Field(1e-3, description="learning rate, or 'find' for the range test")
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    momentum: Fraction = 0.9
    epochs: Annotated[int, Field(ge=0)] = Field(
        10, description="passes over the training images; 0: a model with weights of its own is scored as it is"
    )
    batch_size: Count = 64
    schedule: Literal["constant", "cosine", "one_cycle"] = "constant"
    label_smoothing: Fraction = 0.0
    augment: Augmentations = {}
    balance: Literal["none", "weights", "sampling"] = Field(
        "none",
        description="where classes differ in size, every class counts alike: by weights of its images in the loss "
        "or by sampling as many images of each in an epoch; the plain loss chooses the epoch that is kept",
    )
    early_stopping: Count | None = Field(
        None,
        description="a phase ends after so many epochs in a row without a lower validation loss; a schedule, such "
        "as one_cycle, is planned for all epochs, so that the learning rate has then not come down",
    )
    trainable: Literal["all", "head"] = Field(
        "all", description="head: what a pretrained network lacks, its last layers"
    )
    early_lr: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="share of the learning rate that the earliest layers get; in between it rises evenly"
    )
    l2: Annotated[float, Field(ge=0)] = Field(
        0.0,
        description="L2 penalty in the loss on the weights of the layers that are new: all of a cnn, or the head",
    )
    phases: list["Phase"] = Field([], description="trainings one after the other, each with keys of its own")
    clean: bool = Field(False, description="leave out training images whose label is suspected to be wrong")
    lr_finder: bool = Field(False, description="run the range test and show its curve")


class ModelSpec(Recipe):
    """A network and its recipe. `blocks` (filters, pooling) to `hidden` describe the architecture `cnn`."""

    title: str = ""
    architecture: str = "cnn"
    pretrained: bool = False
    weights: str | None = Field(
        None, description="imagenet, places365, sample, sample-places or a file; the study's own if absent"
    )
    normalize: Normalize = Field(
        "auto", description=f"{NORMALIZE}; auto: what the weights' own record says, symmetric from random numbers"
    )
    input_size: Annotated[int, Field(ge=16, le=1024)] | None = Field(
        None, description="pixels that images are enlarged to before the network; image_size if absent"
    )
    stem: Literal["standard", "small"] = Field(
        "standard",
        description="small: a ResNet's first convolution 3×3 without stride or pooling, for small images",
    )
    head: list[Count] | None = Field(
        None, description="dense layers between globally pooled features and the output; absent: the network's own"
    )
    output: Literal["softmax", "sigmoid"] = Field("softmax", description="sigmoid: one output for two classes")
    blocks: list[Annotated[tuple[Count, Count], Field(strict=False)]] = [(32, 4), (64, 2), (128, 2)]
    convolutions: Count = Field(1, description="convolutions in each block")
    batch_norm: bool = Field(False, description="batch normalisation after each convolution")
    dropout: Fraction = Field(0.0, description="after each block of a cnn, and after each dense layer")
    pooling: Literal["flatten", "average"] = Field("flatten", description="from the last maps to the dense layers")
    hidden: Annotated[int, Field(ge=0)] | list[Count] = 128

    @field_validator("architecture")
    @classmethod
    def _known_architecture(cls, value: str) -> str:
        known = ["cnn", *torchvision_classifiers(), *timm_classifiers()]
        return one_of(value, known, "model", "'cnn', a torchvision classifier or timm/NAME for one of timm's")

    @model_validator(mode="after")
    def _pretrained_is_possible(self) -> "ModelSpec":
        if self.architecture == "cnn" and self.pretrained and self.weights in WEIGHTS:
            raise ValueError(
                "architecture 'cnn' has no pretrained weights; set pretrained: false, or 'weights' to a file"
            )
        if not self.epochs and (self.clean or self.lr_finder or self.lr == "find"):
            raise ValueError("epochs: 0 trains nothing: leave out clean, lr_finder and lr: find")
        return self


class Roles(Strict):
    """Which model each chapter is about."""

    from_scratch: str
    fine_tuned: str
    augmented: str
    counterexample: str | None = Field(
        None, description="chapter 04: an augmentation that is not true of the data"
    )
    leaky: str | None = Field(
        None, description="chapter 01: the model that shows what a leaky split would promise"
    )


class Sample(Strict):
    """The drawn stand-in: which drawing, how many images a class, and keys that differ from the real set's."""

    drawing: str
    images_per_class: Annotated[int, Field(ge=10)] = 240
    overrides: dict[str, Any] = {}


def default_models() -> dict[str, ModelSpec]:
    """The models of a study that names none: a CNN, a pretrained network, and that with augmentation."""
    fine_tuned = {
        "architecture": "resnet18",
        "pretrained": True,
        "optimizer": "adamw",
        "weight_decay": 0.01,
        "epochs": 6,
        "schedule": "one_cycle",
    }
    augment = {"flip": 0.5, "affine": 15.0, "jitter": 0.3, "erasing": 0.5}
    return {
        "cnn": ModelSpec(title="CNN from scratch"),
        "fine_tuned": ModelSpec(title="Fine-tuned network", **fine_tuned),
        "augmented": ModelSpec(title="Fine-tuned network with augmentation", augment=augment, **fine_tuned),
    }


def torchvision_classifiers() -> list[str]:
    """Names of torchvision's classifiers, read from its source: importing it takes seconds."""
    return _registered("torchvision", r"@register_model\(\)\s*(?:@.*\s*)*def (\w+)")


def timm_classifiers() -> list[str]:
    """Names of timm's classifiers, each behind 'timm/', read from its source in the same way."""
    return [f"timm/{name}" for name in _registered("timm", r"@register_model\s*(?:@.*\s*)*def (\w+)")]


@cache
def _registered(package: str, pattern: str) -> list[str]:
    found = find_spec(package)
    folder = Path(found.submodule_search_locations[0]) / "models" if found else Path("missing")
    sources = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    return sorted(name for text in sources for name in re.findall(pattern, text))
