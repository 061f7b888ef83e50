"""Sets of labelled scenes, of the catalogue or a folder of one's own, which answer the same questions."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from helpers.base.fingerprint import code_of, key_of
from helpers.datasets.streets.known import SETS
from helpers.datasets.streets.tables import bare_name, rows_of
from helpers.datasets.streets.types import SegmentationSet
from helpers.datasets.types import PARTS, DataError, DataSetInfo

if TYPE_CHECKING:
    from helpers.datasets.masks.own import MaskSettings, OwnSet, SeededShares
    from helpers.datasets.streets.sharing import SharedClasses


class LabelledScenes(Protocol):
    """A set of labelled scenes of a study.

    name: what the study calls it.    root: the folder that it lies in.    info: what it is.
    classes: its own classes, in the order of their numbers.
    parts: of train, val and test those that have labels.
    auto_part: the part that is scored where the study names none.
    remarks: sentences about how it was read.
    """

    name: str
    root: Path
    info: DataSetInfo
    classes: tuple[str, ...]
    parts: tuple[str, ...]
    auto_part: str
    remarks: tuple[str, ...]

    def open(self, part: str, shared: "SharedClasses", in_target: bool, is_sample: bool) -> SegmentationSet:
        """One part, to be scored in shared classes; `in_target`: of the target, of which `match` speaks."""


@dataclass(frozen=True)
class CatalogueScenes:
    """A set that the course knows by name, in its publisher's layout."""

    name: str
    root: Path
    remarks: tuple[str, ...] = ()

    @property
    def info(self) -> DataSetInfo:
        return SETS[self.name].info

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(row.name for row in rows_of(self.name))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        from helpers.datasets.streets.catalogue import parts_of

        return parts_of(self.name, self.root)

    @property
    def auto_part(self) -> str:
        """What publications score: their test labels are seldom public."""
        return "val"

    def open(
        self, part: str, shared: "SharedClasses", in_target: bool = False, is_sample: bool = False
    ) -> SegmentationSet:
        """One part. Raises DataError as `open_set` does."""
        from helpers.datasets.streets.catalogue import open_set

        return open_set(self.name, self.root, part, shared.names, is_sample, shared.level)


@dataclass(frozen=True)
class OwnScenes:
    """Images and masks in a folder of one's own; read when first asked for.

    split: the shares of the parts, and the seed by which they are drawn, where the folder has none.
    """

    name: str
    root: Path
    settings: "MaskSettings"
    split: "SeededShares"

    @cached_property
    def opened(self) -> "OwnSet":
        """The set, read. Raises DataError for one that cannot be, with the way on."""
        from helpers.datasets.masks.own import open_own

        return open_own(self.root, self.name, self.settings, self.split)

    @property
    def info(self) -> DataSetInfo:
        """What it is, called as the study calls it; as its folder, if that differs in no letter."""
        info = self.opened.info
        return info if bare_name(info.title) == bare_name(self.name) else replace(info, title=self.name)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.opened.classes

    @property
    def colours(self) -> Any:
        """(C, 3) uint8 RGB."""
        return self.opened.colours

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in PARTS if self.opened.parts.get(part))

    @property
    def auto_part(self) -> str:
        """The test part, else the validation part: none of either is learnt from."""
        return next((part for part in ("test", "val") if part in self.parts), "val")

    @property
    def remarks(self) -> tuple[str, ...]:
        return self.opened.remarks

    def open(
        self, part: str, shared: "SharedClasses", in_target: bool = False, is_sample: bool = False
    ) -> SegmentationSet:
        """One part, of which no pixel is looked at. Raises DataError for one that is not there."""
        own = self.opened
        if part not in self.parts:
            raise DataError(f"{self.info.title} has no part '{part}': use one of {', '.join(self.parts)}")
        native = shared.native(own.classes, in_target)
        return SegmentationSet(
            name=self.name, part=part, info=self.info, is_sample=False, root=own.root, classes=shared.names,
            colours=shared.colours, native=native, scenes=own.parts[part],
            fingerprint=self._fingerprint(part, native), label_reader=own.reader,
        )  # fmt: skip

    def _fingerprint(self, part: str, native: tuple) -> str:
        """A name for these files with this content, read as these classes."""
        from helpers.datasets.streets.digests import file_digests

        own = self.opened
        scenes = own.parts[part]
        files = sorted({name for scene in scenes for name in (scene.image, scene.label)})
        counts_as = [(one.name, one.shared) for one in native]
        return key_of(
            reader=[code_of(type(own.reader)), own.key], name=self.name, scenes=scenes,
            files=file_digests(own.root, files), classes=counts_as,
        )  # fmt: skip
