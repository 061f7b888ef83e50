"""IDD, the Indian Driving Dataset: a tree like Cityscapes', with polygons, and perhaps label images.

Polygons name their classes. Of the label images, `_labelcsTrainIds` can be scored in Cityscapes' classes; the
numbers of level 3 and above join classes that Cityscapes keeps apart, and are used for the coarse classes only.
"""

import re

from helpers.datasets.streets.layout import SetLayout
from helpers.datasets.types import DataSetInfo

INFO = DataSetInfo(
    title="Indian Driving Dataset (IDD), segmentation",
    home="https://idd.insaan.iiit.ac.in",
    licence="for non-commercial research, registered users only, not to be passed on; see its page",
    how_to_get=(
        "Register on its page, download IDD Segmentation part 1, part 2 or both, and unpack them in "
        "data/idd/, each with its leftImg8bit/ and gtFine/."
    ),
    citation="Varma et al.: IDD: A Dataset for Exploring Problems of Autonomous Navigation, WACV 2019",
)
LAYOUT = SetLayout(
    image_name=re.compile(r"(?P<frame>.+)_leftImg8bit\.(?:png|jpe?g)", re.IGNORECASE),
    label_name=re.compile(r"(?P<frame>.+)_gtFine_(?P<kind>[A-Za-z0-9]+)\.(?:png|json)", re.IGNORECASE),
    kinds=(
        "polygons", "labelIds", "labelcsTrainIds", "labelcsIds", "labelColors",
        "labellevel4Ids", "labellevel3Ids", "labellevel2Ids", "labellevel1Ids",
    ),
)  # fmt: skip
