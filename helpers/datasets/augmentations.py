"""Names, meanings and limits of the augmentations a study may ask for; datasets/augment.py does the work."""

from dataclasses import dataclass

from helpers.base.errors import did_you_mean


@dataclass(frozen=True)
class Augmentation:
    """What the number behind an augmentation's name means, and between which limits it may lie."""

    meaning: str
    lowest: float
    highest: float


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
}


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
