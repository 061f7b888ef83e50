"""Bad JPEG, PNG and WebP files: each is read as another decoder reads it, or named with a reason."""

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from datasets_pictures import picture
from fuzz_mutations import PNG_FILE, mutate, png_is_sound
from fuzz_runner import NAMED, RIGHT, check_reason, random_of
from PIL import Image

from helpers.datasets.decode import decode
from helpers.datasets.reading import read_file

SIZE = 48  # pixels that images are resized to
CLOSE = 3.0  # mean difference of grey levels between two decoders of one lossy file
TURNED = 6  # EXIF: lies on its side


def _jpeg(pixels: np.ndarray, **options) -> bytes:
    return _saved(Image.fromarray(pixels), "JPEG", **{"quality": 90, **options})


def _saved(image: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _turned(pixels: np.ndarray) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = TURNED
    return _jpeg(pixels, exif=exif)


def _with_alpha(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.dstack([pixels, pixels[..., 0] | 15]))


KINDS: dict[str, Callable[[np.ndarray], bytes]] = {
    "jpg": _jpeg,
    "progressive.jpg": lambda pixels: _jpeg(pixels, progressive=True),
    "restarts.jpg": lambda pixels: _jpeg(pixels, restart_marker_rows=1),
    "grey.jpg": lambda pixels: _jpeg(pixels[..., 0]),
    "cmyk.jpg": lambda pixels: _saved(Image.fromarray(pixels).convert("CMYK"), "JPEG", quality=90),
    "turned.jpg": _turned,
    "large.jpg": lambda pixels: _jpeg(cv2.resize(pixels, (1100, 800))),
    "png": lambda pixels: _saved(Image.fromarray(pixels), "PNG"),
    "palette.png": lambda pixels: _saved(Image.fromarray(pixels).quantize(40), "PNG"),
    "deep.png": lambda pixels: _saved(Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), "PNG"),
    "alpha.png": lambda pixels: _saved(_with_alpha(pixels), "PNG"),
    "webp": lambda pixels: _saved(Image.fromarray(pixels), "WEBP", quality=85),
    "lossless.webp": lambda pixels: _saved(Image.fromarray(pixels), "WEBP", lossless=True),
    "alpha.webp": lambda pixels: _saved(_with_alpha(pixels), "WEBP", quality=85),
}


def bad_image(seed: int) -> tuple[str, bytes, bytes]:
    """A name that says what it is and what was done to it, the good file and the bad one."""
    rng = random_of("image", seed)
    kind = list(KINDS)[seed % len(KINDS)]
    good = KINDS[kind](picture(seed))
    how, bad = mutate(good, rng, PNG_FILE if kind.endswith("png") else ())
    return f"{seed:04d} {how}.{kind}", good, bad


def prepare(folder: Path) -> Path:
    """Where bad images are put."""
    return folder


def case(folder: Path, seed: int) -> str:
    """Read one bad image as a study does."""
    name, good, bad = bad_image(seed)
    path = folder / name
    path.write_bytes(bad)
    record = read_file(path, SIZE, "squash")
    path.unlink()
    if record.reason:
        check_reason(record.reason)
        return NAMED
    assert record.image.shape == (SIZE, SIZE, 3) and record.image.dtype == np.uint8, name
    is_as_before = np.array_equal(record.image, _reread(good, folder))
    assert is_as_before or _read_alike(bad), f"{name}: other pixels than another decoder"
    return RIGHT


def _reread(good: bytes, folder: Path) -> np.ndarray:
    path = folder / "good"
    path.write_bytes(good)
    return read_file(path, SIZE, "squash").image


def _read_alike(data: bytes) -> bool:
    """Whether OpenCV reads the same picture, turned or not, and a PNG's own checksums agree with its content."""
    if data.startswith(b"\x89PNG") and not png_is_sound(data):
        return False
    other = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    return other is not None and _closest(decode(data).pixels, _rgb(other)) <= CLOSE


def _rgb(pixels: np.ndarray) -> np.ndarray:
    """As the course shows it: 8 bits, three channels, transparent parts on white."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    if pixels.shape[2] in (2, 4):
        alpha = pixels[..., -1:].astype(np.float32) / 255
        pixels = (pixels[..., :-1] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[..., ::-1]


def _closest(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Mean difference to the nearest of the eight ways to turn and mirror a picture."""
    ways = [np.rot90(side, turn) for side in (theirs, theirs[:, ::-1]) for turn in range(4)]
    same = [way for way in ways if way.shape == ours.shape]
    return min((float(np.abs(way.astype(int) - ours).mean()) for way in same), default=np.inf)
