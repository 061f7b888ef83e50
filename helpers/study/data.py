"""Where the data of a study lies and whether it is drawn: the same before the packages are there and after."""

from functools import cached_property
from pathlib import Path


class StudyData:
    """What follows from `data`, `data_folder`, `source`, `sample` and `streets` of a study."""

    unpack = True  # whether an archive that lies in place of the images is unpacked to see what is in it

    @cached_property
    def info(self):
        """What the data set is, its licence and how to get it (`DataSetInfo`)."""
        from helpers.datasets.catalogue import describe

        return describe(self.data)

    @cached_property
    def data_root(self) -> Path | None:
        """The folder with the real images, or None where they are not in place."""
        if not self.data:
            return None
        from helpers.datasets.catalogue import real_data_folder

        return real_data_folder(self.data, Path(self.data_folder) if self.data_folder else None, self.unpack)

    @property
    def is_sample(self) -> bool:
        """Whether this study runs on drawn data."""
        if not self.data:
            return False
        if self.source != "auto":
            return self.source == "sample"
        return self.sample is not None and self.data_folder is None and self.data_root is None

    @cached_property
    def street_roots(self) -> dict[str, Path | None]:
        """Where each set of scenes of the study lies; None for one that is not in place."""
        return {name: self._street_root(name) for name in self.streets.needed}

    def _street_root(self, name: str) -> Path | None:
        from helpers.datasets.streets.known import find_set

        if own := self.streets.sets.get(name):
            return Path(own.folder) if Path(own.folder).is_dir() else None
        folders = self.streets.folders
        return find_set(name, Path(folders[name]) if name in folders else None)

    @cached_property
    def draws_streets(self) -> bool:
        """Whether chapters 07 to 09 run on drawn street scenes."""
        if self.streets is None or self.streets.is_own:
            return False
        source = self.source if self.streets.source == "auto" else self.streets.source
        return source == "sample" if source != "auto" else None in self.street_roots.values()
