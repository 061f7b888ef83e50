"""What a segmenter's backbone begins with: a file, weights of ImageNet where they lie here, or random numbers."""

from pathlib import Path

from helpers.base.errors import CourseError
from helpers.base.paths import display_path
from helpers.study.streets import SegmenterSpec


def backbone_file(spec: SegmenterSpec) -> Path | None:
    """The file of the backbone's first weights; None for random numbers. Raises CourseError for none there."""
    if spec.backbone in {None, "none"}:
        return None
    if spec.backbone == "auto":
        from helpers.models.published import file_in_place

        return file_in_place(_classifier(spec))
    if not Path(spec.backbone).is_file():
        raise CourseError(f"there is no weights file {display_path(spec.backbone)}: check the key 'backbone'")
    return Path(spec.backbone)


def start_in_words(spec: SegmenterSpec) -> str:
    """What a network that is trained begins with."""
    if path := backbone_file(spec):
        return f"backbone from {path.name}, the rest random numbers"
    if spec.backbone != "auto":
        return "random numbers"
    from helpers.models.published import published_name

    file = published_name(_classifier(spec))
    return f"random numbers (its backbone would begin with weights of ImageNet if {file} were in data/weights)"


def _classifier(spec: SegmenterSpec) -> str:
    """torchvision's classifier whose layers the backbone has."""
    name = spec.architecture.removeprefix("deeplabv3plus_").removeprefix("deeplabv3_").removeprefix("fcn_")
    return {"mobilenet": "mobilenet_v2", "lraspp_mobilenet_v3_large": "mobilenet_v3_large"}.get(name, name)
