"""What chapter 01 says of a data set, computed from it."""

from collections.abc import Sequence

import numpy as np

from helpers.datasets.types import PARTS, Splits
from helpers.metrics.tables import ChiSquare
from helpers.show.words import count, listed, none_or, p_value, percent, points, quoted, sentence, share_interval
from sections.data.measured import PART_TITLES, DuplicatePair, Leak, SearchScore

EVEN = 1.2  # largest class / smallest class up to which a set counts as balanced
SQUARE = 1.05  # longer side / shorter side up to which an image counts as square
SUSPICIOUS = 0.05  # p-values below this say that the parts differ


def about(splits: Splits) -> list[str]:
    """How many images there are, and what was left out."""
    used, bad, aside = len(splits.files), len(splits.unreadable), len(splits.ignored)
    read = f"{count(used, 'image')} of {count(len(splits.classes), 'class', 'classes')} can be used."
    if bad:
        are = "is" if bad == 1 else "are"
        read += f" {count(bad, 'file')} could not be read and {are} left out ({percent(bad / (bad + used), 2)})."
    else:
        read += " Every image file could be read."
    if aside:
        were = "was" if aside == 1 else "were"
        read += f" {count(aside, 'file or folder', 'files or folders')} beside the images {were} left aside."
    return [read]


def balance(counts: np.ndarray, classes: Sequence[str]) -> list[str]:
    """Largest and smallest class, and what always guessing the largest would score. counts: (P, C)."""
    totals = np.asarray(counts).sum(0)
    most, least = int(totals.argmax()), int(totals.argmin())
    guess = percent(counts[-1][most] / counts[-1].sum())
    told = f"always answering {quoted(classes[most])} would be right for {guess} of the test images"
    if totals[most] <= EVEN * totals[least]:
        same = f"The classes are equally frequent, with {totals[most]:,} images each"
        similar = f"The classes are about equally frequent, with {totals[least]:,} to {totals[most]:,} images each"
        how = same if totals[most] == totals[least] else similar
        return [f"{how}; {told}. Accuracy and macro F1 will tell much the same story."]
    return [
        f"The classes differ in size: {quoted(classes[most])} has {totals[most]:,} images, "
        f"{totals[most] / totals[least]:.1f} times as many as {quoted(classes[least])} with {totals[least]:,}. "
        f"{sentence(told)}: look at macro F1 as well as at accuracy, because it counts every class alike."
    ]


def stratification(counts: np.ndarray, test: ChiSquare, classes: Sequence[str], published: bool) -> list[str]:
    """Are the classes spread alike over the parts, and what the test can say about it. counts: (P, C)."""
    shares = counts / counts.sum(1, keepdims=True)
    spread = shares.max(0) - shares.min(0)
    widest = int(spread.argmax())
    facts = f"χ² = {test.statistic:.2f} with {test.dof} degrees of freedom, {p_value(test.p_value)}"
    gap = f"the share of {quoted(classes[widest])} differs most between the parts, by {points(spread[widest], 2)}"
    if spread[widest] < 1e-12:
        gap = "every class has the same share in all parts"
    read = f"{_verdict(test, published)} ({facts}); {gap}."
    if not test.reliable:
        read += f" The smallest expected count is {test.min_expected:.1f}, below 5, so the p-value is rough."
    return [read]


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


def sizes(sizes: np.ndarray, image_size: int, resize: str) -> list[str]:
    """How large the files are, and what making them square does to them. sizes: (N, 2) width, height."""
    shorter, longer = sizes.min(1).astype(float), sizes.max(1).astype(float)
    distinct = len(np.unique(sizes, axis=0))
    low, high = np.quantile(shorter, [0.25, 0.75])
    read = (
        f"All images have {sizes[0, 0]} × {sizes[0, 1]} pixels."
        if distinct == 1
        else f"The images come in {distinct:,} sizes; the shorter side of the middle half of them has "
        + (f"{low:.0f} pixels." if round(low) == round(high) else f"{low:.0f} to {high:.0f} pixels.")
    )
    enlarged = float((shorter < image_size).mean())
    if enlarged:
        which = "All" if enlarged == 1 else percent(enlarged)
        read += f" {which} are smaller than the {image_size} pixels used here and had to be enlarged."
    return [read, _shape(longer / shorter, resize)]


def _shape(aspect: np.ndarray, resize: str) -> str:
    if aspect.max() == 1:
        return "They are square already, so nothing is lost by making them so."
    if aspect.max() < SQUARE:
        return "They are all square or nearly so: making them square loses nothing worth speaking of."
    lost = 1 - 1 / aspect
    mean, worst = percent(float(lost.mean())), percent(float(lost.max()))
    effect = {
        "crop": f"cutting out the middle square loses {mean} of an image on average and {worst} of the longest",
        "squash": f"pressing them into a square distorts the longest of them {aspect.max():.1f} times",
        "pad": f"padding them to a square leaves {mean} of the input empty on average, and {worst} at worst",
    }[resize]
    return f"The longer side of a typical image is {np.median(aspect):.2f} times the shorter one; {effect}."


def duplicates(splits: Splits, pairs: Sequence[DuplicatePair], conflicts: Sequence[DuplicatePair]) -> list[str]:
    """What is in the set twice, and what has two labels."""
    if not pairs:
        return ["No image was found twice."]
    exact = sum(pair.distance == 0 for pair in pairs)
    group_sizes = np.unique(splits.duplicate_groups, return_counts=True)[1]
    several = group_sizes[group_sizes > 1]
    share = percent(several.sum() / len(splits.files))
    kinds = f"{count(exact, 'exact copy', 'exact copies')} and {count(len(pairs) - exact, 'near-duplicate')}"
    found = (
        f"{count(len(pairs), 'pair')} of images show the same picture: {kinds}. They bind "
        f"{count(int(several.sum()), 'image')} ({share} of the set) into {count(len(several), 'group')}, the "
        f"largest of {several.max()}."
    )
    return [found, _conflicts(conflicts, splits)]


def _conflicts(conflicts: Sequence[DuplicatePair], splits: Splits) -> str:
    if not conflicts:
        return "No picture lies in two classes."
    label = [quoted(splits.original_classes[number]) for number in splits.original_labels]
    kinds = dict.fromkeys(f"{label[i]} and {label[j]}" for i, j, _ in conflicts)
    named = "; ".join(list(kinds)[:4]) + ("; and others" if len(kinds) > 4 else "")
    return (
        f"{count(len(conflicts), 'pair lies', 'pairs lie')} in two classes at once ({named}): at least one label "
        f"{'' if len(conflicts) == 1 else 'of each '}is wrong, or the picture shows both."
    )


def grouping(splits: Splits, kept: int) -> list[str]:
    """What the split did about near-duplicates; `kept` groups of them lie whole in one part."""
    groups = int((np.unique(splits.groups, return_counts=True)[1] > 1).sum())
    if not groups:
        return []
    if not splits.published:
        whole = "Every group" if kept == groups else f"{kept} of {groups} groups"
        return [
            f"{whole} of {_kind(splits)} lies in one part only: the split was told about them and kept them "
            "together."
        ]
    torn, parts = len(splits.straddling), listed([PART_TITLES[part] for part in splits.published])
    lie = "lies" if torn == 1 else "lie"
    return [
        f"The data came divided ({parts}), and these parts were kept. {count(torn, 'pair')} of near-duplicates "
        f"{lie} in two parts at once as published; {kept} of {count(groups, 'group')} lie whole in one."
    ]


def _kind(splits: Splits) -> str:
    """What binds the images of a group."""
    if splits.scenes is None:
        return "near-duplicates"
    sizes = np.unique(splits.scenes, return_counts=True)[1]
    return (
        f"near-duplicates or of images of one scene ({count(int((sizes > 1).sum()), 'scene')} by their file names)"
    )


def leak(found: Leak) -> list[str]:
    """What plain random splits would have leaked, and what the split in use does."""
    own = (
        f"{found.own} of {found.own_tests:,} have one: {share_interval(found.own_share)}"
        if found.own
        else "none has"
    )
    twin = "a near-duplicate or another image of its scene" if found.scenes else "a near-duplicate"
    if not found.random.any():
        return [
            f"In none of {len(found.random)} plain random splits has a test image {twin} in training: "
            f"there is nothing to leak. In the split used here {own}."
        ]
    mean = float(found.random_shares.mean())
    return [
        f"With a plain random split, {found.random.mean():.1f} of {found.random_tests[0]:,} test images "
        f"({percent(mean)}) have {twin.replace('its', 'their')} among the training images on average over "
        f"{len(found.random)} seeds, at least {found.random.min()} and at most {found.random.max()}; in the split "
        f"used here {own}.",
        _harm(mean, found.scenes),
    ]


def _harm(share: float, scenes: bool) -> str:
    if scenes:
        return (
            "Images of one scene share its light, its season and its ground: a network may recognise the scene "
            "instead of the class, and the test of a plain random split would not notice."
        )
    return (
        "A network that merely remembers its training images gets such test images right: the test accuracy of a "
        f"plain random split could be too high by up to {points(share)} on average."
    )


def finds(found: Sequence[SearchScore]) -> list[str]:
    """How complete and how clean each search was against what the sample planted."""
    return [_find(one) for one in found]


def _find(found: SearchScore) -> str:
    score = found.score
    hits, missed, false = len(score.hits), len(score.missed), len(score.false_alarms)
    if hits + missed == 0:
        return f"{sentence(found.what)}: nothing was planted, and {none_or(false)} found."
    alarms = f"with {count(false, 'false alarm')}" if false else "without a false alarm"
    were = "was" if hits == 1 else "were"
    read = f"{sentence(found.what)}: {hits} of {hits + missed} planted {were} found, {alarms}."
    if found.partial:
        read += f" {found.partial}"
    return read


def empty_parts(counts: np.ndarray) -> list[str]:
    """A warning where a part has no image of some class. counts: (3, C)."""
    missing = [PART_TITLES[part] for part, row in zip(PARTS, counts, strict=True) if (row == 0).any()]
    return (
        [f"Some classes have no image in {listed(missing)}: nothing can be said of them there."] if missing else []
    )
