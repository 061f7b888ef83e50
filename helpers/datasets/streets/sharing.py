"""The classes in which two sets of scenes are scored: of the class table, of one's own masks, or of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from helpers.base.errors import did_you_mean
from helpers.datasets.streets.sets import CatalogueScenes, LabelledScenes, OwnScenes
from helpers.datasets.streets.tables import (
    bare_name,
    colours,
    level_classes,
    shared_classes,
    shared_levels,
    shared_place,
)
from helpers.datasets.streets.types import IGNORE, NativeClass
from helpers.datasets.types import DataError

FEWEST = 2  # classes: with one there is nothing to decide


@dataclass(frozen=True)
class SharedClasses:
    """A list of classes, and which of them a class of a set or of a network counts as, by its name.

    colours: (C, 3) uint8 RGB.    level: of the class table, None where only sets of one's own are scored.
    matched: by bare name of a class of the target, the shared class that the study says it is.
    known: by bare name of a class of home, the shared class that it is, or None.
    """

    names: tuple[str, ...]
    colours: np.ndarray
    level: str | None = None
    matched: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str | None] = field(default_factory=dict)

    def counts_as(self, name: str, in_target: bool = False) -> str | None:
        """The shared class that a class of this name counts as; None for one that counts nowhere."""
        bare, lists = bare_name(name), [self.known, self.matched]
        for found in reversed(lists) if in_target else lists:
            if bare in found:
                return found[bare]
        return shared_place(name, self.level, self.names) if self.level else None

    def native(self, names: Sequence[str], in_target: bool = False) -> tuple[NativeClass, ...]:
        """The classes of a set of one's own, each with the shared class that it counts as."""
        return tuple(NativeClass(name, self.counts_as(name, in_target)) for name in names)

    def places(self, names: Sequence[str]) -> np.ndarray:
        """(len(names),) int64: where a network's classes lie in the list, IGNORE where they have no place."""
        found = map(self.counts_as, names)
        return np.array([IGNORE if one is None else self.names.index(one) for one in found], dtype=np.int64)


def share_classes(
    home: LabelledScenes, target: LabelledScenes, others: Sequence[LabelledScenes], match: Mapping[str, str]
) -> SharedClasses:
    """The classes that `home` and `target` are scored in.

    Of the catalogue: the finest list of the class table that both can express. Of one's own: those of `home` that
    `target` has, by name, case, blanks, '_' and '-' aside, or by `match`, from a class of the target to one of
    home. Of either: the list of the class table in which the own classes find most places.

    Raises DataError for fewer than two classes, and for a match of classes that there are not.
    """
    own = [one for one in (home, target) if isinstance(one, OwnScenes)]
    catalogue = [one.name for one in (home, target, *others) if isinstance(one, CatalogueScenes)]
    if not own:
        if match:
            raise DataError(
                "match: the classes of sets of the catalogue are matched by the class table: leave it out"
            )
        shared_levels(*catalogue)  # what is trained on as well
        names = shared_classes(target.name, home.name)
        return SharedClasses(names, colours(names), shared_levels(target.name, home.name)[0])
    _check_match(match, home, target)
    found = _of_the_table(home, target, catalogue, match) if catalogue else _of_home(home, target, match)
    if len(found.names) < FEWEST:
        raise DataError(_too_few(home, target, found.names))
    return found


def _of_home(home: OwnScenes, target: OwnScenes, match: Mapping[str, str]) -> SharedClasses:
    by_bare = {bare_name(name): name for name in home.classes}
    matched = {bare_name(one): by_bare[bare_name(other)] for one, other in match.items()}
    there = {matched.get(bare_name(name), by_bare.get(bare_name(name))) for name in target.classes}
    places = [place for place, name in enumerate(home.classes) if name in there]
    names = tuple(home.classes[place] for place in places)
    known = {bare: name if name in there else None for bare, name in by_bare.items()}
    return SharedClasses(names, home.colours[places], None, matched, known)


def _of_the_table(
    home: LabelledScenes, target: LabelledScenes, catalogue: Sequence[str], match: Mapping[str, str]
) -> SharedClasses:
    """The level with the most classes that every own set among the two has; of several, the finest."""
    to_home = {bare_name(one): other for one, other in match.items()}
    to_target = {bare_name(other): one for one, other in match.items()}
    own = [
        (one, match_of) for one, match_of in ((home, to_target), (target, to_home)) if isinstance(one, OwnScenes)
    ]
    if isinstance(home, OwnScenes) and isinstance(target, OwnScenes):
        own = [(home, {}), (target, to_home)]  # only the target's are called otherwise

    def placed(level: str) -> SharedClasses:
        found = [
            {bare_name(name): shared_place(match_of.get(bare_name(name), name), level) for name in one.classes}
            for one, match_of in own
        ]
        there = set.intersection(*(set(places.values()) for places in found))
        names = tuple(name for name in level_classes(level) if name in there)
        kept = [{bare: name for bare, name in places.items() if name in names} for places in found]
        by_target = kept[-1] if isinstance(target, OwnScenes) else {}
        return SharedClasses(names, colours(names), level, by_target, kept[0])

    return max(map(placed, shared_levels(*catalogue)), key=lambda one: len(one.names))


def _check_match(match: Mapping[str, str], home: LabelledScenes, target: LabelledScenes) -> None:
    for one, other in match.items():
        for name, scenes in ((one, target), (other, home)):
            if bare_name(name) not in map(bare_name, scenes.classes):
                raise DataError(
                    f"match: '{name}' is no class of {scenes.name}{did_you_mean(name, scenes.classes)}; it has "
                    f"{', '.join(scenes.classes)} (a class of the target: its class of home)"
                )


def _too_few(home: LabelledScenes, target: LabelledScenes, names: Sequence[str]) -> str:
    if home.name == target.name:
        return f"{home.name} has fewer than two classes ({', '.join(home.classes)}): add the masks of another one"
    shared = f"share only '{names[0]}'" if names else "share no class by name"
    return (
        f"{target.name} ({', '.join(target.classes)}) and {home.name} ({', '.join(home.classes)}) {shared}: say "
        "in the study file, below segmentation, which belong together: 'match: {class of target: class of home}'"
    )
