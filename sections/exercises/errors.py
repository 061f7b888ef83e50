"""Chapter 08: objects instead of pixels, and the answers that a network is surest of."""

from collections.abc import Callable

import cv2
import numpy as np

from helpers.datasets.streets.types import IGNORE
from helpers.segmentation.places import LookedAt
from sections.exercises.checking import exercise, expect


@exercise
def objects_found(answer: Callable, part: LookedAt) -> None:
    """How many connected regions of a class have at least a share of their pixels right, and how many exist."""
    truth = np.zeros((12, 12), np.uint8)
    truth[1:4, 1:4], truth[4, 4], truth[6:10, 6:10], truth[11, 0:4], truth[2, 8:10] = 1, 1, 1, 1, IGNORE
    truth[0, 8:11] = 1
    said = np.ones_like(truth)  # all of the class 1, even where it is not, but for some of its own pixels
    said[3, 1:4], said[4, 4], said[8:10, 6:10], said[11, 1:4], said[0, 9:11] = 0, 0, 0, 0, 0
    _, mask, seen, _ = part.scene("target", 0)
    most = int(np.bincount(mask[mask != IGNORE]).argmax())
    for (label, prediction), number, on in (
        ((truth, said), 1, "a small mask"),
        ((mask, seen), most, "the first scene"),
    ):
        share = 0.5
        shares, edges = (_shares(label, prediction, number, connectivity) for connectivity in (8, 4))
        backwards = _shares(prediction, label, number, 8)
        found = int((shares >= share).sum())
        outside = (prediction == number)[label != number].mean() >= share if (label != number).any() else False
        expect(answer(label.copy(), prediction.copy(), number, share), (found, len(shares)), {
            "number 0 of cv2.connectedComponents, which is all but the class, is among those found: begin with 1":
                (found + int(outside), len(shares)),
            "number 0 of cv2.connectedComponents is all that is not the class: begin with 1":
                (found + int(outside), len(shares) + 1),
            "pixels that touch at a corner belong together: connectivity=8":
                (int((edges >= share).sum()), len(edges)),
            "the objects are to be those of the truth, and you took them from the answer":
                (int((backwards >= share).sum()), len(backwards)),
            "that is the share of pixels, and objects are to be counted":
                (int((prediction == number)[label == number].sum()), int((label == number).sum())),
            "an object counts from exactly `share` on: >=, not >": (int((shares > share).sum()), len(shares)),
            "an object with a single right pixel does not count as found: compare its share of right pixels":
                (int((shares > 0).sum()), len(shares)),
        }, on=on, within=1e-9)  # fmt: skip


def _shares(label: np.ndarray, prediction: np.ndarray, number: int, connectivity: int) -> np.ndarray:
    """Of each region of a class, the share of its pixels that are right."""
    _, regions = cv2.connectedComponents((label == number).astype(np.uint8), connectivity=connectivity)
    sizes = np.bincount(regions.ravel())
    return (np.bincount(regions.ravel(), weights=(prediction == number).ravel()) / sizes)[1:]


@exercise
def right_among_surest(answer: Callable, part: LookedAt) -> None:
    """The accuracy of the given share of the pixels, those of which the network is surest."""
    rng = np.random.default_rng(0)
    certainty = rng.permutation(200) / 200
    made_up = certainty, rng.random(200) < 0.3 + 0.6 * certainty
    _, mask, seen, sure = part.scene("target", 0)
    counted = mask != IGNORE
    own = sure[counted].astype(np.float64), (seen == mask)[counted]
    for (confidence, right), on in ((made_up, "200 pixels"), (own, "the first scene")):
        share = 0.25
        count = round(share * len(right))
        order = np.argsort(-confidence, kind="stable")
        surest = right[order[:count]].mean()
        found = answer(confidence.copy(), right.copy(), share)
        least, most = _bounds(confidence, right, count)
        if isinstance(found, float | np.floating) and least - 1e-9 <= found <= most + 1e-9:
            continue  # of equally sure pixels any may be taken
        expect(found, surest, {
            "you kept the pixels of which the network is least sure: sort the other way round":
                right[order[-count:]].mean(),
            "you divided by all pixels: divide by how many you kept": right[order[:count]].sum() / len(right),
            "you kept all pixels above a confidence of `share`: sort, and keep that share of them":
                right[confidence > share].mean() if (confidence > share).any() else np.nan,
            "you kept 1 - share of the pixels": right[order[: len(right) - count]].mean(),
            "that is how many are right, and a share is asked for": right[order[:count]].sum(),
            "that is their mean confidence: count how many of them are right": confidence[order[:count]].mean(),
        }, on=on)  # fmt: skip


def _bounds(confidence: np.ndarray, right: np.ndarray, count: int) -> tuple[float, float]:
    """The lowest and the highest accuracy of so many surest pixels, whichever of equally sure ones are taken."""
    limit = np.sort(confidence)[-count]
    above, equal = confidence > limit, confidence == limit
    more, hits = count - above.sum(), right[equal].sum()
    low, high = max(0, more - (equal.sum() - hits)), min(more, hits)
    return (right[above].sum() + low) / count, (right[above].sum() + high) / count
