"""Names, meanings and limits of the augmentations a study may ask for.

datasets/augment.py does the work, and datasets/mixing.py that of those which mix two images and their labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.base.errors import did_you_mean


@dataclass(frozen=True)
class Augmentation:
    """What the number behind an augmentation's name means, and between which limits it may lie."""

    meaning: str
    lowest: float
    highest: float
    is_whole: bool = False  # whether only whole numbers mean anything


AUGMENTATIONS = {
    "flip": Augmentation("probability of mirroring left and right", 0.0, 1.0),
    "rotation": Augmentation("largest angle, in degrees, either way", 0.0, 180.0),
    "affine": Augmentation("largest angle in degrees; shift, scale and shear grow with it", 0.0, 180.0),
    "shift": Augmentation("largest shift in either direction, as a share of the side", 0.0, 0.5),
    "scale": Augmentation("largest relative change of size", 0.0, 0.9),
    "crop": Augmentation("smallest share of the area that a random crop keeps", 0.05, 1.0),
    "brightness": Augmentation("largest relative change", 0.0, 1.0),
    "contrast": Augmentation("largest relative change", 0.0, 1.0),
    "saturation": Augmentation("largest relative change", 0.0, 1.0),
    "rgb_shift": Augmentation("largest shift of each colour channel by itself, white being 1", 0.0, 0.5),
    "hue": Augmentation("largest turn of the colour circle, in full turns", 0.0, 0.5),
    "jitter": Augmentation("brightness, contrast and saturation by this, hue by a tenth of it", 0.0, 1.0),
    "erasing": Augmentation("probability of greying out a rectangle", 0.0, 1.0),
    "noise": Augmentation("standard deviation of added noise, white being 1", 0.0, 0.5),
    "blur": Augmentation("largest standard deviation of a Gaussian blur, in pixels", 0.0, 5.0),
    "rand_augment": Augmentation("RandAugment's magnitude, of two random changes an image", 0.0, 30.0, True),
    "trivial_augment": Augmentation("probability of TrivialAugment's one random change, weak or strong", 0.0, 1.0),
    "mixup": Augmentation(
        "mixup's alpha: the nearer to 0, the more one of two blended images prevails", 0.0, 10.0
    ),
    "cutmix": Augmentation(
        "cutmix's alpha: the nearer to 0, the more rarely half an image is pasted in", 0.0, 10.0
    ),
}
MIXED = ("mixup", "cutmix")  # they mix two images, and their labels alike
BY_CHANCE = ("flip", "erasing", "trivial_augment")  # their strength is a probability
# What one name does that others do by themselves: torchvision's RandAugment and TrivialAugmentWide turn, shear,
# shift, and change brightness, colour and contrast; cutmix hides a part of each image.
POLICY = ("rotation", "affine", "shift", "brightness", "contrast", "saturation", "jitter")
INCLUDED = {"rand_augment": POLICY, "trivial_augment": POLICY, "cutmix": ("erasing",)}


def mixes(strengths: Mapping[str, float]) -> bool:
    """Whether these augmentations mix images, so that labels become shares of two classes."""
    return any(strengths.get(name) for name in MIXED)


def check_augmentation(name: str, strength: float) -> None:
    """Raises ValueError for an unknown augmentation or a strength outside its limits."""
    known = AUGMENTATIONS.get(name)
    if known is None:
        hint = did_you_mean(name, AUGMENTATIONS)
        raise ValueError(f"unknown augmentation '{name}'{hint}; allowed are {', '.join(AUGMENTATIONS)}")
    if not known.lowest <= strength <= known.highest:
        raise ValueError(
            f"augmentation '{name}' is {strength:g} but must lie between {known.lowest:g} and {known.highest:g} "
            f"({known.meaning})"
        )
    if known.is_whole and strength != int(strength):
        raise ValueError(f"augmentation '{name}' is {strength:g} but must be a whole number ({known.meaning})")
