"""Bad study files and bad KEY=VALUE, made by hypothesis: each is loaded as it stands or refused in words."""

import copy
import math
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from fuzz_runner import NAMED, RIGHT, Tally, check_reason
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.base.errors import CourseError, StudyError
from helpers.base.paths import STUDIES
from helpers.study.file import from_yaml
from helpers.study.patches import PatchSpec
from helpers.study.phases import stages_of, total_epochs
from helpers.study.recipe import ModelSpec
from helpers.study.streets import SegmentationSpec, SegmenterSpec
from helpers.study.study import Study

SECONDS = 60  # for one file
GOOD = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(STUDIES.glob("*.yaml"))}
PLAIN = {"title", "description", "image_size", "resize", "seed", "seeds", "source", "epochs", "lr", "batch_size"}
KEYS = sorted(
    {
        *Study.model_fields, *ModelSpec.model_fields, *SegmentationSpec.model_fields, *SegmenterSpec.model_fields,
        *PatchSpec.model_fields, "train", "val", "test", "from_scratch", "cnn", "flip", "drawing",
        "overrides", "<<",
    }
)  # fmt: skip
ODD_WORDS = (
    "", " ", ".", "..", "/", "~", "~nobody", "cnn", "resnet18", "imagenet", "auto", "find", "patches", "idd",
    "camvid", "a" * 300, "x/" * 3000, "\0", "\n", "\x1b[31m", "ä", "🦊", "[", "(", "(?P<a>", "%s", "{}", "-1",
    "1e-3", "no", "null",
)  # fmt: skip
ODD_NUMBERS = (0, -1, 1, 2, 7, 10**6, 10**18, 2**64, -(2**63), 10**40)
ODD_FLOATS = (0.0, 1.0, -0.5, 0.5, 1e-300, 1e308, math.inf, -math.inf, math.nan)
ODD_TEXTS = (
    "2001-13-45", "0x_", "!!int no", "!!float x", "!!python/object/apply:os.getcwd []", "!!binary x", "*nobody",
    "&a [*a]", "? [1]\n: 2", "<<: 3", "%YAML 9.9\n---\n1", "a: b: c", "\t- x", "---\n---\n", "- " * 3000,
    "[" * 3000, "\ufeff{}", "!!timestamp 1", "1:2:3", "0o9", "!!set {a}", "!!omap [a]", "@", "`", "'", '"', "|",
    "\x07", "key: 'unfinished",
)  # fmt: skip

WAYS = ("nudged", "replaced", "removed", "renamed", "added")
# Aliases that name themselves, and some that would be 9 ** 10 texts if they were written out.
LAUGHTER = "l0: &l0 [ha]\n" + "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 11))
LINES = (
    "sample: &s {overrides: *s}",
    "title: &t [*t]",
    LAUGHTER,
    LAUGHTER + "look_alikes: *l10",
    "weights: " + "x" * 300,
)

words = st.sampled_from(ODD_WORDS) | st.text(max_size=8)
scalars = (
    st.none() | st.booleans() | st.sampled_from(ODD_NUMBERS) | st.sampled_from(ODD_FLOATS) | words | st.dates()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | words | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def spoilt_contents(draw: Callable, ways: tuple[str, ...]) -> dict:
    """A study of the course in which one to three things are replaced, removed, renamed, added or nudged."""
    content = {"all": copy.deepcopy(GOOD[draw(st.sampled_from(sorted(GOOD)))])}
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(list(_places(content))))
        way = draw(st.sampled_from(ways))
        if way == "nudged":
            holder[key] = _nudged(holder[key], draw(st.sampled_from([-1, 0.5, 2, 3])))
        elif way == "added" and isinstance(holder[key], dict):
            holder[key][draw(st.sampled_from(KEYS) | words)] = draw(values)
        elif holder is content:
            continue
        elif way == "removed":
            del holder[key]
        elif way == "renamed" and isinstance(holder, dict):
            holder[draw(st.sampled_from(KEYS) | words)] = holder.pop(key)
        else:
            holder[key] = draw(values)
    return content["all"]


def _nudged(value: Any, by: float) -> Any:
    """A number or text of the same kind."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return type(value)(value * by)
    return value + " 2" if isinstance(value, str) else value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


@st.composite
def spoilt_texts(draw: Callable) -> bytes:
    """The text of a study in which a line or some characters are spoilt, or bytes that are no text."""
    lines = _as_yaml(draw(spoilt_contents(WAYS))).split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    way = draw(st.sampled_from(["value", "indent", "cut", "twice", "odd", "bytes"]))
    if way == "value":
        lines[at] = lines[at].split(":")[0] + ": " + draw(st.sampled_from(ODD_TEXTS))
    elif way == "indent":
        lines[at] = " " * draw(st.integers(0, 6)) + lines[at].lstrip()
    elif way == "cut":
        lines = lines[:at] + [lines[at][: draw(st.integers(0, 20))]]
    elif way == "twice":
        lines.insert(draw(st.integers(0, len(lines))), lines[at])
    elif way == "odd":
        lines.insert(at, draw(st.sampled_from(ODD_TEXTS + LINES)))
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    middle = len(data) // 2
    return data[:middle] + draw(st.binary(max_size=6 if way == "bytes" else 0)) + data[middle:]


def _as_yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)


contents = spoilt_contents(WAYS) | spoilt_contents(("nudged",))
files = contents.map(lambda content: _as_yaml(content).encode()) | spoilt_texts()
keys = st.sampled_from(KEYS) | st.builds("{}.{}".format, st.sampled_from(KEYS), st.sampled_from(KEYS)) | words
key_values = st.dictionaries(
    keys | keys.map("models.cnn.{}".format) | keys.map("segmentation.models.{}".format),
    words | st.sampled_from(ODD_TEXTS) | scalars.map(str) | values.map(_as_yaml),
    min_size=1,
    max_size=2,
)


def try_file(content: bytes, folder: Path) -> str:
    """Load a study file with this content."""
    path = folder / "spoilt.yaml"
    path.write_bytes(content)
    try:
        study = Study.load(path)
    except CourseError as error:
        assert path.name in str(error) or not isinstance(error, StudyError), f"the file is not named: {error}"
        check_reason(str(error))
        return NAMED
    _check_same(study, from_yaml(content.decode("utf-8")))
    _check_usable(study, folder)
    return RIGHT


def try_key_values(given: dict[str, str], folder: Path) -> str:
    """Load the default study with these KEY=VALUE."""
    try:
        study = Study.load("wildlife", given)
    except StudyError as error:
        check_reason(str(error), repeated=len(repr(given)))
        return NAMED
    _check_usable(study, folder)
    return RIGHT


def _check_same(study: Study, content: dict) -> None:
    """What the file says in so many words is what the study has, where nothing else has a say in it."""
    sample = (content.get("sample") or {}).get("overrides") or {}
    holders = {"": (study, content)}
    holders |= {f"models.{name}.": (study.models[name], spec) for name, spec in content.get("models", {}).items()}
    for place, (holder, told) in holders.items():
        for key in PLAIN & told.keys():
            assert place + key in sample or getattr(holder, key) == told[key], f"{place}{key} is not {told[key]!r}"


def _check_usable(study: Study, folder: Path) -> None:
    """It comes back from disk as it was, and what a run asks of it is answered or refused in one sentence."""
    study.save(folder / "resolved.yaml")
    again = Study.load(folder / "resolved.yaml")
    assert again.models == study.models and again.split == study.split and again.chapters == study.chapters
    try:
        for name, spec in study.models.items():
            study.weights_of(name)
            assert total_epochs(spec) >= len(stages_of(spec))
        assert study.chapters_available() and study.info.title is not None and study.is_sample in (True, False)
    except CourseError as error:
        check_reason(str(error))


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"still at it after {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def campaign(count: int, folder: Path) -> Tally:
    """Try `count` files and half as many KEY=VALUE. One fault of each kind is kept, with what makes it."""
    tally, seen = Tally("studies"), set()

    def attempt(read: Callable[[Any, Path], str], example: Any) -> None:
        began, outcome, fault = time.monotonic(), "", ""
        try:
            with _no_longer_than(SECONDS):
                outcome = read(example, folder)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error!s:.300}"
        if fault in seen:
            return
        seen.add(fault or len(seen))
        tally.add(tally.tried, outcome, fault and f"{fault} for {example!r:.1500}", time.monotonic() - began)

    _each(files, count, partial(attempt, try_file))
    _each(key_values, count // 2, partial(attempt, try_key_values))
    return tally


def _each(strategy: st.SearchStrategy, count: int, work: Callable[[Any], None]) -> None:
    """The same examples every time, and nothing kept on disk."""

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def run(example: Any) -> None:
        work(example)

    run()
