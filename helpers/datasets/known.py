"""The data sets that the course knows by name: what they are, who published them, how to get them."""

from dataclasses import dataclass

from helpers.datasets.types import DataSetInfo


@dataclass(frozen=True)
class KnownSet:
    """A data set of the catalogue: its classes are in the order of their labels."""

    name: str
    info: DataSetInfo
    classes: tuple[str, ...]
    kaggle: str = ""  # its name there, where it can be fetched from there
    torchvision: str = ""  # the class in torchvision.datasets that knows its addresses


_RUSSIAN_WILDLIFE = KnownSet(
    name="russian_wildlife",
    info=DataSetInfo(
        title="Russian Wildlife",
        home="https://drive.google.com/drive/folders/1f0rnpZNPfoZGwTlZroaxBVJTf9EtdNNc",
        licence="not stated by its publisher; see its page before passing images on",
        how_to_get=(
            "The set is handed out with courses on computer vision as a folder Cropped_final with one "
            "folder per class; copies are found on Kaggle under 'Russian Wildlife Dataset'. Unpack it so that "
            "data/russian_wildlife/Cropped_final/ holds amur_leopard/ and the nine other folders."
        ),
        citation="Russian Wildlife Dataset: crops of ten classes from pictures of animals and people",
    ),
    classes=(
        "amur leopard",
        "amur tiger",
        "birds",
        "black bear",
        "brown bear",
        "dog",
        "roe deer",
        "sika deer",
        "wild boar",
        "people",
    ),
)

_SVHN = KnownSet(
    name="svhn",
    info=DataSetInfo(
        title="Street View House Numbers (SVHN), format 2: cropped digits",
        home="http://ufldl.stanford.edu/housenumbers/",
        licence="non-commercial use only",
        how_to_get=(
            "Download train_32x32.mat (73 257 digits) and test_32x32.mat (26 032) from "
            "http://ufldl.stanford.edu/housenumbers/ and put both into data/svhn/."
        ),
        citation=(
            "Netzer, Wang, Coates, Bissacco, Wu and Ng, 'Reading Digits in Natural Images with Unsupervised "
            "Feature Learning', NIPS Workshop on Deep Learning and Unsupervised Feature Learning, 2011"
        ),
    ),
    classes=tuple("0123456789"),
    torchvision="SVHN",
)

_INTEL_SCENES = KnownSet(
    name="intel_scenes",
    info=DataSetInfo(
        title="Intel Image Classification (natural scenes)",
        home="https://www.kaggle.com/datasets/puneet6060/intel-image-classification",
        licence="not stated clearly; its photographs belong to those who took them",
        how_to_get=(
            "Download archive.zip from https://www.kaggle.com/datasets/puneet6060/intel-image-classification "
            "(14 034 images for training, 3000 for testing) and put it into data/intel_scenes/; it is unpacked "
            "there into seg_train/ and seg_test/."
        ),
        citation="Intel Scene Classification Challenge, Analytics Vidhya, 2019; images first published by Intel",
    ),
    classes=("buildings", "forest", "glacier", "mountain", "sea", "street"),
    kaggle="puneet6060/intel-image-classification",
)

_CIFAR10 = KnownSet(
    name="cifar10",
    info=DataSetInfo(
        title="CIFAR-10",
        home="https://www.cs.toronto.edu/~kriz/cifar.html",
        licence="none stated; its authors ask to be cited",
        how_to_get=(
            "Download cifar-10-python.tar.gz or cifar-10-binary.tar.gz (50 000 images for training, 10 000 for "
            "testing) from https://www.cs.toronto.edu/~kriz/cifar.html and put it into data/cifar10/; it is "
            "unpacked there."
        ),
        citation="Krizhevsky, 'Learning Multiple Layers of Features from Tiny Images', technical report, 2009",
    ),
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    torchvision="CIFAR10",
)

_SATELLITE = KnownSet(
    name="satellite",
    info=DataSetInfo(
        title="Satellite Image Classification",
        home="https://www.kaggle.com/datasets/mahmoudreda55/satellite-image-classification",
        licence="as stated on its page; see it before passing images on",
        how_to_get=(
            "Download archive.zip from "
            "https://www.kaggle.com/datasets/mahmoudreda55/satellite-image-classification (5631 images) and put "
            "it into data/satellite/; it is unpacked there into data/cloudy/, desert/, green_area/ and water/."
        ),
        citation="Satellite Image Classification, Kaggle: tiles from satellite sensors and map services",
    ),
    classes=("cloudy", "desert", "green area", "water"),
    kaggle="mahmoudreda55/satellite-image-classification",
)

CATALOGUE = {known.name: known for known in (_RUSSIAN_WILDLIFE, _SVHN, _INTEL_SCENES, _CIFAR10, _SATELLITE)}
