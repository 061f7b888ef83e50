"""Find images that are the same picture: copies, also re-encoded, resized, brightened, mirrored, turned, cropped.

Four sieves, each on what the one before lets through:

1. equal bytes or equal decoded pixels: exact duplicates;
2. a 64-bit perceptual hash (signs of the lowest frequencies of a cosine transform, after Zauner, "Implementation
   and benchmarking of perceptual image hash functions", 2010), of every picture in its eight orientations, and of
   36 sections of every picture and of what it looks like turned by 6° and 15°: those that differ in few bits are
   candidates;
3. where in one picture the other would lie is fitted to their low frequencies, which then must agree;
4. the two thumbnails are laid over each other by an affine map, then their fine structure is compared, from the
   most alike pair on, until as many have been found to be different pictures as there are images. Two pictures of
   the sea have the same broad structure; only copies have the same waves.
"""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.base.fingerprint import code_of
from helpers.base.intact import kept_arrays
from helpers.base.paths import write_atomic
from helpers.datasets.cache import ImageSurvey
from helpers.datasets.reading import in_threads
from helpers.datasets.registration import (
    BORDERS,
    compare,
    corners,
    fit_cuts,
    tilted,
    turned,
    turned_waves,
    waves_of_views,
)
from helpers.datasets.types import Duplicates

log = logging.getLogger(__name__)
LOOKED_FOR = (
    "re-encoded, resized, brightened, mirrored, turned by quarter turns or up to 15°, cropped by up to a fifth"
)
ORIENTATIONS = (
    "", "mirrored", "mirrored top to bottom", "turned by 180°",
    "mirrored and turned by 90°", "turned by 90°", "turned by 90°", "mirrored and turned by 90°",
)  # fmt: skip
CUTS = np.array([(0, 0), (0, 0.1), (0.1, 0), (0, 0.2), (0.2, 0), (0.1, 0.1)])  # off the two ends of a side
TILTS = [(angle, border) for angle in (-15, -6, 6, 15) for border in BORDERS]
VIEWS = [(row, column, -1) for row in range(len(CUTS)) for column in range(len(CUTS))]  # two cuts; no tilt
VIEWS += [(cut, cut, tilt) for tilt in range(len(TILTS)) for cut in (0, len(CUTS) - 1)]
HASH_BITS = 14  # candidates differ in at most that many of 64 bits
TABLES, TOGETHER = 64, 8  # orders in which hashes are sorted, and how many before what they gave is put together
SORTED_BY, LOW = 32, 40  # bits by which they are sorted, of the lowest frequencies: they change least
WINDOW, COMPARED = 8, 20_000_000  # each is compared with so many on either side of it, or more: so many in all
ALL_AT_ONCE = 10_000_000  # comparisons up to which everything is compared with everything
KEPT = 16  # candidates for each image, on average: the nearest
LEAST_REJECTED = 10_000  # pairs that may turn out to be different pictures in a small set
MIN_ALIKE = 0.6  # of the low frequencies, where one picture lies in the other as well as it can
MAX_DISTANCE = 0.18  # 1 - correlation of the fine structure
MAX_CHANGED = 0.12  # the same where one had to be turned or cut out: there are more ways to be alike by chance
MIN_CORNERS, MANY_CORNERS = 16, 48  # with few corners any two drawings match; turned, with not so many, too


def cached_duplicates(survey: ImageSurvey, folder: Path) -> tuple[Duplicates, np.ndarray]:
    """Duplicates and groups (N,) of the surveyed images, from `folder` or found now and left there."""
    path = folder / f"duplicates-{code_of(exact_pairs, near_pairs)}.npz"
    if stored := kept_arrays(path):
        exact, near, distances, kinds = (stored[name] for name in ("exact", "near", "distances", "kinds"))
    else:
        exact = exact_pairs(survey.digests, survey.pixel_digests)
        near, distances, kinds = near_pairs(survey.thumbnails, exact)
        _store(path, exact=exact, near=near, distances=distances, kinds=kinds)
    pairs = np.concatenate([exact, near])
    found = zip(near.tolist(), distances.tolist(), kinds.tolist(), strict=True)
    listed = [(i, j, round(distance, 4), kind) for (i, j), distance, kind in found]
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


def near_pairs(thumbnails: np.ndarray, exact: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(K, 2) int64 pairs i < j of near-duplicates, their (K,) distances and (K,) str, how the two differ.

    thumbnails: (N, 64, 64) uint8. Of exact copies (`exact`, pairs) only the first takes part. How is one of
    `ORIENTATIONS`, with 'turned a little' and with 'cropped' where one shows a section of the other.
    """
    flat = np.array([picture.min() == picture.max() for picture in thumbnails], bool)
    rest = np.setdiff1d(np.flatnonzero(~flat), exact[:, 1])
    i, view, j, orientation, _ = candidate_pairs(*hashes(thumbnails, rest)).T
    i, j, (row, column, tilt) = rest[i], rest[j], np.array(VIEWS)[view].T
    leaning, place = np.unique(np.stack([i, tilt])[:, tilt >= 0], axis=1, return_inverse=True)
    pictures = [thumbnails, *(tilted(thumbnails[one], *TILTS[way])[None] for one, way in leaning.T)]
    pictures, source = np.concatenate(pictures), i.copy()
    source[tilt >= 0] = len(thumbnails) + place
    cuts, alike = fit_cuts(pictures, source, j, orientation, np.concatenate([CUTS[row], CUTS[column]], axis=1))
    first, second = np.minimum(i, j), np.maximum(i, j)
    order = np.argsort(-alike, kind="stable")
    order = order[alike[order] >= MIN_ALIKE]
    order = order[np.sort(np.unique((first * len(thumbnails) + second)[order], return_index=True)[1])]
    log.info("comparing up to %d pairs of images that look alike", len(order))
    measured = in_threads(
        lambda k: _compared(pictures[source[k]], pictures[j[k]], orientation[k], cuts[k], tilt[k] >= 0), order,
        "comparing images that look alike: %d of %d pairs",
    )  # fmt: skip
    found = list(_enough(measured, max(LEAST_REJECTED, len(rest))))
    if len(found) < len(order):
        log.warning("Many images look alike: the %d most similar pairs were compared.", len(found))
    pairs, distances = np.stack([first, second], axis=1)[order], np.array([one.distance for one in found])
    near = np.array([k for k, one in enumerate(found) if one.same], dtype=np.int64)
    near = near[np.lexsort(pairs[near].T[::-1])]
    return pairs[near], distances[near], np.array([found[k].how for k in near], dtype=str)


class Compared(NamedTuple):
    """Whether two thumbnails show the same picture, the distance of their fine structure, and how they differ."""

    same: bool
    distance: float
    how: str


def _compared(a: np.ndarray, b: np.ndarray, orientation: int, cut: np.ndarray, leans: bool) -> Compared:
    whole, is_turned = np.ascontiguousarray(turned(b, orientation)), bool(orientation) or leans
    value, is_section = compare(a, whole, cut, is_turned)
    changes = [ORIENTATIONS[orientation], "turned a little" if leans else "", "cropped" if is_section else ""]
    how = " and ".join(filter(None, changes))
    if how and value <= MAX_DISTANCE:
        if orientation and (unturned := _compared(a, b, 0, cut, leans)).same:
            return unturned  # the picture is its own mirror image
        detail = min(corners(a), corners(b))
        most = MAX_CHANGED * (min(1, detail / MANY_CORNERS) if is_turned else 1)
        return Compared(detail >= MIN_CORNERS and value <= most, value, how)
    return Compared(value <= MAX_DISTANCE, value, how)


def _enough(measured: Iterator[Compared], most: int) -> Iterator[Compared]:
    """The same until so many have turned out to be different pictures."""
    for one in measured:
        yield one
        most -= not one.same
        if not most:
            return


def perceptual_hash(thumbnails: np.ndarray) -> np.ndarray:
    """(N, 64, 64) uint8 to (N,) uint64: the signs of the 64 lowest frequencies, without the mean."""
    return _signs(waves_of_views(thumbnails, CUTS[:1])[:, 0])


def _signs(waves: np.ndarray) -> np.ndarray:
    """(..., F, F) to (...) uint64."""
    side = waves.shape[-1]
    lowest = sorted((u + v, u, v) for u in range(side) for v in range(side) if u + v)[:64]
    flat = waves.reshape(*waves.shape[:-2], -1)[..., [u * side + v for _, u, v in lowest]]
    return np.packbits(np.ascontiguousarray(flat > 0), axis=-1).view(np.uint64)[..., 0]


def hashes(thumbnails: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, V) uint64 of the chosen pictures' VIEWS, and (n, 8) of the whole pictures in their orientations."""
    views, wholes = [np.empty((0, len(VIEWS)), np.uint64)], [np.empty((0, 8), np.uint64)]
    for start in range(0, len(chosen), 512):
        pictures = thumbnails[chosen[start : start + 512]]
        waves = waves_of_views(pictures, CUTS)
        leaning = [np.stack([tilted(picture, *tilt) for picture in pictures]) for tilt in TILTS]
        leaning = [waves_of_views(some, CUTS[[0, -1]])[:, [0, -1]] for some in leaning]
        views.append(_signs(np.concatenate([waves, *leaning], axis=1)))
        wholes.append(np.stack([_signs(turned_waves(waves[:, 0], way)) for way in range(8)], axis=1))
    return np.concatenate(views), np.concatenate(wholes)


def candidate_pairs(views: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """(K, 5) int64: i, its view, j, its orientation whose hashes differ in up to HASH_BITS bits, and in how many.

    views: (n, V) uint64 hashes; wholes: (n, O). Of each i and j the nearest two, the nearest pairs
    first. The views are sorted with their bits in one random order after another, and each whole is compared with
    those next to where it would be (Charikar, "Similarity estimation techniques from rounding algorithms", 2002):
    n log n in all. Of more than `KEPT` pairs an image the nearest remain.
    """
    count, each, ways = len(views), views.shape[1], wholes.shape[1]
    views, wholes, rng, keys = views.ravel(), wholes.ravel(), np.random.default_rng(0), np.empty(0, np.int64)
    all_at_once = len(views) * len(wholes) <= ALL_AT_ONCE
    window = len(views) if all_at_once else max(WINDOW, COMPARED // (2 * TABLES * len(wholes)))
    bits = [np.unpackbits(some.view(np.uint8).reshape(-1, 8), axis=1) for some in (views, wholes)]
    most, radius = max(LEAST_REJECTED, KEPT * count), HASH_BITS
    for table in range(1 if all_at_once else TABLES):
        chosen = rng.permutation(LOW)[:SORTED_BY]
        view, whole, differing = _beside(views, wholes, *(_number(some, chosen) for some in bits), window, radius)
        (i, view), (j, way) = np.divmod(view, each), np.divmod(whole, ways)
        fresh = (((i * count + j) * 64 + differing) * each + view) * ways + way
        keys = np.concatenate([keys, fresh[i != j]])
        if all_at_once or table % TOGETHER == TOGETHER - 1:
            keys = np.sort(keys)
            keys = keys[np.diff(keys // (64 * each * ways), prepend=-1) > 0]  # of each pair the nearest
            differing = keys // (each * ways) % 64
            nearest = np.argsort(differing, kind="stable")[:most]
            keys, differing = keys[nearest], differing[nearest]
            radius = differing[-1] - 1 if len(keys) == most else radius  # only nearer ones could be kept
    pairs, view, way = keys // (64 * each * ways), keys // ways % each, keys % ways
    return np.stack([pairs // max(1, count), view, pairs % max(1, count), way, differing], axis=1)


def _number(bits: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(n,) uint32: SORTED_BY chosen ones of the bits (n, 64), the first counts most."""
    packed = np.packbits(np.take(bits, chosen, axis=1), axis=1)
    return np.ascontiguousarray(packed).view(">u4")[:, 0].astype(np.uint32)


def _beside(
    views: np.ndarray, wholes: np.ndarray, numbers: np.ndarray, places: np.ndarray, window: int, radius: int
) -> np.ndarray:
    """(3, K): views, wholes near them by their numbers that differ in up to `radius` bits, and in how many."""
    numbered = np.sort(numbers.astype(np.uint64) << np.uint64(32) | np.arange(len(numbers), dtype=np.uint64))
    order = (numbered & np.uint64(0xFFFFFFFF)).astype(np.int64)  # several times as fast as argsort
    ordered, place = views[order], np.searchsorted(numbered, places.astype(np.uint64) << np.uint64(32))
    found = [np.empty((3, 0), np.int64)]
    for step in range(-window, window if len(views) else -window):
        at = place + step
        differing = np.bitwise_count(ordered[np.clip(at, 0, len(views) - 1)] ^ wholes)
        near = np.flatnonzero((differing <= radius) & (at >= 0) & (at < len(views)))
        found.append(np.stack([order[at[near]], near, differing[near]]))
    return np.concatenate(found, axis=1)


def group(count: int, pairs: np.ndarray) -> np.ndarray:
    """(count,) int64: images connected by pairs share a number, that of their first image."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(pairs), bool), pairs.T), shape=(count, count))
    _, first, component = np.unique(
        connected_components(edges, directed=False)[1], return_index=True, return_inverse=True
    )
    return first[component]
