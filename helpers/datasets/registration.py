"""Lay small pictures over each other: where one was cut out of the other, which way round, how alike they are.

Thumbnails are (64, 64) uint8, grey, the whole picture squashed to a square. An orientation 0..7 is one of the
eight symmetries of the square, as the sum of what is done, in this order: 4 transpose, 1 mirror left to right,
2 mirror top to bottom. A cut is (top, bottom, left, right): which shares of a picture's height and width are off.
"""

import cv2
import numpy as np

BORDERS = (cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT)
FREQUENCIES = 9  # up to eight half waves a side: the 64 lowest of them are what a hash says of a picture
FITTED, JUDGED = 8, 12  # frequencies a side by which a cut is found, and by which it is judged
STEPS, LONGEST_STEP, FURTHEST = 2, 0.06, 0.3  # of the search for a cut, in shares of a side
HELD_BACK = 4.0  # how much steps cost that change nothing: a picture with little structure does not run away
WORTH_A_STEP = 0.5  # how alike pictures must be for another step
AT_ONCE = 1024
FINE_SIGMA = 3.0  # pixels of 64: what is finer than this counts
BLUR = 0.5  # pixels
MIN_OVERLAP = 0.4  # share of the thumbnail that both pictures must cover
WHOLE = 0.9  # share of either picture from which on they count as showing the same section
MAX_STRETCH = 1.45  # of one picture in any direction


def turned(picture: np.ndarray, orientation: int) -> np.ndarray:
    """A picture (..., S, S) in one of eight orientations."""
    picture = picture.swapaxes(-1, -2) if orientation & 4 else picture
    return picture[..., :: -1 if orientation & 2 else 1, :: -1 if orientation & 1 else 1]


def tilted(picture: np.ndarray, degrees: float, border: int) -> np.ndarray:
    """A picture (S, S) turned about its middle; what is beyond its sides is black or their mirror image."""
    middle = (len(picture) - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), degrees, 1)
    return cv2.warpAffine(picture, turn, picture.shape, flags=cv2.INTER_LINEAR, borderMode=border)


def turned_waves(waves: np.ndarray, orientation: int) -> np.ndarray:
    """The cosine transform (..., F, F) of the picture in that orientation: odd waves change sign."""
    waves, sign = waves.swapaxes(-1, -2) if orientation & 4 else waves, (-1.0) ** np.arange(waves.shape[-1])
    down, across = sign ** (orientation >> 1 & 1), sign ** (orientation & 1)
    return waves * np.outer(down, across).astype(np.float32)


def half_waves(start: np.ndarray, stop: np.ndarray, count: int, side: int) -> np.ndarray:
    """(..., count, side) float32: mean over each pixel of cos(π u t), where t goes from 0 at start to 1 at stop.

    start, stop (...): shares of a side of `side` pixels. What lies outside is 0.
    """
    start, stop = (np.asarray(end, np.float32)[..., None] for end in (start, stop))
    edges = np.clip((np.arange(side + 1, dtype=np.float32) / side - start) / (stop - start), 0, 1)[..., None, :]
    u = np.pi * np.arange(1, count, dtype=np.float32)[:, None]
    return np.concatenate([np.diff(edges), np.diff(np.sin(u * edges)) / u], axis=-2)


def waves_of_views(thumbnails: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """(N, V·V, F, F) cosine transforms of sections of (N, 64, 64) thumbnails: every pair of V cuts (V, 2)."""
    side = thumbnails.shape[1]
    basis = half_waves(cuts[:, 0], 1 - cuts[:, 1], FREQUENCIES, side).reshape(-1, side).T
    pictures = _level(thumbnails).reshape(-1, side) @ basis
    pictures = np.ascontiguousarray(pictures.reshape(len(thumbnails), side, -1).swapaxes(1, 2)).reshape(-1, side)
    waves = (pictures @ basis).reshape(len(thumbnails), len(cuts), FREQUENCIES, len(cuts), FREQUENCIES)
    return waves.transpose(0, 3, 1, 4, 2).reshape(len(thumbnails), -1, FREQUENCIES, FREQUENCIES)


def _level(pictures: np.ndarray) -> np.ndarray:
    """float32, each with a mean of 0."""
    pictures = pictures.astype(np.float32)
    return pictures - pictures.mean((1, 2), keepdims=True)


def fit_cuts(
    thumbnails: np.ndarray, i: np.ndarray, j: np.ndarray, orientation: np.ndarray, cuts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For pairs (K,) of pictures: the cut (K, 4) of i that j fills best, near `cuts`, and how alike they are (K,).

    Gauss-Newton steps (Lucas and Kanade, "An iterative image registration technique", 1981) on the low
    frequencies, for many pairs at once; alike is the cosine of the angle between all frequencies judged, 1 for the
    same picture. Each is weighted by its height, for pictures have less of the high ones.
    """
    side = thumbnails.shape[1] // 2
    small = thumbnails.reshape(len(thumbnails), side, 2, side, 2)
    small = _level(small.mean((2, 4), dtype=np.float32))
    basis = half_waves(0, 1, JUDGED, side)
    cuts, alike, waves = cuts.astype(np.float32), np.empty(len(i), np.float32), basis @ small @ basis.T
    left = np.arange(len(i))
    for step in range(STEPS + 1):
        count = FITTED if step < STEPS else JUDGED
        for start in range(0, len(left), AT_ONCE):
            some = left[start : start + AT_ONCE]
            target = np.empty((len(some), count, count), np.float32)
            for way in range(8):
                chosen = orientation[some] == way
                target[chosen] = turned_waves(waves[j[some[chosen]], :count, :count], way)
            change, alike[some] = _step(small[i[some]], target, cuts[some])
            if step < STEPS:
                cuts[some] = np.clip(cuts[some] + change, 1 / side - LONGEST_STEP, FURTHEST)
        left = left[alike[left] >= WORTH_A_STEP]
    return cuts, alike


def _step(pictures: np.ndarray, target: np.ndarray, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How the cuts (K, 4) should change for pictures (K, S, S) to have the waves `target` (K, F, F); how alike.

    Beside the four ends of the section, the picture may be sheared either way, so that a small turn does no harm.
    """
    count, high = target.shape[-1], np.hypot(*np.mgrid[: target.shape[-1], : target.shape[-1]]).astype(np.float32)
    rows, columns = (_moved(cuts[:, ends], count, pictures.shape[1]) for ends in ((0, 1), (2, 3)))
    waves = (rows @ pictures @ columns.swapaxes(1, 2)).reshape(-1, 4, count, 4, count).swapaxes(2, 3) * high
    w = waves.reshape(len(waves), 4, 4, -1)
    sheared = [w[:, 1, 3] - w[:, 2, 3], w[:, 3, 1] - w[:, 3, 2]]
    slopes = np.stack([w[:, 1, 0], w[:, 2, 0], w[:, 0, 1], w[:, 0, 2], *sheared], axis=1)
    now, wanted = w[:, 0, 0], _unit((target * high).reshape(len(w), -1))
    unknowns = np.concatenate([slopes, -wanted[:, None]], axis=1)
    normal = unknowns @ unknowns.swapaxes(1, 2)
    weight = HELD_BACK * (now * now).sum(1)[:, None] + 1e-6
    normal[:, range(6), range(6)] += weight
    normal[:, 6, 6] += 1e-6
    solved = np.linalg.solve(normal, -(unknowns @ now[..., None]))[..., 0]
    fitted = now + (slopes * solved[:, :6, None]).sum(1)
    return np.clip(solved[:, :4], -LONGEST_STEP, LONGEST_STEP), (_unit(fitted) * wanted).sum(1)


def _moved(ends: np.ndarray, count: int, side: int, little: float = 0.01) -> np.ndarray:
    """(K, 4·count, side): half waves between ends (K, 2), their changes with either, their first moment."""
    start, stop = ends[:, 0], 1 - ends[:, 1]
    waves = half_waves(start, stop, count, side)
    moved = ((start + little, stop), (start, stop - little))
    changes = [half_waves(*both, count, side) - waves for both in moved]
    along = ((np.arange(side) + 0.5) / side - start[:, None]) / (stop - start)[:, None] - 0.5
    return np.concatenate([waves, *(change / little for change in changes), waves * along[:, None]], axis=1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def compare(
    a: np.ndarray, b: np.ndarray, cut: np.ndarray | None = None, is_turned: bool = False
) -> tuple[float, bool]:
    """How much the fine structure of two thumbnails (S, S) uint8 differs: 0 the same, 1 unrelated; and whether
    one of them is a section of the other.

    b lies in a near `cut`; an affine map then lays a over b (Evangelidis and Psarakis, "Parametric image alignment
    using enhanced correlation coefficient maximization", 2008). What was turned or cut out
    is compared a little blurred: it may have been encoded and enlarged since.
    """
    a, b, side = a.astype(np.float32), b.astype(np.float32), len(a)
    top, bottom, left, right = np.zeros(4) if cut is None else cut
    stretch = np.array([1 - left - right, 1 - top - bottom])
    shift = side * np.array([left, top]) + (stretch - 1) / 2
    start = np.column_stack([np.diag(stretch), shift]).astype(np.float32)
    try:
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-3)
        _, warp = cv2.findTransformECC(b, a, start, cv2.MOTION_AFFINE, criteria, None, 5)
    except cv2.error:  # no alignment was found
        return 1.0, False
    covered = _warped(np.ones_like(a), warp) > 0.99
    stretches = np.linalg.svd(warp[:, :2], compute_uv=False)
    if covered.mean() < MIN_OVERLAP or max(stretches[0], 1 / max(stretches[1], 1e-6)) > MAX_STRETCH:
        return 1.0, False
    section = bool(covered.mean() * min(1, np.prod(stretches)) < WHOLE)
    inner = cv2.erode(np.pad(covered[1:-1, 1:-1], 1).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    aligned = np.where(covered, _warped(a, warp), b)  # no edge where a ends: it would count as structure
    both = [cv2.GaussianBlur(one, (0, 0), BLUR) if section or is_turned else one for one in (aligned, b)]
    return 1 - _correlation(*(_fine(one)[inner] for one in both)), section


def corners(picture: np.ndarray) -> int:
    """How many places (S, S) uint8 has that can be told from all around them: two bars or two rings have few.

    Shi and Tomasi, "Good features to track", 1994.
    """
    found = cv2.goodFeaturesToTrack(picture, 100, qualityLevel=0.03, minDistance=4)
    return 0 if found is None else len(found)


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
