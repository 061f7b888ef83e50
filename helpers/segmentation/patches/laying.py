"""Large images whose truth is known because they are laid from tiles of known class, with irregular borders."""

from collections.abc import Sequence

import cv2
import numpy as np

OVERLAP = 0.25  # share of a tile's side over which it passes into the next tile of its region
ALIKE = 6  # tiles in one region at most: the first, and those most like it in colour, but not more than half
CANDIDATES = 8  # places of which each region's centre takes the one farthest from the others
WAVES = ((5, 0.07), (17, 0.02), (60, 0.005))  # bends of a border: how many across the image, and how large


def lay_mosaic(
    tiles: Sequence[np.ndarray], classes: Sequence[int], size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """An image (size, size, 3) uint8 RGB, and the class of each of its pixels (size, size) uint8.

    tiles: for each class (k, P, P, 3) uint8.    classes: the class of each region, one region an entry.
    """
    regions = irregular_regions(len(classes), size, rng)
    image = np.zeros((size, size, 3), np.uint8)
    for region, number in enumerate(classes):
        inside = regions == region
        if inside.any():
            box = _bounding_box(inside)
            of_region = like_one(tiles[number], rng)
            filled = fill(of_region, inside[box].shape, rng)
            image[box][inside[box]] = filled[inside[box]]
    return image, np.asarray(classes, np.uint8)[regions]


def irregular_regions(count: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(size, size) uint8: the number of the nearest of `count` scattered points, in coordinates that are bent."""
    rows, columns = np.meshgrid(
        np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32), indexing="ij"
    )
    for waves, strength in WAVES:
        rows += strength * size * _smooth_noise(waves, size, rng)
        columns += strength * size * _smooth_noise(waves, size, rng)
    nearest, best = np.zeros((size, size), np.uint8), np.full((size, size), np.inf, np.float32)
    for number, (y, x) in enumerate(scattered_points(count, rng) * size):
        distance = (rows - y) ** 2 + (columns - x) ** 2
        nearer = distance < best
        nearest[nearer], best[nearer] = number, distance[nearer]
    return nearest


def scattered_points(count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 2) float32 in 0 … 1: each the farthest from those before it of a few drawn at random."""
    points = rng.random((1, 2))
    while len(points) < count:
        drawn = rng.random((CANDIDATES, 2))
        apart = np.linalg.norm(drawn[:, None] - points[None], axis=2).min(axis=1)
        points = np.concatenate([points, drawn[apart.argmax()][None]])
    return points.astype(np.float32)


def _smooth_noise(waves: int, size: int, rng: np.random.Generator) -> np.ndarray:
    coarse = rng.normal(size=(waves + 1, waves + 1)).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def _bounding_box(inside: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def like_one(tiles: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A tile drawn from (k, P, P, 3) and those most like it in mean colour, in a random order."""
    colours = tiles.mean(axis=(1, 2))
    first = rng.integers(len(tiles))
    most = min(ALIKE, -(-len(tiles) // 2))
    nearest = np.argsort(np.linalg.norm(colours - colours[first], axis=1), kind="stable")[:most]
    return tiles[rng.permutation(nearest)]


def fill(tiles: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """An area (height, width, 3) uint8 laid with tiles (k, P, P, 3) in turn, in rows that are shifted at random.

    Where tiles overlap, their means are averaged and their details added so that contrast is kept (the
    variance-preserving blend of Heitz & Neyret, "High-performance by-example noise using a histogram-preserving
    blending operator", 2018).
    """
    side = tiles.shape[1]
    step = max(1, round(side * (1 - OVERLAP)))
    window = _window(side, side - step)
    means = tiles.mean(axis=(1, 2), dtype=np.float32)
    padded = (shape[0] + 2 * side, shape[1] + 2 * side)
    mean, detail = np.zeros((*padded, 3), np.float32), np.zeros((*padded, 3), np.float32)
    weight, squared = np.zeros((*padded, 1), np.float32), np.zeros((*padded, 1), np.float32)
    turn = 0
    for top in range(int(rng.integers(step)), shape[0] + side, step):
        for left in range(int(rng.integers(step)), shape[1] + side, step):
            place, number = np.s_[top : top + side, left : left + side], turn % len(tiles)
            mean[place] += window * means[number]
            detail[place] += window * (tiles[number] - means[number])
            weight[place] += window
            squared[place] += window**2
            turn += 1
    inner = np.s_[side : side + shape[0], side : side + shape[1]]
    laid = mean[inner] / weight[inner] + detail[inner] / np.sqrt(squared[inner])
    return np.clip(np.rint(laid), 0, 255).astype(np.uint8)


def _window(side: int, ramp: int) -> np.ndarray:
    """(side, side, 1) float32: 1 in the middle, falling towards the edges over `ramp` pixels."""
    distance = np.minimum(np.arange(side), np.arange(side)[::-1]) + 1
    slope = np.minimum(1, distance / (ramp + 1)).astype(np.float32)
    return (slope[:, None] * slope)[..., None]
