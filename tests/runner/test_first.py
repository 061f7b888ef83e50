"""What run_all.sh answers before anything is installed: the words of the full program, and never too strict."""

import os
import random
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from fuzz_runner import LAUGHTER
from own_masks import masks

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT, STUDIES
from helpers.datasets.catalogue import CATALOGUE
from helpers.study import file as study_file
from helpers.study.patches import PatchSpec
from helpers.study.recipe import ModelSpec, Phase, Recipe, Roles, Sample, Split
from helpers.study.streets import MaskFolder, SegmentationSpec, SegmenterSpec, StreetSample
from helpers.study.study import Study, list_studies
from runner import first, keys, yaml_reader
from runner.__main__ import main
from runner.listing import listing
from runner.loose import LooseStudy, read_loosely
from runner.options import parse_options
from runner.plan import plan

README = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
WELL = [
    "data: {here}\n",
    "---\ndata: {here}\nsegmentation: patches\n",
    "\ufeffdata: {here} # mine\ntitle: 'It''s mine'\ndescription: |\n  # no comment\n  \ttab\n    more\n",
    "data: {here}\nmodels:\n  a: &a {{architecture: cnn, epochs: 3,\n    title: 'x, y'}}\n"
    "  b: {{<<: *a, pretrained: false}}\n",
    "data: {here}\nmodels:\n  a: {{}}\nlook_alikes:\n- [a, b]\n- - c\n  - d\nchapters: {{leaky: a}}\n",
    'data: "{here}"\ntitle: a plain\n  text: {{no}}\n',
    "data: {here}\nweights: imagenet\nmodels: {{a: {{weights: sample, phases: [{{epochs: 1, lr: 1.0e-3}}]}}}}\n",
    "data: {here}\nclasses: {{wheels: [car, 'tram # 5'], \"legs\": [dog]}}\ngroup_by: '_(s\\d+)_'\n",
    "? data\n: {here}\n",
    "!!map {{data: {here}}}\n",
    "data: &here {here}\ntitle: *here\n",
    "data: {here}\nlook_alikes: []\ndescription: &x\n  text\nsplit: &s\n  train: 0.7\n  val: 0.1\n",
    "data: {here}\nseeds: 2\nsegmentation: {{kind: patches, abroad: {{other: {here}}}}}\n",
    "segmentation: {{sets: {{a: {{folder: {here}, void: [255, '#ff00ff']}}}}, models: {{n: {{epochs: 2}}}}}}\n",
]
NO_YAML = [
    (b"\x89PNG\r\n\x1a\n\0\0", " cannot be read as YAML: "),
    (b"title: a\x00b\n", " cannot be read as YAML: "),
    (b"title: x\nmodels:\n\tsmall: {}\n", "line 3, column 1"),
    (b"title: x\nlook_alikes: [[a, b]\nmodels: {}\n", "line 3, column"),
    (b"title: x\nlook_alikes: [[a, b], # ]]\n", "line 3, column"),
    (b"split: {train: 1}}\n", "line 1, column"),
    (b"title: 'My birds\ndata: here\n", "line 1, column"),
    (b"- a\n- b\n", " must hold 'key: value' lines"),
    (b"just words\n", " must hold 'key: value' lines"),
    (b"# nothing\n", " must hold 'key: value' lines"),
]
BROKEN = [
    (b"title: x\nimage_sise: 64\n", ", line 2: image_sise: unknown key (did you mean 'image_size'?); allowed are"),
    (b"title: x\nepochs: 3\n", ", line 2: epochs: this is a key of models"),
    (b"models:\n  a:\n    epoch: 3\n", ", line 3: models.a.epoch: unknown key (did you mean 'epochs'?)"),
    (b"models: {a: {phases: [{epoch: 3}]}}\n", ", line 1: models.a.phases.epoch: unknown key"),
    (b"segmentation: {kind: patches, strid: 3}\n", "segmentation.strid: unknown key (did you mean 'stride'?)"),
    (b"segmentation: {traget: idd}\n", "segmentation.traget: unknown key (did you mean 'target'?)"),
    (b"data: cifar1\n", ", line 1: data: unknown data set 'cifar1': there is no such folder"),
    (b"title: x\ndata: ./nowhere\n", ", line 2: data: the folder"),
    (b"data: ./\nweights: ./no.pth\n", ", line 2: weights: unknown weights"),
    (b"data: ./\nmodels: {a: {}, b: {weights: no.pth}}\n", ", line 2: weights: unknown weights 'no.pth'"),
]


@pytest.fixture(autouse=True)
def no_real_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_COURSE_DATA", str(tmp_path / "data"))


def alone(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """The first answer from a Python that sees no packages at all (-S)."""
    command = [sys.executable, "-S", "-P", "-B", "-m", "runner.first", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=60)


def in_full(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, str, str]:
    """Exit status, output and errors of the full program."""
    capsys.readouterr()
    try:
        status = main(list(arguments))
    except SystemExit as end:
        status = end.code
    return status or 0, *capsys.readouterr()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["--list"],
        ["--jbos", "2"],
        ["--jobs", "many"],
        ["--data", "/no/where"],
        ["no-such-study"],
        ["path/that/is/not"],
        ["--set", "epochs"],
        ["--set", "epoch=2"],
        ["--only", "02,77"],
        ["svhn", "--only", "07"],
        ["wildlfe", "--download"],
    ],
)
def test_without_packages_the_answer_is_that_of_the_full_program(arguments: list[str], capsys):
    began = time.monotonic()
    found = alone(*arguments)
    assert time.monotonic() - began < 20  # 0.1 s of it is work; a loaded machine is slow
    assert (found.returncode, found.stdout, found.stderr) == in_full(capsys, *arguments)


@pytest.mark.parametrize(("content", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_a_broken_study_file_is_refused_with_file_and_line(content: bytes, said: str, tmp_path: Path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    found = alone(str(path))
    assert found.returncode == 2 and found.stdout == "", found.stderr
    assert f"mine.yaml{said}" in found.stderr or (said.startswith("seg") and said in found.stderr)
    assert found.stderr.count("\n") == 1
    assert in_full(capsys, str(path)) == (2, "", found.stderr)
    if b"data: ./nowhere" not in content and b"cifar1" not in content:
        with pytest.raises(CourseError):
            Study.load(path)


@pytest.mark.parametrize(("content", "said"), NO_YAML)
def test_what_is_no_study_file_is_refused_by_the_full_program(content: bytes, said: str, tmp_path: Path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    assert alone(str(path)).returncode == first.GO_ON
    status, output, errors = in_full(capsys, str(path))
    assert (status, output) == (2, "") and "mine.yaml" in errors and said in errors and errors.count("\n") == 1


@pytest.mark.parametrize("text", WELL)
def test_a_good_study_file_goes_on(text: str, tmp_path: Path):
    (tmp_path / "here" / "cat").mkdir(parents=True)
    path = tmp_path / "mine.yaml"
    path.write_text(text.format(here="./here"), encoding="utf-8")
    if "plain" not in text:
        Study.load(path)
    assert alone(str(path)).returncode == first.GO_ON


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_studies_of_the_course_are_understood(path: Path):
    values = read_loosely(path).values
    assert set(values) == set(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert alone(path.stem, "--only", "1").returncode == first.GO_ON


def test_the_examples_of_the_readme_are_understood(tmp_path: Path):
    studies = [text for text in README if "data:" in text or "segmentation:" in text]
    assert studies
    (tmp_path / "path" / "to" / "my-images").mkdir(parents=True)
    for text in studies:
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        Study.load(tmp_path / "mine.yaml")
        assert set(read_loosely(tmp_path / "mine.yaml").values) == set(yaml.safe_load(text))
        assert first.main([str(tmp_path / "mine.yaml")]) == first.GO_ON


def refused(path: Path, *arguments: str) -> bool:
    """Whether the first answer refuses a study file."""
    try:
        first.refuse(parse_options([str(path), *arguments]))
    except CourseError:
        return True
    return False


def load(path: Path) -> bool:
    """Whether the full program takes it, its data apart."""
    try:
        Study.load(path)
    except CourseError:
        return False
    return True


def test_nothing_is_refused_that_the_full_program_takes(tmp_path: Path):
    pytest.importorskip("hypothesis")
    import fuzz_studies

    path, counts = tmp_path / "spoilt.yaml", {True: 0, False: 0}

    def attempt(content: bytes) -> None:
        path.write_bytes(content)
        takes = load(path)
        said = refused(path, "--download")  # which looks at the file alone
        assert not (takes and said), content
        counts[said] += 1

    fuzz_studies._each(fuzz_studies.files, 150, attempt)
    for text in (*WELL, LAUGHTER, *(content.decode("latin-1") for content, _ in (*NO_YAML, *BROKEN))):
        attempt(text.replace("{here}", str(tmp_path)).encode())
    assert min(counts.values()) > 7


PIECES = [
    *" \n\t:#-,[]{}'\"&*|>?!%@`~a1.\\",
    "\n  ",
    "\n- ",
    ": ",
    " #",
    "<<: *a",
    "&a ",
    "*a",
    "---\n",
    "''",
    "\n\t",
]


def test_the_reader_agrees_with_pyyaml_on_spoilt_texts():
    numbers, texts = random.Random(5), [path.read_text(encoding="utf-8") for path in STUDIES.glob("*.yaml")]
    outcomes = set()
    for _ in range(1500):
        lines = numbers.choice([*texts, *README, *WELL]).split("\n")
        at = numbers.randrange(len(lines))
        text = textwrap.dedent("\n".join(lines[at : at + numbers.randint(1, 9)]))
        for _ in range(numbers.randint(0, 3)):
            where = numbers.randrange(len(text) + 1)
            text = (
                text[:where] + numbers.choice([numbers.choice(PIECES), ""]) + text[where + numbers.randint(0, 2) :]
            )
        outcomes.add(compare(text))
    assert outcomes == {"same", "left"}


def compare(text: str) -> str:
    """Read a text both ways. Raises AssertionError where the reader tells other than PyYAML."""
    try:
        wanted = yaml.safe_load(text)
    except Exception:
        wanted = None
    try:
        found = yaml_reader.read_yaml(text)
    except yaml_reader.NotUnderstood:
        return "left"
    if isinstance(wanted, dict):
        check_same(found, wanted, text)
    return "same"


def check_same(found: Any, wanted: Any, text: str) -> None:
    """The shape is the same, and what is taken for a text is that text."""
    if isinstance(found, yaml_reader.Keys) and isinstance(wanted, dict):
        assert set(found) == set(wanted) or (found.merges and set(found) <= set(wanted)), text
        for key, value in found.items():
            check_same(value, wanted[key], text)
    elif isinstance(found, list) and isinstance(wanted, list):
        assert len(found) == len(wanted), text
        for ours, theirs in zip(found, wanted, strict=True):
            check_same(ours, theirs, text)
    else:
        assert found is yaml_reader.OPAQUE or found == wanted, text


@pytest.mark.parametrize("text", ["a:\n- &x\n- b\n", "a: &x\n- b\n", "a:\n  - &x b\n  - *x\n  -\n  - c\n"])
def test_anchors_of_nothing_and_of_lists_are_read_as_pyyaml_does(text: str):
    assert compare(text) == "same"


@pytest.mark.parametrize(
    "pair", [(["--set", "data=/tmp"], False), (["--set", "models={a: {}}"], False), ([], True)]
)
def test_what_the_command_line_replaces_is_not_refused(pair: tuple[list[str], bool], tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "data: ./nowhere\nmodels: {a: {epoch: 1}}\n" if "models" in str(pair[0]) else "data: ./nowhere\n"
    )
    asked = [str(path), *pair[0]] + (["--download"] if "models" in str(pair[0]) else [])
    assert refused(Path(asked[0]), *asked[1:]) == pair[1]


def test_a_folder_of_masks_has_the_chapters_of_scenes_alone(tmp_path: Path, capsys):
    folder = str(masks(tmp_path / "leaves"))
    assert alone(folder).returncode == alone(folder, "--only", "07,08").returncode == first.GO_ON
    assert alone(folder, "--only", "02", "--set", "layout=classes").returncode == first.GO_ON
    for number in ("1", "9"):
        early, (status, _, error) = alone(folder, "--only", number), in_full(capsys, folder, "--only", number)
        assert early.returncode == status == 2 and early.stderr == error
        assert error.endswith("the chapters are 07_segmentation, 08_segmentation_analysis\n")


@pytest.mark.parametrize("arguments", [["--sample"], ["--only", "07"], ["--download"]])
def test_a_missing_folder_matters_where_its_images_are_asked_for(arguments: list[str], tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text("data: ./nowhere\nsegmentation: {target: idd}\nsample: {drawing: wildlife}\n")
    assert not refused(path, *arguments)
    path.write_text("data: ./nowhere\nsource: real\nsegmentation: {target: idd}\nsample: {drawing: wildlife}\n")
    assert refused(path)


def test_the_keys_are_those_of_the_classes():
    of_images = (Study, ModelSpec, Recipe, Phase, Split, Roles, Sample)
    for kind in (*of_images, SegmentationSpec, SegmenterSpec, MaskFolder, StreetSample, PatchSpec):
        assert keys.keys_of(kind.__name__) == sorted(kind.model_fields), kind
    assert keys.nested() == {place: kind.__name__ for place, kind in study_file.NESTED.items()}
    for key, value in keys.defaults_of("SegmentationSpec").items():
        assert SegmentationSpec.model_fields[key].default == value


@pytest.mark.parametrize("in_place", [False, True])
def test_the_list_is_the_same_before_the_set_up_and_after(in_place: bool, tmp_path: Path):
    for known in CATALOGUE.values() if in_place else ():
        for name in known.classes:
            (tmp_path / "data" / known.name / "x" / name).mkdir(parents=True)
    for name in ("cityscapes", "idd") if in_place else ():
        for half in ("leftImg8bit", "gtFine"):
            for part in ("train", "val"):
                (tmp_path / "data" / name / half / part / "a").mkdir(parents=True)
    loose = listing(LooseStudy(read_loosely(path)) for path in sorted(STUDIES.glob("*.yaml")))
    assert loose == listing(list_studies())
    assert any("in place: " in line for line in loose) == in_place


def test_an_archive_is_not_unpacked_to_be_listed(tmp_path: Path):
    folder = tmp_path / "data" / "svhn"
    folder.mkdir(parents=True)
    (folder / "a.zip").write_bytes(b"no archive at all")
    assert alone("--list").returncode == 0
    assert [path.name for path in folder.iterdir()] == ["a.zip"]


def test_a_list_that_nobody_reads_to_its_end_is_answered():
    command = f"PYTHONPATH={ROOT} {sys.executable} -S -P -B -m runner.first --list | head -c 1"
    done = subprocess.run(["bash", "-c", command + "; echo ${PIPESTATUS[0]}"], capture_output=True, text=True)
    assert done.stdout[1:].strip() in {"0", "141"} and done.stderr == ""


def test_a_fault_of_the_first_look_is_no_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(first, "locate", lambda source: 1 / 0)
    assert first.main(["wildlife"]) == first.GO_ON
    assert plan(parse_options(["wildlife", "--sample", "--only", "1"]))
