"""House numbers seen from the street: a wall, often a plate, digits that stand side by side, a hasty camera."""

from dataclasses import dataclass

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, mix, noise, pick, saturated, shade, tripled
from drawings.small.arrays import SmallImages
from drawings.small.digits import WIDTH, Font
from drawings.small.formats import StreetViewFiles
from drawings.streets.fleet import colours

SIZE = 64  # pixels of the picture before it is reduced
CLASSES = tuple("0123456789")
SHARES = tuple(n / 73257 for n in (4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659))  # SVHN, training
LOOK_ALIKES = {"1": "7", "7": "1", "3": "5", "5": "3", "6": "8", "8": "6", "2": "7", "9": "8", "0": "6", "4": "9"}


WALLS = colours(
    "#8a5a48 #a07058 #c8b89c #d8d0c0 #b0a894 #787470 #9c9a98 #5c4a3c #6e5a44 #e4e0d8 #54605c #7c8894 #44484e"
)
PLATES = colours("#f0eee6 #e4e2da #1c2a56 #20402c #202224 #8c1c20 #c8a860 #d8d4c8 #3c6494 #b4b4b0")
INKS = colours("#f4f2ec #16161a #c8a450 #d8d8d4 #28324c #7c2020 #50402c #f0e4c0 #8c8c8c")


def draw(class_name: str, rng: np.random.Generator) -> np.ndarray:
    """A crop of a house number with the digit in its middle, (64, 64, 3) uint8 RGB."""
    number = _Number.drawn(int(class_name), rng)
    wall = _wall(rng)
    image, ground = _plate(wall, number, rng) if chance(rng, 0.45) else (wall, wall.mean((0, 1)))
    image = _lettered(image, number.mask(rng), _ink(tuple(ground), rng), rng)
    return _seen(_lit(image, rng), rng)


@dataclass(frozen=True)
class _Number:
    """Digits in a row or above one another, and where in the picture they stand."""

    font: Font
    digits: tuple[int, ...]
    place: int  # of the digit that counts
    step: np.ndarray  # from one digit to the next, digit heights
    matrix: np.ndarray  # (2, 3) from digit heights to pixels
    height: float  # of a digit, pixels

    @classmethod
    def drawn(cls, digit: int, rng: np.random.Generator) -> "_Number":
        """A number around the digit."""
        font, length = Font.drawn(rng), pick(rng, (1, 2, 3, 4, 5), (0.1, 0.3, 0.35, 0.2, 0.05))
        place = int(rng.integers(length))
        digits = [int(other) for other in rng.integers(0, 10, length)]
        digits[place] = digit
        advance = WIDTH * font.wide + font.weight + font.gap
        step = np.array((0.0, 1.0 + font.weight + 0.6 * font.gap) if chance(rng, 0.06) else (advance, 0.0))
        height = SIZE * rng.uniform(0.55, 0.88)
        tilt, climb = rng.normal(0, 0.06), rng.normal(0, 0.1)
        linear = height * np.array([(np.cos(tilt), -np.sin(tilt)), (np.sin(tilt) + climb, np.cos(tilt))])
        centre = SIZE * (0.5 + rng.normal(0, 0.035, 2))
        return cls(font, tuple(digits), place, step, np.concatenate([linear, centre[:, None]], 1), height)

    def mask(self, rng: np.random.Generator) -> np.ndarray:
        """Where the picture shows digits, (h, w) uint8."""
        mask = np.zeros((SIZE, SIZE), np.uint8)
        for place, digit in enumerate(self.digits):
            if abs(place - self.place) <= 2:
                shift = (place - self.place) * self.step
                strokes = [stroke + shift for stroke in self.font.strokes(digit, rng)]
                self.font.stamp(mask, strokes, self.height, self.matrix)
        return mask

    def outline(self, margin: tuple[float, float]) -> np.ndarray:
        """A rectangle around all digits, (4, 2) pixels."""
        half = np.array((0.5 * WIDTH * self.font.wide, 0.5)) + self.font.weight / 2 + margin
        first, last = -self.place * self.step, (len(self.digits) - 1 - self.place) * self.step
        low, high = first - half, last + half
        corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
        return corners @ self.matrix[:, :2].T + self.matrix[:, 2]


def _wall(rng: np.random.Generator) -> np.ndarray:
    """Plaster, bricks, boards or metal, (h, w, 3) uint8."""
    colour = jitter(rng, pick(rng, WALLS), 0.25, 12)
    image = np.empty((SIZE, SIZE, 3), np.uint8)
    image[:] = np.rint(colour)
    kind = pick(rng, ("plain", "bricks", "boards", "panel"), (0.5, 0.2, 0.2, 0.1))
    if kind == "bricks":
        _bricks(image, rng, colour)
    elif kind == "boards":
        _boards(image, rng, colour)
    elif kind == "panel":
        x = int(rng.uniform(0, SIZE))
        cv2.rectangle(image, (x, 0), (SIZE, SIZE), shade(colour, rng.uniform(0.5, 1.5)), -1)
    grain = pick(rng, (2.0, 4.0, 12.0))
    rough = noise(rng, SIZE, SIZE, grain, 1.4) * rng.uniform(1, 9) + noise(rng, SIZE, SIZE, 30.0) * rng.uniform(
        0, 8
    )
    return saturated(image + tripled(rough))


def _bricks(image: np.ndarray, rng: np.random.Generator, colour: Colour) -> None:
    tall, mortar = int(rng.integers(12, 26)), mix(colour, (190, 184, 172), rng.uniform(0.2, 0.7))
    offset = int(rng.integers(tall))
    for row, y in enumerate(range(-offset, SIZE, tall)):
        cv2.line(image, (0, y), (SIZE, y), mortar, 2)
        for x in range(-tall * (row % 2), SIZE, 2 * tall):
            brick = shade(colour, rng.uniform(0.85, 1.15))
            cv2.rectangle(image, (x, y + 1), (x + 2 * tall - 3, y + tall - 2), brick, -1)


def _boards(image: np.ndarray, rng: np.random.Generator, colour: Colour) -> None:
    wide, level = int(rng.integers(10, 30)), chance(rng, 0.6)
    for start in range(-int(rng.integers(wide)), SIZE, wide):
        corners = ((0, start), (SIZE, start + wide - 2)) if level else ((start, 0), (start + wide - 2, SIZE))
        cv2.rectangle(image, *corners, shade(colour, rng.uniform(0.88, 1.12)), -1)
        edge = ((0, start), (SIZE, start)) if level else ((start, 0), (start, SIZE))
        cv2.line(image, *edge, shade(colour, 0.6), 2)


def _plate(wall: np.ndarray, number: _Number, rng: np.random.Generator) -> tuple[np.ndarray, Colour]:
    """The wall with a plate behind the digits, and the plate's colour."""
    colour, image = jitter(rng, pick(rng, PLATES), 0.12), wall.copy()
    outline = number.outline(tuple(rng.uniform(0.02, 0.25, 2)))
    rim = shade(colour, 0.6) if sum(colour) > 300 else mix(colour, (230, 230, 226), rng.uniform(0.2, 0.9))
    cv2.fillPoly(image, [np.rint(outline + (2, 3)).astype(np.int32)], shade(tuple(wall.mean((0, 1))), 0.6))
    cv2.fillPoly(image, [np.rint(outline).astype(np.int32)], colour, cv2.LINE_AA)
    if chance(rng, 0.5):
        cv2.polylines(image, [np.rint(outline).astype(np.int32)], True, rim, int(rng.integers(1, 4)), cv2.LINE_AA)
    return image, colour


def _ink(ground: Colour, rng: np.random.Generator) -> Colour:
    """A colour that can be told from the ground, now and then only just."""
    clear = rng.uniform(28, 50) if chance(rng, 0.3) else rng.uniform(60, 150)
    inks = [jitter(rng, colour, 0.15) for colour in INKS]
    options = [colour for colour in inks if abs(_brightness(colour) - _brightness(ground)) > clear]
    colour = pick(rng, options or [(245, 245, 240) if _brightness(ground) < 128 else (12, 12, 14)])
    excess = clear / max(1.0, abs(_brightness(colour) - _brightness(ground)))
    return mix(ground, colour, excess) if clear < 55 else colour


def _brightness(colour: Colour) -> float:
    return float(np.dot(colour, (0.299, 0.587, 0.114)))


def _lettered(image: np.ndarray, mask: np.ndarray, ink: Colour, rng: np.random.Generator) -> np.ndarray:
    """The digits on their ground: flat paint, or cast and standing off the wall."""
    if chance(rng, 0.45):  # they cast a shadow
        shift = np.float32([(1, 0, rng.uniform(-4, 4)), (0, 1, rng.uniform(0.5, 4))])
        cast = cv2.blur(cv2.warpAffine(mask, shift, (SIZE, SIZE)), (3, 3))
        image = saturated(image * tripled(1 - cast * np.float32(rng.uniform(0.2, 0.6) / 255)))
    face = np.full((SIZE, SIZE, 3), ink, np.float32)
    if chance(rng, 0.4):  # their edges catch the light
        edge = cv2.Sobel(cv2.blur(mask, (3, 3)), cv2.CV_32F, *pick(rng, ((0, 1), (1, 0))))
        face += tripled(edge * np.float32(rng.uniform(-0.12, 0.12)))
    if chance(rng, 0.2):  # worn paint
        worn = noise(rng, SIZE, SIZE, 3.0) > rng.uniform(0.9, 2.0)
        mask = np.where(worn, mask // 3, mask)
    return saturated(image + (face - image) * tripled(mask * np.float32(1 / 255)))


def _lit(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light that falls off to one side, and the edge of a shadow."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j].astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    along = np.float32(np.cos(turn)) * x + np.float32(np.sin(turn)) * y
    gain = np.float32(rng.uniform(0.6, 1.1)) + np.float32(rng.uniform(0, 0.25)) * along
    if chance(rng, 0.25):
        edge = np.float32(rng.uniform(-0.7, 0.7))
        gain = gain * np.where(along > edge, np.float32(rng.uniform(0.45, 0.8)), np.float32(1))
    tint = rng.normal(1, 0.05, 3).astype(np.float32)
    return saturated(image * tripled(gain) * tint + np.float32(rng.uniform(-8, 14)))


def _seen(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a camera on a passing car makes of it: far away, moved, noisy."""
    if chance(rng, 0.55):  # the crop is a few pixels of a large picture
        small = int(rng.uniform(11, 30))
        image = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
        image = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    elif chance(rng, 0.5):
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 2.4))
    if chance(rng, 0.15):
        image = cv2.blur(image, (int(rng.integers(3, 9)), 1))
    contrast, level = rng.uniform(0.65, 1.1), rng.uniform(85, 145)
    mean = float(image.mean())
    speckle = noise(rng, SIZE, SIZE, 2.0) * rng.uniform(0, 7)
    return saturated(
        (image.astype(np.float32) - mean) * np.float32(contrast)
        + np.float32(0.5 * (mean + level))
        + tripled(speckle)
    )


SAMPLE = SmallImages(
    name="house_numbers",
    classes=CLASSES,
    draw=draw,
    look_alikes=LOOK_ALIKES,
    layout=StreetViewFiles(),
    test_share=0.2,
    shares=SHARES,
)
