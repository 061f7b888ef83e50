"""What chapters, jobs and pages are made from, as short hashes: what was made from another state is made again.

Code is followed from what runs (see `base.code`), files are known by what they hold, and a chapter hangs on
the models whose recipes it looked at when it was made (see `headless.note_read`).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from helpers.base.code import Place
from helpers.base.fetch import digest
from helpers.base.fingerprint import code_of, code_of_cells, key_of
from helpers.study.chapters import chapter_called, chapters
from helpers.study.place import WEIGHTS
from helpers.study.recipe import ModelSpec
from helpers.study.study import Study
from helpers.training.segmenters.start import backbone_file
from helpers.training.starting_weights import PUBLISHED, other_than_published, starting_spec
from runner import notebooks

# What only studies on drawn data run; followed for these alone.
DRAWING = (
    Place("drawings", "make_sample"),
    Place("helpers.training.pretraining", "sample_weights"),
    Place("helpers.training.pretraining", "pretraining_key"),
)


def of_chapter(study: Study, chapter: str, notebook: Path) -> str:
    """All that a chapter is made from but the recipes of its models."""
    cells = notebooks.cells_of_page(notebooks.read_notebook(notebook), study)
    code = code_of_cells(notebooks.cell_texts(cells), without=DRAWING)
    facts = _of_streets(study) if study.looks_at_scenes(chapter) else _of_images(study, chapter)
    return key_of(cells=notebooks.as_written(cells), code=code, title=study.title, **facts)


def of_models(study: Study) -> dict[str, str]:
    """By model, its recipe and the weights that it starts from."""
    return {
        name: key_of(
            spec=starting_spec(study, name).model_dump(mode="json"), weights=_weights(spec, study.weights_of(name))
        )
        for name, spec in study.models.items()
    }


def of_page(title: str, record: dict[str, Any], look: str) -> str:
    """What a page is made from: the executed chapter, by its record, and the `look`, what shows it."""
    return key_of(title=title, record=record, look=look)


def look() -> str:
    """The code that makes a page of an executed chapter, and what the chapters are called that it leads to."""
    return key_of(
        code=code_of(Place("runner.pages.render", "render_page")),
        titles={name: info.title for name, info in chapters().items()},
    )


def of_job(study: Study, models: Mapping[str, str], kind: str, *what: str) -> str:
    """All that a job before the chapters is made from; see `jobs`. `models`: what `of_models` gives."""
    starts = [Place("runner.training", kind)]
    if kind == "evaluation":
        named = chapter_called(what[0]).evaluates("patches" if study.patches else "streets")
        starts.append(Place(*named.split(":")))
    code = code_of(*starts, without=DRAWING)
    return key_of(code=code, what=what, **_facts_of_job(study, models, kind, *what))


def _facts_of_job(study: Study, models: Mapping[str, str], kind: str, *what: str) -> dict[str, Any]:
    on_streets = study.streets is not None
    match kind:
        case "data":
            return {"data": study.data_settings, "files": _image_files(study)}
        case "scenes":
            return {"streets": _of_streets(study, models=False)}
        case "weights":
            return {"drawing": code_of(DRAWING[1])} if what[0].startswith("sample") else {}
        case "training":
            data = {"data": study.data_settings, "files": _image_files(study)}
            return data | {"model": models[what[0]]}
        case "segmenter":
            spec = study.streets.models[what[0]].model_dump(mode="json")
            files = _files_named(spec) | _backbones(study)
            return {"streets": _of_streets(study, models=False), "model": spec, "files": files}
    chapter = what[0]
    return _of_streets(study) if on_streets else _of_images(study, chapter) | {"models": models}


def _of_images(study: Study, chapter: str) -> dict[str, Any]:
    left_out = {"models"} if chapter_called(chapter).looks_at_scenes else {"models", "segmentation"}
    return {
        "study": study.model_dump(mode="json", exclude=left_out),
        "kinds": study.kinds,
        "files": _image_files(study),
        "named": _files_named(study.patches.model_dump(mode="json")) if study.patches else None,
    }


def _of_streets(study: Study, models: bool = True) -> dict[str, Any]:
    spec = study.streets.model_dump(mode="json", exclude=set() if models else {"models"})
    roots = {} if study.draws_streets else study.street_roots
    return {
        "study": [study.name, study.seed, study.seeds if models else 1],
        "split": study.split.model_dump() if study.streets.is_own else None,
        "streets": spec,
        "named": _files_named(spec) | (_backbones(study) if models else {}),
        "files": {name: _contents(root) for name, root in roots.items()} or _drawing("streets"),
    }


def _backbones(study: Study) -> dict[str, str]:
    """What the files hold that networks start from where they are in place."""
    specs = [spec for name, spec in study.streets.models.items() if study.streets.training_set(name)]
    files = {path for path in map(backbone_file, specs) if path}
    return {path.name: _digest(path) for path in files}


def _image_files(study: Study) -> str:
    return _drawing(study.sample.drawing) if study.is_sample else _contents(study.data_root)


@cache
def _drawing(name: str) -> str:
    from drawings import SAMPLES
    from drawings.write import code_of_drawing

    return code_of_drawing(SAMPLES[name])


@cache
def _contents(folder: Path | None) -> str:
    from runner.contents import contents

    return contents(folder) if folder else "none"


_digest, _other_than_published = cache(digest), cache(other_than_published)


def _weights(spec: ModelSpec, chosen: str | None) -> Any:
    """The first weights, by what they hold where they are a file that somebody may replace."""
    if chosen is None:
        return None
    if chosen in PUBLISHED:
        return [chosen, _other_than_published(spec.architecture)]
    return code_of(DRAWING[1]) if chosen in WEIGHTS else _digest(Path(chosen))


def _files_named(values: Any) -> dict[str, str]:
    """What the files hold that settings name: weights, a backbone."""
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list):
        return {path: found for value in values for path, found in _files_named(value).items()}
    if isinstance(values, str) and "/" in values and Path(values).is_file():
        return {values: _digest(Path(values))}
    return {}
