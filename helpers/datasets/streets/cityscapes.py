"""Cityscapes: leftImg8bit/<part>/<city>/*_leftImg8bit.png and gtFine/<part>/<city>/*_gtFine_<kind>."""

import re

from helpers.datasets.streets.layout import SetLayout
from helpers.datasets.types import DataSetInfo

INFO = DataSetInfo(
    title="Cityscapes",
    home="https://www.cityscapes-dataset.com",
    licence="for research and teaching, registered users only, not to be passed on; see its page",
    how_to_get=(
        "Register on its page, download leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip, and unpack both "
        "in data/cityscapes/, so that leftImg8bit/ and gtFine/ lie side by side."
    ),
    citation="Cordts et al.: The Cityscapes Dataset for Semantic Urban Scene Understanding, CVPR 2016",
)
LAYOUT = SetLayout(
    image_name=re.compile(r"(?P<frame>.+)_leftImg8bit\.(?:png|jpe?g)", re.IGNORECASE),
    label_name=re.compile(r"(?P<frame>.+)_gtFine_(?P<kind>[A-Za-z]+)\.(?:png|json)", re.IGNORECASE),
    kinds=("labelIds", "polygons", "labelTrainIds", "color"),
)
