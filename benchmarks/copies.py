"""Which kinds of altered copies the search for near-duplicates finds, on any folder of images, and in what time.

    python benchmarks/copies.py FOLDER [--images 1000] [--sheet pairs.png]

Takes images of the folder at random, and searches them alone: whatever it finds is printed, for a set from the web
may hold true copies; a person says which are false, and `--sheet` shows them side by side. Then, a kind at a time,
every image gets an altered copy: printed are the share whose copy is found, pairs that bind different images and
were not found before, and the seconds of the clock and of the processor for images and copies together.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from helpers.datasets.decode import SUFFIXES, UnreadableImage, decode
from helpers.datasets.duplicates import group, near_pairs
from helpers.datasets.reading import THUMBNAIL

NOTHING = np.empty((0, 2), np.int64)
Alter = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def encoded(pixels: np.ndarray, quality: int = 85) -> np.ndarray:
    """The pixels (H, W, 3) after JPEG."""
    content = cv2.imencode(".jpg", np.ascontiguousarray(pixels), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(content, cv2.IMREAD_COLOR)


def cropped(pixels: np.ndarray, top: float, bottom: float, left: float, right: float) -> np.ndarray:
    """Without these shares of height and width."""
    height, width = pixels.shape[:2]
    rows = slice(round(top * height), height - round(bottom * height))
    return pixels[rows, round(left * width) : width - round(right * width)]


def cropped_at_random(pixels: np.ndarray, rng: np.random.Generator, most: float = 0.2) -> np.ndarray:
    """Without up to `most` of height and of width, at any place."""
    (down, across), (top, left) = rng.uniform(0, most, 2), rng.uniform(0, 1, 2)
    return cropped(pixels, down * top, down * (1 - top), across * left, across * (1 - left))


def rotated(pixels: np.ndarray, degrees: float, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
    """About its middle, with black corners."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), degrees, 1)
    return cv2.warpAffine(pixels, turn, (width, height), borderMode=border)


KINDS: dict[str, Alter] = {
    "saved as JPEG of quality 40": lambda p, rng: encoded(p, 40),
    "brightened": lambda p, rng: cv2.convertScaleAbs(p, alpha=1.15, beta=15),
    "resized to 60 %": lambda p, rng: cv2.resize(p, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA),
    "mirrored": lambda p, rng: encoded(p[:, ::-1]),
    "mirrored top to bottom": lambda p, rng: encoded(p[::-1]),
    "turned by 90°": lambda p, rng: encoded(np.rot90(p)),
    "turned by 180°": lambda p, rng: encoded(np.rot90(p, 2)),
    "turned by 270°": lambda p, rng: encoded(np.rot90(p, 3)),
    "mirrored and turned by 90°": lambda p, rng: encoded(p.transpose(1, 0, 2)),
    "mirrored and turned by 270°": lambda p, rng: encoded(np.rot90(p, 2).transpose(1, 0, 2)),
    "middle, 10 % off each axis": lambda p, rng: encoded(cropped(p, 0.05, 0.05, 0.05, 0.05)),
    "middle, 20 % off each axis": lambda p, rng: encoded(cropped(p, 0.1, 0.1, 0.1, 0.1)),
    "10 % off at a corner": lambda p, rng: encoded(cropped(p, 0.1, 0, 0.1, 0)),
    "20 % off at a corner": lambda p, rng: encoded(cropped(p, 0, 0.2, 0.2, 0)),
    "20 % off one side": lambda p, rng: encoded(cropped(p, 0, 0, 0.2, 0)),
    "up to 20 % off anywhere": lambda p, rng: encoded(cropped_at_random(p, rng)),
    "mirrored, 10 % off at a corner": lambda p, rng: encoded(cropped(p[:, ::-1], 0.1, 0, 0.1, 0)),
    "turned by 90°, up to 20 % off": lambda p, rng: encoded(np.rot90(cropped_at_random(p, rng))),
    "turned by 5°": lambda p, rng: encoded(rotated(p, 5)),
    "turned by 10°, mirrored at its sides": lambda p, rng: encoded(rotated(p, 10, cv2.BORDER_REFLECT)),
    "turned by 15°": lambda p, rng: encoded(rotated(p, 15)),
    "turned by 15°, without its corners": lambda p, rng: encoded(cropped(rotated(p, -15), *[0.092] * 4)),
}


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """As the course makes it of every image."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)


def images_of(folder: Path, most: int) -> dict[str, np.ndarray]:
    """Up to so many readable images of a folder, drawn at random, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    images: dict[str, np.ndarray] = {}
    for place in np.random.default_rng(0).permutation(len(paths)):
        try:
            images[paths[place].relative_to(folder).as_posix()] = decode(paths[place].read_bytes()).pixels
        except UnreadableImage:
            continue
        if len(images) == most:
            break
    return images


def searched(thumbnails: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """What the search finds, and how long it took, in words."""
    clock, processor = time.perf_counter(), time.process_time()
    found = near_pairs(thumbnails, NOTHING)
    return *found, f"{time.perf_counter() - clock:6.1f} s {time.process_time() - processor:6.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    images = images_of(args.folder, args.images)
    names, count = list(images), len(images)
    originals = np.stack([thumbnail(pixels) for pixels in images.values()])
    pairs, distances, hows, took = searched(originals)
    print(f"{count} images alone: {len(pairs)} pairs in {took}")
    for (i, j), value, how in zip(pairs.tolist(), distances, hows, strict=True):
        print(f"    {names[i]}  {names[j]}  {value:.3f} {how}")
    if args.sheet and len(pairs):
        cv2.imwrite(str(args.sheet), np.concatenate([np.concatenate(originals[pair], axis=1) for pair in pairs]))
    known = group(count, pairs)
    print(f"\n{'kind of copy':36} {'found':>8} {'new pairs':>10} {'clock':>8} {'processor':>8}")
    for kind, alter in KINDS.items():
        rng = np.random.default_rng(0)
        copies = np.stack([thumbnail(alter(pixels, rng)) for pixels in images.values()])
        pairs, _, _, took = searched(np.concatenate([originals, copies]))
        groups = group(2 * count, pairs)
        share, (first, second) = (groups[:count] == groups[count:]).mean(), known[pairs % count].T
        print(f"{kind:36} {100 * share:6.1f} % {(first != second).sum():10} {took}", flush=True)


if __name__ == "__main__":
    main()
