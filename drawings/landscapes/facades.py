"""Fronts of houses as flat pictures, and how they are hung into a view."""

from dataclasses import dataclass

import cv2
import numpy as np

from drawings.canvas import Colour, chance, jitter, mix, pick, shade

GLASS: tuple[Colour, ...] = ((60, 74, 90), (86, 104, 120), (44, 52, 62), (122, 144, 162))
PLASTER: tuple[Colour, ...] = (
    (220, 202, 162), (206, 178, 138), (228, 220, 204), (196, 146, 112), (176, 172, 164), (214, 186, 92),
    (170, 186, 196),
)  # fmt: skip
ROOFS: tuple[Colour, ...] = ((132, 70, 52), (96, 62, 54), (84, 86, 92), (150, 90, 62), (70, 92, 84))
SIGNS: tuple[Colour, ...] = ((170, 44, 44), (40, 84, 140), (46, 110, 70), (226, 182, 60), (230, 228, 220))
BRICK: tuple[Colour, ...] = ((144, 78, 60), (126, 66, 54), (164, 104, 78), (116, 92, 78))
STONE: tuple[Colour, ...] = ((186, 178, 160), (160, 154, 144), (204, 196, 176))
CONCRETE: tuple[Colour, ...] = ((150, 152, 152), (176, 176, 172), (124, 128, 132))
CELL = (14, 12)  # pixels of one window's share of a front: height, width


@dataclass(frozen=True)
class Front:
    """What a house's fronts look like; all of one house share it."""

    wall: Colour
    glass: Colour
    frame: Colour
    kind: str  # punched, bands, curtain, arched
    night: bool = False
    balconies: bool = False


def front(rng: np.random.Generator, kinds: dict[str, float], night: bool = False) -> Front:
    """Some house's looks."""
    kind = pick(rng, tuple(kinds), tuple(kinds.values()))
    walls = {"curtain": CONCRETE, "bands": CONCRETE + STONE}.get(
        kind, pick(rng, (PLASTER, BRICK, STONE), (5, 3, 2))
    )
    wall = jitter(rng, pick(rng, walls), 0.15)
    frame = mix(wall, (238, 236, 230), 0.7) if chance(rng, 0.6) else shade(wall, 0.6)
    gain, balconies = 0.4 if night else 1.0, chance(rng, 0.25)
    glass = jitter(rng, pick(rng, GLASS), 0.2)
    return Front(shade(wall, gain), shade(glass, gain), shade(frame, gain), kind, night, balconies)


def texture(rng: np.random.Generator, look: Front, floors: int, columns: int, shop: bool = False) -> np.ndarray:
    """The front from straight ahead, (floors × 14, columns × 12, 3) uint8."""
    image = np.tile(_cell(look), (floors, columns, 1))
    bright = (248, 214, 140) if look.night else mix(look.glass, (208, 218, 226), 0.5)
    for floor, column in np.argwhere(rng.random((floors, columns)) < (0.4 if look.night else 0.25)):
        top, left = floor * CELL[0], column * CELL[1]
        cv2.rectangle(image, (left + 4, top + 4), (left + 7, top + 9), jitter(rng, bright, 0.2), -1)
    cv2.rectangle(image, (0, 0), (image.shape[1], 1), shade(look.wall, 0.75), -1)
    if shop:
        _shop(image, rng, look)
    return image


def _cell(look: Front) -> np.ndarray:
    """One window and the wall about it, (14, 12, 3) uint8."""
    cell = np.empty((*CELL, 3), np.uint8)
    cell[:] = np.uint8(np.clip(look.wall, 0, 255))
    if look.kind == "curtain":
        cell[:] = np.uint8(look.glass)
        cell[-2:], cell[:, -1] = np.uint8(look.wall), np.uint8(look.frame)
    elif look.kind == "bands":
        cell[3:10] = np.uint8(look.glass)
        cell[3:10, -1] = np.uint8(look.frame)
    else:
        cv2.rectangle(cell, (2, 2), (9, 11), look.frame, -1)
        cv2.rectangle(cell, (3, 3), (8, 10), look.glass, -1)
        cv2.line(cell, (6, 3), (6, 10), look.frame, 1)
        if look.kind == "arched":
            cell[2, 2:4] = cell[2, 8:10] = np.uint8(np.clip(look.wall, 0, 255))
        if look.balconies:
            cv2.rectangle(cell, (1, 10), (10, 12), shade(look.wall, 0.55), -1)
    return cell


def _shop(image: np.ndarray, rng: np.random.Generator, look: Front) -> None:
    """A shop on the ground floor, drawn in place."""
    height, width = image.shape[:2]
    top = height - CELL[0]
    glow = (250, 226, 160) if look.night else shade(look.glass, 0.8)
    cv2.rectangle(image, (0, top), (width, height), shade(look.wall, 0.7), -1)
    for left in range(2, width - 8, 16):
        cv2.rectangle(image, (left, top + 4), (left + 11, height - 1), jitter(rng, glow, 0.3), -1)
        sign = jitter(rng, pick(rng, SIGNS), 0.2)
        cv2.rectangle(image, (left, top), (left + 11, top + 2), sign, -1)


def hang(image: np.ndarray, picture: np.ndarray, corners: np.ndarray, gain: float) -> None:
    """Put a flat picture into `image` (float32), its corners (clockwise from the top left) at (4, 2) pixels."""
    height, width = picture.shape[:2]
    source = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
    matrix = cv2.getPerspectiveTransform(source, np.float32(corners))
    size = (image.shape[1], image.shape[0])
    lit = cv2.multiply(picture, (gain,) * 3, dtype=cv2.CV_32F)
    cv2.warpPerspective(lit, matrix, size, image, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
