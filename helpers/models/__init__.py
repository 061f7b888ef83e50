"""Classifiers by name, behind one interface."""

import torch

from helpers.base.errors import CourseError
from helpers.models import networks
from helpers.models.classifier import Classifier
from helpers.models.cnn import cnn
from helpers.study.recipe import ModelSpec

__all__ = ["Classifier", "build"]


def build(spec: ModelSpec, num_classes: int, image_size: int) -> Classifier:
    """A classifier with freshly drawn parameters, as the study describes it.

    Raises CourseError when the architecture cannot be what the study asks for, or take images of this size.
    """
    if spec.output == "sigmoid" and num_classes != 2:
        raise CourseError(f"'output: sigmoid' is for two classes and there are {num_classes}: use 'softmax'")
    make = _custom if spec.architecture == "cnn" else networks.classifier
    try:
        model = make(spec, num_classes, image_size)
        with torch.no_grad():
            model.eval()(torch.zeros(1, 3, image_size, image_size))
    except (ValueError, RuntimeError, AssertionError, IndexError) as error:
        raise CourseError(
            f"model '{spec.architecture}' cannot take images of {spec.input_size or image_size} px ({error}): "
            f"{_cure(spec, num_classes, image_size)}"
        ) from error
    return model.to(memory_format=torch.channels_last)


def _cure(spec: ModelSpec, num_classes: int, image_size: int) -> str:
    """What to do where a network cannot take the images: many transformers take those of one size alone."""
    other = "change image_size, or the keys of the model"
    if spec.architecture == "cnn":
        return other
    size = networks.published_record(spec.architecture).size
    if size == spec.input_size:
        return other
    try:
        build(spec.model_copy(update={"input_size": size}), num_classes, image_size)
    except (CourseError, ValueError):
        return other
    return f"set 'input_size: {size}', which it was made for, or {other}"


def _custom(spec: ModelSpec, num_classes: int, image_size: int) -> Classifier:
    """The course's own network, all of which is new."""
    network = cnn(
        1 if spec.output == "sigmoid" else num_classes, spec.input_size or image_size, spec.blocks, spec.hidden,
        convolutions=spec.convolutions, batch_norm=spec.batch_norm, dropout=spec.dropout, pooling=spec.pooling,
    )  # fmt: skip
    normalisation = "symmetric" if spec.normalize == "auto" else spec.normalize
    return Classifier(network, "output", normalisation, top="", input_size=spec.input_size)
