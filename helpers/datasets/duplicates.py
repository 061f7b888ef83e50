"""Find images that are the same picture: copies, also re-encoded, brightened or a little cropped.

Three sieves, each on what the one before lets through:

1. equal bytes or equal decoded pixels: exact duplicates;
2. a 64-bit perceptual hash (signs of the lowest frequencies of a cosine transform around their median,
   after Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010): pairs whose
   hashes differ in at most 16 bits are candidates, and are compared from the nearest on until as many have been
   found to be different pictures as there are images;
3. the two thumbnails are laid over each other by an affine map (Evangelidis and Psarakis, "Parametric image
   alignment using enhanced correlation coefficient maximization", 2008), then their fine structure is
   compared. Two pictures of the sea have the same broad structure; only copies have the same waves.

Mirrored copies and strong crops are not found.
"""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.intact import kept_arrays
from helpers.base.paths import write_atomic
from helpers.datasets.cache import ImageSurvey
from helpers.datasets.reading import in_threads
from helpers.datasets.types import Duplicates

log = logging.getLogger(__name__)
HASH_BITS = 16  # candidates differ in at most that many of 64 bits
TABLES, TOGETHER = 128, 8  # orders in which hashes are sorted, and how many before what they gave is put together
WINDOW, COMPARED = 8, 20_000_000  # each is compared with so many next to it, or more: so many comparisons in all
KEPT = 4  # candidates for each image, on average: the nearest
LEAST_REJECTED = 10_000  # pairs that may turn out to be different pictures in a small set
MAX_DISTANCE = 0.18  # 1 - correlation of the fine structure
FINE_SIGMA = 3.0  # pixels of 64: what is finer than this counts
MIN_OVERLAP = 0.4  # share of the thumbnail that both pictures must cover


def cached_duplicates(survey: ImageSurvey, folder: Path) -> tuple[Duplicates, np.ndarray]:
    """Duplicates and groups (N,) of the surveyed images, from `folder` or found now and left there."""
    path = folder / f"duplicates-{code_of(exact_pairs, near_pairs)}.npz"
    if stored := kept_arrays(path):
        exact, near, distances = stored["exact"], stored["near"], stored["distances"]
    else:
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
    candidates = rest[candidate_pairs(perceptual_hash(thumbnails)[rest])[:, :2]]
    log.info("comparing up to %d pairs of images that look alike", len(candidates))
    measured = in_threads(
        lambda pair: distance(thumbnails[pair[0]], thumbnails[pair[1]]), candidates,
        "comparing images that look alike: %d of %d pairs",
    )  # fmt: skip
    distances = np.array(list(_enough(measured, max(LEAST_REJECTED, len(rest)))))
    if len(distances) < len(candidates):
        log.warning("Many images look alike: the %d most similar pairs were compared.", len(distances))
    near = np.flatnonzero(distances <= MAX_DISTANCE)
    near = near[np.lexsort(candidates[near].T[::-1])]
    return candidates[near], distances[near]


def _enough(measured: Iterator[float], most: int) -> Iterator[float]:
    """The same distances until so many of them were too large."""
    for value in measured:
        yield value
        most -= value > MAX_DISTANCE
        if not most:
            return


def perceptual_hash(thumbnails: np.ndarray) -> np.ndarray:
    """(N, 64, 64) uint8 to (N,) uint64: signs of the 64 lowest frequencies around their median."""
    from scipy.fft import dctn

    side = 9
    frequencies = sorted(((u + v, u, v) for u in range(side) for v in range(side) if u + v), key=lambda f: f)[:64]
    chosen = [u * side + v for _, u, v in frequencies]
    hashes = [np.empty(0, np.uint64)]
    for start in range(0, len(thumbnails), 4096):
        block = thumbnails[start : start + 4096].astype(np.float32)
        values = dctn(block, axes=(1, 2))[:, :side, :side].reshape(len(block), -1)[:, chosen]
        bits = values > np.median(values, axis=1, keepdims=True)
        hashes.append(np.packbits(np.ascontiguousarray(bits), axis=1).view(np.uint64)[:, 0])
    return np.concatenate(hashes)


def candidate_pairs(hashes: np.ndarray) -> np.ndarray:
    """(K, 3) int64: i < j whose hashes differ in at most HASH_BITS bits, and in how many; the nearest first.

    Hashes are sorted with their bits in one random order after another, and each is compared with those next to it
    (Charikar 2002, "Similarity estimation techniques from rounding algorithms", STOC): n log n in all. Among 5000
    images that finds every pair; among 76 000, all that differ in up to 8 bits and 99 % of those in 12. Of more
    than `KEPT` pairs an image the nearest remain.
    """
    bits, count = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1), len(hashes)
    rng, pairs = np.random.default_rng(0), np.empty(0, np.int64)
    most, radius = max(LEAST_REJECTED, KEPT * count), HASH_BITS
    for _ in range(TABLES // TOGETHER):
        fresh = [_beside(hashes, np.take(bits, rng.permutation(64), axis=1), radius) for _ in range(TOGETHER)]
        pairs = np.sort(np.concatenate([pairs, *fresh]))  # np.unique hashes, which takes ten times as long
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        i, j = np.divmod(pairs, max(1, count))
        differing = np.bitwise_count(hashes[i] ^ hashes[j])
        nearest = np.argsort(differing, kind="stable")[:most]
        pairs = pairs[nearest]
        radius = differing[nearest[-1]] - 1 if len(pairs) == most else radius  # only nearer ones could be kept
    return np.stack([i, j, differing], axis=1)[nearest]


def _beside(hashes: np.ndarray, bits: np.ndarray, radius: int) -> np.ndarray:
    """Pairs, as i · n + j, of similar hashes that lie beside each other in the order of `bits` (n, 64)."""
    order = np.argsort(np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64), kind="stable")
    ordered, found = hashes[order], [np.empty(0, np.int64)]
    for step in range(1, min(len(order), max(WINDOW, COMPARED // (TABLES * max(1, len(order)))) + 1)):
        near = np.flatnonzero(np.bitwise_count(ordered[step:] ^ ordered[:-step]) <= radius)
        pair = np.sort([order[near], order[near + step]], axis=0)
        found.append(pair[0] * len(order) + pair[1])
    return np.concatenate(found)


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
    """(count,) int64: images connected by pairs share a number, that of their first image."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(pairs), bool), pairs.T), shape=(count, count))
    _, first, component = np.unique(
        connected_components(edges, directed=False)[1], return_index=True, return_inverse=True
    )
    return first[component]
