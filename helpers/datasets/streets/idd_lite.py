"""IDD-lite: IDD at 320 × 227 pixels in seven classes."""

import re

from helpers.datasets.streets.layout import SetLayout
from helpers.datasets.types import DataSetInfo

INFO = DataSetInfo(
    title="IDD-lite",
    home="https://idd.insaan.iiit.ac.in",
    licence="for non-commercial research, registered users only, not to be passed on; see its page",
    how_to_get=(
        "Register on its page, download IDD-Lite and unpack it in data/idd_lite/, so that leftImg8bit/ and "
        "gtFine/ lie side by side."
    ),
    citation="Mishra et al.: Semantic Segmentation Datasets for Resource Constrained Training, NCVPRIPG 2019",
)
LAYOUT = SetLayout(
    image_name=re.compile(r"(?P<frame>.+)_image\.(?:png|jpe?g)", re.IGNORECASE),
    label_name=re.compile(r"(?P<frame>.+)(?<!_inst)_label\.png", re.IGNORECASE),
    kinds=("label",),
)
