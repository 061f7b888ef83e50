"""Every kind of image file that people have becomes RGB, or a reason why it cannot."""

import base64
import io

import numpy as np
import pytest
from datasets_pictures import picture, png_header
from PIL import Image

from helpers.datasets.decode import PAD_GREY, UnreadableImage, decode, resize


def encoded(image: Image.Image | np.ndarray, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "JPEG2000"])
def test_lossless_formats_keep_every_pixel(format):
    pixels = picture(0)
    decoded = decode(encoded(pixels, format))
    assert np.array_equal(decoded.pixels, pixels)
    assert decoded.size == (80, 60)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "GIF", "AVIF"])
def test_lossy_formats_stay_close(format):
    pixels = picture(0)
    decoded = decode(encoded(pixels, format))
    assert np.abs(decoded.pixels.astype(int) - pixels).mean() < 12


# 32 × 24 pixels, red on the left and blue on the right, to be turned by a quarter: a telephone held upright.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAcdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRp"
    "bG9jAAAAAERAAAIAAQAAAAAB6wABAAAAAAAAANcAAgAAAAACwgABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABBmlwcnAAAADlaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA"
    "/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyA"
    "AAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAIAAAAAEAAAAYAAAA"
    "Af///+AAAAAC////2AAAAAIAAAAQcGl4aQAAAAADCAgIAAAACWlyb3QDAAAAGWlwbWEAAAAAAAAAAQABBoECAwWEhgAAABppcmVmAAAA"
    "AAAAAA5jZHNjAAIAAQABAAABA21kYXQAAADTKAGvCchnvd45I1d//9C8n/8946H8ozYrf/i9Y+/jaG//uqs/lOv9yaouwienN9XQCkz+"
    "Z3QCeNNWKEfpPqhtT8LY5Xik9917zpSNHuzlUZ+1p/IcWeAl35qmaqyoztuvGQ/Tz1CTkEtwgpyFJYRCR/w5CkYM6fPrVRpkl5+xIgPf"
    "de86UjR7sxGKCvjl8cj67ubWNOWSzi0dPYjOkoio3oKAPkpZ+6NxGIQ51z+0UdQd4+Eyustk+Ct+RUEy3f/PZtqzHLXxibWORyacBNXc"
    "Mi+HQAAAAAZFeGlmAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA=="
)


def test_photographs_of_telephones_are_turned_as_they_were_held():
    decoded = decode(HEIC)
    assert decoded.size == (24, 32) and decoded.pixels.shape == (32, 24, 3)
    top, bottom = decoded.pixels[2, 12].astype(int), decoded.pixels[-3, 12].astype(int)
    assert np.abs(top - (220, 30, 30)).max() < 30 and np.abs(bottom - (30, 30, 220)).max() < 30


@pytest.mark.parametrize("format", ["PPM", "AVIF", "JPEG2000", "HEIC"])
def test_newer_formats_that_are_cut_short_are_refused(format):
    whole = HEIC if format == "HEIC" else encoded(picture(0), format)
    for share in (0.3, 0.6, 0.95):
        with pytest.raises(UnreadableImage):
            decode(whole[: int(share * len(whole))])


def test_maps_of_grey_and_of_bits():
    grey = picture(0)[..., 0]
    assert np.array_equal(decode(encoded(grey, "PPM")).pixels[..., 2], grey)  # PGM
    bits = Image.fromarray(grey > 100)
    assert np.array_equal(decode(encoded(bits, "PPM")).pixels[..., 0], np.where(grey > 100, 255, 0))  # PBM


def test_grey_becomes_three_equal_channels():
    grey = picture(0)[..., 0]
    assert np.array_equal(decode(encoded(grey, "PNG")).pixels, np.repeat(grey[..., None], 3, axis=2))


def test_palette_with_few_colours_is_exact():
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)[np.arange(64).reshape(8, 8) % 3]
    palette = Image.fromarray(colours).convert("P", palette=Image.Palette.ADAPTIVE, colors=3)
    assert np.array_equal(decode(encoded(palette, "PNG")).pixels, colours)


def test_transparent_parts_lie_on_white():
    pixels = np.dstack([np.zeros((4, 4, 3), np.uint8), np.array([[0, 255, 128, 0]] * 4, np.uint8)])
    assert decode(encoded(pixels, "PNG")).pixels[0, :, 0].tolist() == [255, 0, 127, 255]


def test_cmyk_jpeg_has_the_right_colours():
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    pixels = decode(encoded(red, "JPEG", quality=95)).pixels
    assert pixels[..., 0].min() > 240 and pixels[..., 1:].max() < 30


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    for format in ("GIF", "WEBP"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
        assert decode(data).pixels[4, 4, 0] > 240, format


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation):
    shown = picture(1, 40, 64)
    undo = {1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud}
    undo |= {5: lambda a: a.transpose(1, 0, 2), 6: lambda a: np.rot90(a, 1)}
    undo |= {7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: lambda a: np.rot90(a, -1)}
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode(encoded(np.ascontiguousarray(undo[orientation](shown)), "PNG", exif=exif))
    assert np.array_equal(decoded.pixels, shown)
    assert decoded.size == (64, 40)


def test_big_jpeg_is_decoded_smaller_and_remembers_its_size():
    data = encoded(picture(0, 800, 1200), "JPEG")
    decoded = decode(data, at_least=100)
    assert decoded.size == (1200, 800)
    assert 100 <= min(decoded.pixels.shape[:2]) < 400


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_cut_short_is_unreadable(format):
    data = encoded(picture(0, 200, 200), format)
    with pytest.raises(UnreadableImage):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE html><p>404", bytes(100), b"\xff\xd8\xff\xe0", b"II*\x00", b"RIFF1234AVI "]
)
def test_what_is_no_image_is_unreadable(data):
    with pytest.raises(UnreadableImage, match=r"\w"):
        decode(data)


def test_empty_file_says_so():
    with pytest.raises(UnreadableImage, match="empty"):
        decode(b"")


def test_gigantic_image_is_refused_from_its_header():
    with pytest.raises(UnreadableImage, match="30000 × 30000 pixels, more than the limit of 100 megapixels"):
        decode(png_header(30_000, 30_000))


def test_crop_takes_the_middle():
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 200
    assert np.unique(resize(pixels, 10, "crop")).tolist() == [200]


def test_squash_keeps_everything():
    pixels = np.zeros((10, 40, 3), np.uint8)
    pixels[:, 20:] = 200
    assert resize(pixels, 10, "squash")[5].mean(axis=1).tolist() == [0] * 5 + [200] * 5


def test_pad_adds_equal_bars():
    padded = resize(np.full((10, 20, 3), 200, np.uint8), 20, "pad")
    assert padded[:, 0, 0].tolist() == [PAD_GREY] * 5 + [200] * 10 + [PAD_GREY] * 5


@pytest.mark.parametrize("mode", ["crop", "squash", "pad"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (7, 5)])
def test_any_shape_becomes_square(mode, shape):
    assert resize(np.zeros((*shape, 3), np.uint8), 16, mode).shape == (16, 16, 3)
