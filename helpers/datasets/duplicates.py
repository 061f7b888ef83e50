"""Find images that are the same picture: copies, also re-encoded, brightened or a little cropped.

Three sieves, each on what the one before lets through:

1. equal bytes or equal decoded pixels: exact duplicates;
2. a 64-bit perceptual hash (signs of the lowest frequencies of a cosine transform around their median,
   after Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010): pairs whose
   hashes differ in at most 16 bits are candidates;
3. the two thumbnails are laid over each other by an affine map (Evangelidis and Psarakis, "Parametric image
   alignment using enhanced correlation coefficient maximization", 2008), then their fine structure is
   compared. Two pictures of the sea have the same broad structure; only copies have the same waves.

Mirrored copies and strong crops are not found.
"""

import io
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from helpers.datasets.cache import Survey
from helpers.datasets.types import Duplicates
from helpers.paths import write_atomic

log = logging.getLogger(__name__)
VERSION = 1  # raise it when the same images would give other groups
HASH_BITS = 16  # candidates differ in at most that many of 64 bits
MAX_CANDIDATES = 60_000  # the nearest are checked, which bounds the time on sets where all images look alike
MAX_DISTANCE = 0.18  # 1 - correlation of the fine structure
FINE_SIGMA = 3.0  # pixels of 64: what is finer than this counts
SECONDS_BETWEEN_LINES = 5.0
MIN_OVERLAP = 0.4  # share of the thumbnail that both pictures must cover


def cached_duplicates(survey: Survey, folder: Path) -> tuple[Duplicates, np.ndarray]:
    """Duplicates and groups (N,) of the surveyed images, from `folder` or found now and left there."""
    path = folder / f"duplicates-{VERSION}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            exact, near, distances = stored["exact"], stored["near"], stored["distances"]
    except Exception as error:  # absent, cut short or damaged: all mean the same
        if path.exists():
            log.warning("the list of duplicates %s is damaged (%s); it is made again", path.name, error)
        exact = exact_pairs(survey.digests, survey.pixel_digests)
        near, distances = near_pairs(survey.thumbnails, exact)
        _store(path, exact=exact, near=near, distances=distances)
    pairs = np.concatenate([exact, near])
    listed = [(int(i), int(j), round(float(d), 4)) for (i, j), d in zip(near, distances, strict=True)]
    return Duplicates([(int(i), int(j)) for i, j in exact], listed), group(len(survey.files), pairs)


def _store(path: Path, **arrays: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    try:
        write_atomic(path, buffer.getvalue())
    except OSError as error:  # it will be found again next time
        log.warning("the list of duplicates could not be kept: %s", error)


def exact_pairs(digests: np.ndarray, pixel_digests: np.ndarray) -> np.ndarray:
    """(K, 2) int64 pairs (first, copy): each copy is named once, with the first image that it equals."""
    pairs = {}
    for values in (digests, pixel_digests):
        first: dict[str, int] = {}
        for j, value in enumerate(values.tolist()):
            i = first.setdefault(value, j)
            if i != j:
                pairs.setdefault(j, i)
    return np.array(sorted((i, j) for j, i in pairs.items()), dtype=np.int64).reshape(-1, 2)


def near_pairs(thumbnails: np.ndarray, exact: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K, 2) int64 pairs i < j of near-duplicates and their (K,) distances.

    thumbnails: (N, 64, 64) uint8. Of exact copies (`exact`, pairs) only the first takes part.
    """
    rest = np.setdiff1d(np.arange(len(thumbnails)), exact[:, 1])
    candidates = rest[candidate_pairs(perceptual_hash(thumbnails[rest]))]
    log.info("comparing %d pairs of images that look alike", len(candidates))
    with ThreadPoolExecutor() as pool:
        measured = pool.map(
            lambda pair: distance(thumbnails[pair[0]], thumbnails[pair[1]]), candidates, chunksize=64
        )
        distances = np.array(list(_told(measured, len(candidates))))
    keep = distances <= MAX_DISTANCE
    return candidates[keep], distances[keep]


def _told(measured: Iterator[float], total: int) -> Iterator[float]:
    """The same values; how many there are so far is logged now and then."""
    said = time.monotonic()
    for done, value in enumerate(measured, start=1):
        yield value
        if time.monotonic() - said > SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            log.info("comparing images that look alike: %d of %d pairs", done, total)


def perceptual_hash(thumbnails: np.ndarray) -> np.ndarray:
    """(N, 64, 64) uint8 to (N,) uint64: signs of the 64 lowest frequencies around their median."""
    side = 9
    cosines = _cosines(thumbnails.shape[1], side)
    frequencies = sorted(((u + v, u, v) for u in range(side) for v in range(side) if u + v), key=lambda f: f)[:64]
    chosen = [u * side + v for _, u, v in frequencies]
    hashes = [np.empty(0, np.uint64)]
    for start in range(0, len(thumbnails), 4096):
        block = thumbnails[start : start + 4096].astype(np.float32)
        values = (cosines @ block @ cosines.T).reshape(len(block), -1)[:, chosen]
        bits = values > np.median(values, axis=1, keepdims=True)
        hashes.append(np.packbits(np.ascontiguousarray(bits), axis=1).view(np.uint64)[:, 0])
    return np.concatenate(hashes)


def _cosines(length: int, count: int) -> np.ndarray:
    """The first `count` rows of the discrete cosine transform (type II) of that length."""
    frequency, position = np.arange(count)[:, None], np.arange(length)[None]
    return np.cos(np.pi * (2 * position + 1) * frequency / (2 * length)).astype(np.float32)


def candidate_pairs(hashes: np.ndarray) -> np.ndarray:
    """(K, 2) int64 pairs i < j whose hashes differ in at most HASH_BITS bits; the nearest of too many."""
    found = [np.empty((0, 3), np.int64), *_near_hashes(hashes)]
    pairs = np.concatenate(found)
    if len(pairs) > MAX_CANDIDATES:
        log.warning(
            "Many images look alike: the %d most similar pairs are checked, of %d.",
            MAX_CANDIDATES,
            len(pairs),
        )
        pairs = pairs[np.argsort(pairs[:, 2], kind="stable")[:MAX_CANDIDATES]]
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0])), :2]


def _near_hashes(hashes: np.ndarray) -> Iterator[np.ndarray]:
    """Rows (i, j, differing bits), all pairs compared: 100 000 images take about ten seconds on one core."""
    rows = 64
    for start in range(0, len(hashes), rows):
        bits = np.bitwise_count(hashes[start : start + rows, None] ^ hashes[None, start:])
        i, j = np.nonzero(bits <= HASH_BITS)
        later = j > i
        i, j = i[later], j[later]
        yield np.stack([i + start, j + start, bits[i, j]], axis=1)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """How much the fine structure of two thumbnails (S, S) uint8 differs: 0 the same, 1 unrelated."""
    a, b = a.astype(np.float32), b.astype(np.float32)
    try:
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-3)
        _, warp = cv2.findTransformECC(a, b, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, criteria, None, 5)
    except cv2.error:  # no alignment was found
        return 1.0
    covered = _warped(np.ones_like(b), warp) > 0.99
    if covered.mean() < MIN_OVERLAP:
        return 1.0
    inner = cv2.erode(np.pad(covered[1:-1, 1:-1], 1).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    aligned = np.where(covered, _warped(b, warp), a)  # no edge where b ends: it would count as structure
    return 1 - _correlation(_fine(a)[inner], _fine(aligned)[inner])


def _warped(image: np.ndarray, warp: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(image, warp, image.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def _fine(image: np.ndarray) -> np.ndarray:
    return image - cv2.GaussianBlur(image, (0, 0), FINE_SIGMA)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation of two arrays of one length; 0 where one is constant."""
    if len(a) < 2:
        return 0.0
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 1e-6 else 0.0


def group(count: int, pairs: np.ndarray) -> np.ndarray:
    """(count,) int64: images connected by pairs share a number, that of their first image (union–find)."""
    parent = list(range(count))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs.tolist():
        low, high = sorted((find(i), find(j)))
        parent[high] = low
    return np.array([find(i) for i in range(count)], dtype=np.int64)
