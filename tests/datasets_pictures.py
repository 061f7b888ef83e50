"""Pictures and folders for the tests of `helpers.study.images`."""

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
from PIL import Image


def picture(seed: int, height: int = 60, width: int = 80) -> np.ndarray:
    """A coloured texture (height, width, 3) uint8 that no other seed gives."""
    noise = np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)
    texture = cv2.GaussianBlur(noise, (0, 0), 2) + 2 * cv2.GaussianBlur(noise, (0, 0), 8)
    return cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def save(path: Path, pixels: np.ndarray, **options) -> Path:
    """Write pixels in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def class_folders(root: Path, counts: dict[str, int], first_seed: int = 0) -> Path:
    """JPEG files in class folders, all different. A class may be 'train/cat'."""
    for number, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            save(root / name / f"{i:03d}.jpg", picture(first_seed + 1000 * number + i), quality=90)
    return root


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """An archive of the kind its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    compression = {"gz": "gz", "tgz": "gz", "bz2": "bz2", "xz": "xz"}.get(path.suffix[1:], "")
    with tarfile.open(path, f"w:{compression}") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def png_header(width: int, height: int) -> bytes:
    """A PNG file that promises so many pixels and holds none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def study_of(root: Path | str, **changes) -> SimpleNamespace:
    """What `load` needs to know of a study."""
    values = {
        "name": "test",
        "data": str(root),
        "data_root": Path(root),
        "is_sample": False,
        "image_size": 32,
        "resize": "crop",
        "classes": None,
        "group_by": None,
        "layout": "auto",
        "label_table": "auto",
        "bands": None,
        "duplicates": "near",
        "split": SimpleNamespace(train=0.6, val=0.2, test=0.2),
        "data_settings": {},
        "seed": 0,
    }
    return SimpleNamespace(**{**values, **changes})


def two_coloured_classes(root: Path) -> Path:
    """Thirty pictures each of two classes that differ in one colour channel, in folders with difficult names."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(["cat & dog", "Ünïcode"]):
        (root / name).mkdir(parents=True)
        for i in range(30):
            image = rng.integers(0, 200, (24, 32, 3), dtype=np.uint8)
            image[..., number] = 255
            cv2.imwrite(str(root / name / f"{i}.png"), image)
    return root
