"""Sets on Hugging Face, through `datasets`, an extra: columns of images and classes are found by their types."""

import io
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from helpers.datasets.hub.fetching import Writer, first_cause, from_network
from helpers.datasets.label_table import LABEL_NAMES
from helpers.datasets.layout import SUFFIXES, part_of
from helpers.datasets.sources import About, HubName
from helpers.datasets.types import DataError

FORMATS = {"JPEG": ".jpg", "MPO": ".jpg"}  # Pillow's names of formats whose suffix is another


def from_hugging_face(name: HubName, folder: Path, downloads: Path) -> About:
    """Fetch a set and write its images, byte by byte as they are, into class folders. Raises DataError."""
    try:
        hub = import_module("datasets")
    except ImportError:
        raise DataError(
            f"{name} needs the package `datasets`, which is an extra: install it with "
            ".venv/bin/pip install -e '.[hub]', and run this again"
        ) from None
    home = f"https://huggingface.co/datasets/{name.name}"
    by_hand = " (huggingface-cli login)"
    downloads.mkdir(parents=True, exist_ok=True)
    builder = from_network(name, lambda: _builder(hub, name, downloads), home, downloads, by_hand)
    try:
        builder.download_and_prepare()
        tables = builder.as_dataset()
    except Exception as error:  # of any of the libraries below it
        raise DataError(f"{name} could not be fetched ({first_cause(error)}): see {home}") from None
    features = next(iter(tables.values())).features
    image, label, remarks = _columns(hub, name, features)
    writer, parts = Writer(folder), _parts(tables, remarks)
    names = getattr(features[label], "names", None)
    names = names or sorted({one for split in parts for one in tables[split].unique(label)} - {None})
    for split, part in parts.items():
        _write_part(writer, part, tables[split].cast_column(image, hub.Image(decode=False)), image, label, names)
        if not any(where == part for where, _ in writer.counts):
            remarks.append(f"The images of {split} have no labels and are left out.")
    if len({number for _, number in writer.counts}) < 2:
        raise DataError(f"{name} has fewer than two classes in its column '{label}': see {home}")
    info = builder.info
    licence = info.license or _licence(name) or "not told; see its home page"
    return About(name.title, info.homepage or home, licence, " ".join((info.citation or "").split())[:500],
                 *writer.name_classes(list(map(str, names))), tuple(remarks))  # fmt: skip


def _builder(hub: Any, name: HubName, downloads: Path) -> Any:
    """Raises DataError where the name stands for several sets."""
    try:
        return hub.load_dataset_builder(name.name, name.variant or None, cache_dir=str(downloads))
    except ValueError as error:
        if "config name is missing" not in str(error).lower():
            raise
        known = hub.get_dataset_config_names(name.name)
        named = ", ".join(f"hf:{name.name}:{one}" for one in known[:20])
        raise DataError(f"{name} is several sets: ask for one of {named}") from None


def _columns(hub: Any, name: HubName, features: Any) -> tuple[str, str, list[str]]:
    """The column of the images, that of the classes, and what is to be said of the choice. Raises DataError."""
    images = [key for key, one in features.items() if isinstance(one, hub.Image)]
    labels = [key for key, one in features.items() if isinstance(one, hub.ClassLabel)]
    labels = labels or [key for key in features if key.lower() in LABEL_NAMES and key not in images]
    if not images or not labels:
        lacks = "no column of images" if not images else "no column of classes"
        raise DataError(f"{name} has {lacks}: its columns are {', '.join(features)}")
    remarks = []
    for what, found in (("images", images), ("classes", labels)):
        if len(found) > 1:
            others = ", ".join(f"“{one}”" for one in found[1:])
            remarks.append(f"The {what} are those of the column “{found[0]}”; {others} could be meant as well.")
    return images[0], labels[0], remarks


def _parts(tables: Any, remarks: list[str]) -> dict[str, str]:
    """Part by split, '' where there is one only; what is no part is left out, and that is said."""
    known = {split: part_of(Path(split)) for split in tables}
    if len(known) == 1 or not any(known.values()):
        remarks += [f"Its split {split} is left out: only one can be told." for split in [*known][1:]]
        return {next(iter(known)): ""}
    remarks += [f"Its split {split} is left out: it is no part." for split, part in known.items() if not part]
    kept = {split: part for split, part in known.items() if part}
    return kept if len(set(kept.values())) > 1 else dict.fromkeys(kept, "")


def _write_part(writer: Writer, part: str, table: Any, image: str, label: str, names: list) -> None:
    number = (
        {one: place for place, one in enumerate(names)} if not hasattr(table.features[label], "names") else None
    )
    for row in tqdm(table, f"writing {part}".strip(), leave=False, disable=None):
        value = row[label] if number is None else number.get(row[label])
        if value is None or value < 0 or not row[image]:  # -1: kept back for a competition
            continue
        data = row[image]["bytes"] or Path(row[image]["path"]).read_bytes()
        writer.add(part, value, _suffix(data, row[image]["path"])).write_bytes(data)


def _suffix(data: bytes, path: str | None) -> str:
    suffix = Path(path or "").suffix.lower()
    if suffix in SUFFIXES:
        return suffix
    try:
        kind = Image.open(io.BytesIO(data)).format or ""
    except (UnidentifiedImageError, OSError):
        return ".png"  # whoever decodes it says what is wrong
    return FORMATS.get(kind, f".{kind.lower()}")


def _licence(name: HubName) -> str:
    """As the set's card has it; '' where there is none, or nobody answers."""
    try:
        told = import_module("huggingface_hub").dataset_info(name.name, timeout=5).card_data.license
    except Exception:  # whatever the network and the card do
        return ""
    return ", ".join(told) if isinstance(told, list) else told or ""
