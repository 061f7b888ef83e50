"""The drawn scenes as two trees: one in the Cityscapes layout, one in that of the Indian Driving Dataset."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from drawings.canvas import generator
from drawings.planting import DrawingJob
from drawings.streets.abroad import ABROAD
from drawings.streets.files import scene_files
from drawings.streets.home import HOME
from drawings.streets.scene import City, draw_scene
from helpers.datasets.streets.tables import level_classes

HOME_TRAIN, HOME_VAL = 0.5, 0.125  # shares of all scenes; the others are drawn abroad
PLACES = {"train": ("altmarkt", "hafenau", "lindental", "neubruck", "steinfeld"), "val": ("mooswald", "rheinau")}
DRIVE = 12  # scenes from one drive abroad: the same light, the same camera
DELETED = 0.1  # share of scenes with an object that its annotator took back


@dataclass(frozen=True)
class StreetTrees:
    """Two sets of labelled scenes, drawn on demand: `cityscapes/` (train and val) and `idd/` (val)."""

    name: str = "streets"
    unit: ClassVar[str] = "scenes"
    default: ClassVar[int] = 480
    classes: tuple[str, ...] = level_classes("fine")

    def jobs(self, scenes: int, seed: int) -> tuple[list[DrawingJob], dict]:
        """Every scene's files, and the manifest: how many scenes each part has, which files hold deleted ones."""
        train, val = round(HOME_TRAIN * scenes), round(HOME_VAL * scenes)
        abroad = scenes - train - val
        planned = [*_at_home("train", train, seed), *_at_home("val", val, seed), *_abroad(abroad, seed)]
        parts = {"cityscapes/train": train, "cityscapes/val": val, "idd/val": abroad}
        deleted = [scene.paths[1] for scene in planned if scene.has_deleted]
        jobs = [DrawingJob(scene.paths, scene.content) for scene in planned]
        return jobs, {"parts": parts, "deleted_objects": deleted}


@dataclass(frozen=True)
class _Planned:
    """One scene: where it lies in its tree and what it is drawn from."""

    city: City
    set_name: str
    frame: str  # part, place or drive, name
    seed: int
    kinds: tuple[str, ...]  # label images beside the polygons
    picture: str = ".png"
    drive: int | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Of its files, relative to the sample."""
        labels = f"{self.set_name}/gtFine/{self.frame}_gtFine"
        picture = f"{self.set_name}/leftImg8bit/{self.frame}_leftImg8bit{self.picture}"
        return picture, f"{labels}_polygons.json", *(f"{labels}_{kind}.png" for kind in self.kinds)

    @property
    def has_deleted(self) -> bool:
        """Whether its annotation holds an object that was taken back."""
        return bool(generator(self.seed, "deleted", self.frame).random() < DELETED)

    def content(self) -> tuple[bytes, ...]:
        """Of its files; on a drive, in the light and with the camera of that drive."""
        shared = None if self.drive is None else generator(self.seed, "streets", "drive", self.drive)
        scene = draw_scene(self.city, generator(self.seed, "streets", self.frame), drive=shared)
        return scene_files(scene, self.set_name, self.kinds, self.picture, self.has_deleted)


def _at_home(part: str, count: int, seed: int) -> Iterator[_Planned]:
    places = PLACES[part]
    for number in range(count):
        place = places[number % len(places)]
        frame = f"{part}/{place}/{place}_{number // len(places):06d}_000019"
        kinds = ("labelIds", "labelTrainIds")[: 1 + (place == places[0])]  # of one place, those for training too
        yield _Planned(HOME, "cityscapes", frame, seed, kinds)


def _abroad(count: int, seed: int) -> Iterator[_Planned]:
    for number in range(count):
        drive = number // DRIVE
        frame = f"val/{17 + 13 * drive}/frame{37 * (number % DRIVE):04d}"
        kinds = ("labelcsTrainIds",) * (drive % 3 == 2)  # somebody has run the publisher's tools on these
        yield _Planned(ABROAD, "idd", frame, seed, kinds, ".jpg", drive)
