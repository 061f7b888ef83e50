"""What chapter 01 says of a data set, computed from it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from helpers.datasets.duplicates import LOOKED_FOR
from helpers.datasets.types import Splits
from helpers.metrics.tables import ChiSquare
from helpers.show.words import (
    count,
    listed,
    number,
    p_value,
    percent,
    points,
    quoted,
    sentence,
    share_interval,
    some,
)
from sections.data.measured import PART_TITLES, DuplicatePair, Leak

EVEN = 1.2  # largest class / smallest class up to which a set counts as balanced
SQUARE = 1.05  # longer side / shorter side up to which an image counts as square
SUSPICIOUS = 0.05  # p-values below this say that the parts differ


def balance(counts: np.ndarray, classes: Sequence[str]) -> str:
    """Are the classes equally frequent, and what would always guessing the largest score? counts: (3, C)."""
    totals, common = counts.sum(0), int(counts[0].argmax())
    least, most = totals.min(), totals.max()
    guess = percent(counts[-1][common] / counts[-1].sum())
    told = (
        f"always answering {quoted(classes[common])}, the most frequent in training, would be right for {guess} "
        "of the test images"
    )
    if most <= EVEN * least:
        each = f"{least:,}" if most == least else f"{least:,} to {most:,}"
        return (
            f"The classes are about equally frequent, with {each} images each; {told}. Accuracy and macro F1 will "
            "tell much the same story."
        )
    smallest, largest = (quoted(classes[int(place)]) for place in (totals.argmin(), totals.argmax()))
    return (
        f"The classes differ in size, from {least:,} images of {smallest} to {most:,} of {largest}. "
        f"{sentence(told)}: look at balanced accuracy and macro F1 as well as at accuracy, because they count "
        "every class alike."
    )


def stratification(counts: np.ndarray, test: ChiSquare, classes: Sequence[str], published: bool) -> list[str]:
    """Are the classes spread alike over the parts, and what the test can say about it. counts: (3, C)."""
    shares = counts / counts.sum(1, keepdims=True)
    spread = shares.max(0) - shares.min(0)
    widest = int(spread.argmax())
    facts = f"χ² = {number(test.statistic, 2)} with {test.dof} degrees of freedom, {p_value(test.p_value)}"
    gap = f"the share of {quoted(classes[widest])} differs most between the parts, by {points(spread[widest], 2)}"
    if spread[widest] < 1e-12:
        gap = "every class has the same share in all parts"
    told = [f"{_verdict(test, published)} ({facts}); {gap}."]
    if not test.reliable:
        told[0] += (
            f" The smallest expected count is {number(test.min_expected, 1)}, below 5, so the p-value is rough."
        )
    empty = [title for title, row in zip(PART_TITLES.values(), counts, strict=True) if (row == 0).any()]
    if empty:
        told.append(f"Some classes have no image in {listed(empty)}: nothing can be said of them there.")
    return told


def _verdict(test: ChiSquare, published: bool) -> str:
    if test.p_value < SUSPICIOUS:
        kept = "the parts that came with the data were kept as they are"
        return "The classes are not spread alike over the parts" + (f": {kept}" if published else "")
    if not published and test.statistic < test.dof:
        return (
            "The classes are spread alike, more evenly than chance would have done it, which is no surprise: the "
            "split was stratified, and that presses χ² towards 0. The test checks the program here, not the data"
        )
    return "The classes are spread over the parts no more unevenly than chance would have done it"


def losses_by_size(sizes: np.ndarray, image_size: int, resize: str) -> str:
    """What making the files square and of one size does to them. sizes: (N, 2) width, height."""
    shorter = sizes.min(1).astype(float)
    read, enlarged = _losses_by_shape(sizes.max(1) / shorter, resize), float((shorter < image_size).mean())
    if enlarged:
        which = "All images" if enlarged == 1 else f"{percent(enlarged)} of the images"
        read += f" {which} are smaller than the {image_size} pixels used here and had to be enlarged."
    return read


def _losses_by_shape(aspect: np.ndarray, resize: str) -> str:
    if aspect.max() == 1:
        return "The images are square already, so nothing is lost by making them so."
    if aspect.max() < SQUARE:
        return "The images are all square or nearly so: making them square loses hardly anything."
    lost = 1 - 1 / aspect
    mean, worst = percent(float(lost.mean())), percent(float(lost.max()))
    effect = {
        "crop": f"cutting out the middle square loses {mean} of an image on average and {worst} of the longest",
        "squash": f"pressing them into a square distorts the longest of them {number(aspect.max(), 1)} times",
        "pad": f"padding them to a square leaves {mean} of the input empty on average, and {worst} at worst",
    }[resize]
    return f"The longer side of a typical image is {number(np.median(aspect), 2)} times the shorter one; {effect}."


def duplicates(splits: Splits, pairs: Sequence[DuplicatePair], conflicts: Sequence[DuplicatePair]) -> list[str]:
    """What is in the set twice, and what has two labels."""
    if not pairs:
        return [f"No copies were found. Looked for were images {LOOKED_FOR}."]
    exact = sum(pair.exact for pair in pairs)
    group_sizes = np.unique(splits.duplicate_groups, return_counts=True)[1]
    several = group_sizes[group_sizes > 1]
    kinds = f"{count(exact, 'exact copy', 'exact copies')} and {count(len(pairs) - exact, 'near-duplicate')}"
    done = Counter(pair.how for pair in pairs if pair.how)
    kinds += f", of which {listed([f'{number:,} {how}' for how, number in sorted(done.items())])}" if done else ""
    found = (
        f"{count(len(pairs), 'pair')} of images show the same picture: {kinds}. They bind "
        f"{count(int(several.sum()), 'image')} ({percent(several.sum() / len(splits.files))} of the set) into "
        f"{count(len(several), 'group')}, the largest of {several.max()}. Looked for were images {LOOKED_FOR}."
    )
    return [found, _conflicts(conflicts, splits)]


def _conflicts(conflicts: Sequence[DuplicatePair], splits: Splits) -> str:
    if not conflicts:
        return "No picture lies in two classes."
    label = [quoted(splits.original_classes[number]) for number in splits.original_labels]
    kinds = dict.fromkeys(f"{label[pair.i]} with {label[pair.j]}" for pair in conflicts)
    is_turned = any(pair.how not in ("", "cropped") for pair in conflicts)
    way_up = ", or its class depends on the way up, as with 6 and 9" if is_turned else ""
    return (
        f"{count(len(conflicts), 'pair lies', 'pairs lie')} in two classes at once ({some(list(kinds))}): at "
        f"least one label {'' if len(conflicts) == 1 else 'of each '}is wrong, or the picture shows both{way_up}."
    )


def leak(found: Leak, published: bool) -> str:
    """What plain random splits would have leaked, what the split in use does, and what harm there is in it."""
    copy, used = "a near-duplicate", "the parts that came with the data" if published else "the split used here"
    harm = (
        "A network that merely remembers its training images gets such test images right: the test accuracy of a "
        f"plain random split could be too high by up to {points(found.random_shares.mean())} on average "
        "because of them."
    )
    if found.scenes:
        copy = "a near-duplicate or another image of the same scene"
        harm = (
            "Images of one scene share its light, its season and its ground: a network may recognise the scene "
            "instead of the class, and the test of a plain random split would not notice."
        )
    own = f"{found.own} of {found.own_tests:,} have one: {share_interval(found.own_share)}"
    own = f"In {used} {own if found.own else 'none was found'}."
    if not found.random.any():
        tried = f"In none of {count(len(found.random), 'plain random split')} was {copy} of a test image"
        return f"{tried} found in training. {own}"
    return (
        f"With a plain random split, {number(found.random.mean(), 1)} of {found.random_tests[0]:,} test images "
        f"({percent(found.random_shares.mean())}) have {copy} among the training images on average over "
        f"{count(len(found.random), 'seed')}, at least {found.random.min()} and at most {found.random.max()}. "
        f"{own} {harm}"
    )
