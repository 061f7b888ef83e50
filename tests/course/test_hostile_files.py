"""Files made to do harm: nothing in them is executed or written elsewhere, nothing fills memory or disk."""

import io
import json
import os
import pickle
import resource
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets_pictures import class_folders
from scipy.io import savemat

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT, display_path, our_sources, printable
from helpers.datasets import arrays, folders
from helpers.datasets.archives import unpack_archives
from helpers.datasets.decode import UnreadableImage, decode
from helpers.datasets.plain_pickle import load_plain
from helpers.datasets.streets.polygons import image_size, read_polygons
from helpers.datasets.types import DataError
from helpers.models.weights import read_weights
from helpers.study.study import Study
from helpers.training.epochs import resume
from runner import records
from sections.one_model.variants.file import write_csv

GIGABYTE = 1 << 30
BATCHES = next(form for form in arrays.FORMATS if "data_batch_1" in form.parts)


class Harms:
    """What unpickling it would do."""

    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


def traps(folder: Path) -> dict[str, object]:
    """Ways to have a file made where a pickle is read."""
    command = f"touch {folder}/harmed"
    return {
        "system": Harms(os.system, command),
        "popen": Harms(subprocess.Popen, ["touch", f"{folder}/harmed"]),
        "eval": Harms(eval, f"open('{folder}/harmed', 'w')"),
        "exec": Harms(exec, f"open('{folder}/harmed', 'w')"),
        "touch": Harms(Path.touch, folder / "harmed"),
        "numpy": Harms(np.memmap, f"{folder}/harmed", "u1", "w+", 0, (4,)),
        "torch": Harms(torch.save, {}, f"{folder}/harmed"),
    }


WAYS = sorted(traps(Path()))


def pickled_batch(path: Path, trap) -> None:
    path.write_bytes(pickle.dumps({"labels": [1], "data": trap}, protocol=2))


def state_dict(path: Path, trap, **form) -> None:
    torch.save({"state_dict": {"weight": torch.zeros(2), "harm": trap}}, path, **form)


READERS = {
    "a batch of CIFAR-10": (lambda path, trap: pickled_batch(path, trap), load_plain),
    "weights": (lambda path, trap: state_dict(path, trap), read_weights),
    "weights, old form": (
        lambda path, trap: state_dict(path, trap, _use_new_zipfile_serialization=False),
        read_weights,
    ),
    "weights, pickled": (lambda path, trap: path.write_bytes(pickle.dumps({"weight": trap})), read_weights),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reader", READERS)
def test_nothing_in_a_pickle_is_executed(tmp_path, reader, way):
    write, read = READERS[reader]
    write(tmp_path / "file.pth", traps(tmp_path)[way])
    with pytest.raises(CourseError) as caught:
        read(tmp_path / "file.pth")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_in_what_the_course_keeps_is_executed(tmp_path, way):
    """A checkpoint, and the arrays of a run or a cache, in a folder that others can write to."""
    trap = traps(tmp_path)[way]
    checkpoint = tmp_path / "checkpoint.pt"
    torch.save({"fit": trap, "model": {}, "optimizer": {}}, checkpoint)
    state, _ = resume(checkpoint, torch.nn.Linear(2, 2))
    assert state.epoch == 0 and not checkpoint.exists()
    np.savez(tmp_path / "test.npz", probabilities=np.array([trap], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"), np.load(tmp_path / "test.npz") as file:
        _ = file["probabilities"]
    assert not (tmp_path / "harmed").exists()


def test_no_file_is_read_with_pickle_allowed():
    sources = {path: path.read_text(encoding="utf-8") for path in our_sources()}
    for path, source in sources.items():
        loads = source.count("torch.load(")
        assert loads == source.count("weights_only=True"), path
        assert "allow_pickle=True" not in source and "yaml.load(" not in source, path
        assert "pickle.load" not in source and "shell=True" not in source and "extractall" not in source, path


def memory_bombs(folder: Path) -> dict[str, Path]:
    """Small pickles that ask for much: a note under a high number, zeros by their number, long texts."""
    contents = {
        "far note": b"\x80\x02}r" + struct.pack("<I", 0xFFFFFFF0) + b".",
        "far note, as text": b"}p9999999999\n.",
        "zeros": b"\x80\x04cnumpy.core.numeric\n_frombuffer\n(J\xff\xff\xff\x7fNNNtR.",
        "long text": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40) + b"x.",
        "long number": b"\x80\x02\x8b" + struct.pack("<i", 0x7FFFFFFF) + b"\x01.",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


def test_small_pickles_cannot_ask_for_much_memory(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in memory_bombs(tmp_path).values():
        with pytest.raises(DataError):
            arrays.Container(path, "train", BATCHES).labels()
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < GIGABYTE


def test_real_batches_are_not_taken_for_bombs(tmp_path):
    batch = {b"labels": list(range(10)) * 1000, b"filenames": [f"{i}.png".encode() for i in range(10_000)]}
    for protocol in range(6):
        (tmp_path / "batch").write_bytes(pickle.dumps(batch, protocol=protocol))
        assert load_plain(tmp_path / "batch")["labels"] == batch[b"labels"]


def test_labels_without_end_in_a_matlab_file(tmp_path):
    images = np.zeros((32, 32, 3, 2), np.uint8)
    savemat(tmp_path / "train_32x32.mat", {"X": images, "y": np.ones((5000, 1000), np.uint8)}, do_compression=True)
    with pytest.raises(DataError, match="promises 2 images and 5000000 labels"):
        arrays.containers(tmp_path)[0].labels()


def test_packed_weights_are_refused_before_they_are_unpacked(tmp_path):
    torch.save({"weight": torch.zeros(1 << 20)}, tmp_path / "stored.pth")
    assert set(read_weights(tmp_path / "stored.pth")) == {"weight"}
    with zipfile.ZipFile(tmp_path / "stored.pth") as old, zipfile.ZipFile(tmp_path / "packed.pth", "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry), zipfile.ZIP_DEFLATED)
    with pytest.raises(CourseError, match=r"packed\.pth is not a file of weights"):
        read_weights(tmp_path / "packed.pth")


# Archives


def sparse_tar(path: Path, size: int) -> None:
    """A file of one hole, as GNU tar stores it: `size` zeros in 512 bytes."""
    header = tarfile.TarInfo("data/hole.jpg")
    header.type, header.size = tarfile.GNUTYPE_SPARSE, 0
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[386:398] = b"%011o\0" % size  # offset of the only piece
    block[398:410] = b"%011o\0" % 0  # which is empty
    block[483:495] = b"%011o\0" % size  # the size with its holes
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    path.write_bytes(bytes(block) + bytes(2 * tarfile.BLOCKSIZE) + bytes(tarfile.RECORDSIZE))


def test_a_file_of_holes_does_not_fill_the_disk(tmp_path):
    sparse_tar(tmp_path / "set.tar", 1 << 30)
    with tarfile.open(tmp_path / "set.tar") as archive:  # it is what it is meant to be
        assert archive.getmembers()[0].issparse() and archive.getmembers()[0].size == 1 << 30
    with pytest.raises(DataError, match=r"holds 'data/hole\.jpg', a link or a device"):
        unpack_archives(tmp_path, in_place=False)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("name", ["..zip", "...zip", "....tar", ".zip"])
def test_archives_without_a_name_stay_in_their_folder(tmp_path, name):
    inner = tmp_path / "folder"
    inner.mkdir()
    make = zipfile.ZipFile if name.endswith("zip") else tarfile.open
    with make(inner / name, "w") as archive:
        if name.endswith("zip"):
            archive.writestr("a.jpg", b"x")
        else:
            archive.addfile(tarfile.TarInfo("a.jpg"), io.BytesIO())
    unpack_archives(inner, in_place=False)
    assert os.listdir(tmp_path) == ["folder"] and (inner / "unpacked" / "a.jpg").is_file()


# Pictures and labels


def png(width: int, height: int, content: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    body = (struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="http://127.0.0.1:9/"/>&x;</svg>'
)
BOMBS = {
    "huge PNG": png(60_000, 60_000, zlib.compress(bytes(1 << 20))),
    "PNG with more pixels than it says": png(4, 4, zlib.compress(bytes(1 << 26))),
    "PNG with a large profile": png(4, 4)[:33] + b"\x00\x00\x10\x00iCCPx\x00\x00" + zlib.compress(bytes(1 << 26)),
    "SVG": SVG,
    "packed SVG": zlib.compress(SVG),
    "huge GIF": b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b",",
    "huge BMP": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 1 << 20, 1 << 20, 1, 24, *[0] * 6),
    "huge WebP": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff",
    "TIFF that leads in a circle": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "a page": b"<html><script>alert(1)</script>",
    "a script": b"#!/bin/sh\ntouch harmed\n",
}


READ = {"PNG with more pixels than it says"}  # what is too much is left in the file


@pytest.mark.parametrize("name", BOMBS)
def test_no_picture_does_more_than_be_unreadable(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if name in READ:
        assert decode(BOMBS[name]).pixels.shape == (4, 4, 3)
    else:
        with pytest.raises(UnreadableImage) as caught:
            decode(BOMBS[name])
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < GIGABYTE


LABELS = {
    "huge": {"imgWidth": 10**9, "imgHeight": 10**9, "objects": []},
    "huge number": {"imgWidth": 10**400, "imgHeight": 1, "objects": []},
    "no number": {"imgWidth": float("inf"), "imgHeight": 4, "objects": []},
    "far": {"imgWidth": 4, "imgHeight": 4, "objects": [{"label": "car", "polygon": [[1e300, 0], [0, 9], [3, 3]]}]},
    "text": {"imgWidth": 4, "imgHeight": 4, "objects": [{"label": "car", "polygon": "__import__('os')"}]},
    "class": {"imgWidth": 4, "imgHeight": 4, "objects": [{"label": "$(touch harmed)\x1b[2J", "polygon": []}]},
}


@pytest.mark.parametrize("name", LABELS)
def test_polygons_that_do_harm_are_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "label.json"
    path.write_text(json.dumps(LABELS[name]))
    with pytest.raises(DataError, match=r"label\.json") as caught:
        image_size(path, json.loads(path.read_text()))
        read_polygons(path, ("car",))
    assert printable(str(caught.value)) == str(caught.value)
    assert os.listdir(tmp_path) == ["label.json"]


def test_labels_nested_without_end(tmp_path):
    (tmp_path / "label.json").write_text("[" * 200_000)
    with pytest.raises(DataError, match="broken JSON"):
        read_polygons(tmp_path / "label.json", ("car",))


# Names


STEERING = ["b\x1b[2Jd", "b\nd", "b\rd", "\u202egpj.exe", "b\x07d", os.fsdecode(b"b\xe9d"), "b\x9bd"]


@pytest.mark.parametrize("name", STEERING)
def test_names_that_steer_a_terminal_are_refused_or_listed_in_escapes(tmp_path, name):
    class_folders(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "a" / f"{name}.jpg").touch()
    (tmp_path / "a" / f"{name}").mkdir()
    (tmp_path / f"{name}.txt").touch()
    found = folders.scan(tmp_path)
    assert len(found.files) == 2 and len(found.ignored) == 2
    assert all(printable(entry) == entry for entry in found.ignored)
    class_folders(tmp_path, {name: 1})
    with pytest.raises(DataError, match=r"the name of the class folder .*: rename it") as caught:
        folders.scan(tmp_path)
    assert printable(str(caught.value)) == str(caught.value)


def test_paths_are_told_without_what_steers_a_terminal_and_without_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/alice")
    assert display_path("/home/alice/images") == "~/images"
    assert display_path("/media/alice/im\x1bages") == "~/im\\x1bages"
    assert display_path(ROOT / "data" / "a\nb") == "data/a\\nb"


@pytest.mark.parametrize("key", ["title", "models.cnn.title", "description"])
def test_study_files_with_control_characters_are_refused(tmp_path, key):
    class_folders(tmp_path / "images", {"a": 1, "b": 1})
    text = '"\\e[2J\\u202e"'
    lines = {"title": f"title: {text}", "description": f"description: {text}",
             "models.cnn.title": f"models: {{cnn: {{title: {text}}}}}"}  # fmt: skip
    (tmp_path / "mine.yaml").write_text(f"data: {tmp_path / 'images'}\n{lines[key]}\n")
    with pytest.raises(CourseError, match=r"mine\.yaml: .* holds characters that cannot be shown") as caught:
        Study.load(tmp_path / "mine.yaml")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("name", ["../../out", "a/b", "A B", "$(touch harmed)", "-rf", "{study}", "a\n", ""])
def test_a_study_cannot_be_named_like_a_path_or_a_command(tmp_path, name):
    class_folders(tmp_path / "images", {"a": 1, "b": 1})
    (tmp_path / "mine.yaml").write_text(f"data: {tmp_path / 'images'}\nname: {json.dumps(name)}\n")
    with pytest.raises(CourseError, match=r"mine\.yaml"):
        Study.load(tmp_path / "mine.yaml")


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system ['touch harmed']", "!!python/name:os.system"])
def test_study_files_run_nothing(tmp_path, monkeypatch, tag):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(f"title: {tag}\n")
    with pytest.raises(CourseError, match=r"mine\.yaml cannot be read as YAML"):
        Study.load(tmp_path / "mine.yaml")
    with pytest.raises(CourseError):
        Study.load("wildlife", {"title": tag})
    assert os.listdir(tmp_path) == ["mine.yaml"]


def test_a_table_for_a_spreadsheet_holds_no_formulas(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_REPORTS", str(tmp_path))
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    names = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "plain", "a=b"]
    write_csv("mine", "table", [{"model": name, "value": -0.5} for name in names], "All of it:")
    lines = (tmp_path / "mine" / "table.csv").read_text().splitlines()[1:]
    assert [line.rpartition(",")[0].strip('"')[0] for line in lines] == ["'"] * 5 + ["p", "a"]
    assert all(line.endswith(",-0.5") for line in lines)


def test_a_record_of_another_kind_is_no_record(tmp_path):
    (tmp_path / "done.json").write_text('{"__class__": "os.system", "status": "ok"}')
    assert records.read_record(tmp_path / "done.json") is None
