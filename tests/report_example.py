"""A small report with every kind of displayed item, hostile names and a chapter that failed."""

from pathlib import Path

import cv2
import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.base.paths import write_atomic, write_json
from helpers.show import display
from helpers.show.picture import Picture
from helpers.show.results import write_results
from helpers.show.style import class_colour, class_marker, new_figure, quiet_grid
from runner.pages.index import build_index
from runner.pages.page import Page, links_from_status
from runner.pages.render import render_chapter
from runner.pages.results import read_status

CLASSES = ("amur tiger", "brown bear", '<script>alert("x")</script>', "Rehbock’s “Ä” & 鹿", "wild 'boar'")
STUDY = "wild 'life' & more"
FACTS = {"Device": "CPU, 2 cores", "Precision": "float32", "Commit": "0123abc", "Made": "2025-03-01 14:05 UTC"}
COUNT = 60


def random_images(count: int = COUNT, size: int = 32) -> np.ndarray:
    """Blobs on coloured grounds: (count, size, size, 3) uint8."""
    rng = np.random.default_rng(0)
    images = np.empty((count, size, size, 3), np.uint8)
    for image in images:
        image[:] = rng.integers(60, 220, 3)
        centre = tuple(int(v) for v in rng.integers(size // 4, 3 * size // 4, 2))
        cv2.ellipse(image, centre, (size // 4, size // 6), 0, 0, 360, tuple(map(int, rng.integers(0, 256, 3))), -1)
    return cv2.GaussianBlur(images.reshape(-1, size, 3), (3, 3), 0).reshape(images.shape)


def curves() -> Picture:
    """Training and validation loss, as a chapter would draw them."""
    figure = new_figure()
    axes = figure.add_subplot()
    epochs = np.arange(1, 11)
    for number, (part, values) in enumerate({"training": 2 / epochs, "validation": 0.3 + 1.8 / epochs}.items()):
        axes.plot(epochs, values, color=class_colour(number), marker=class_marker(number), label=part)
    axes.set(xlabel="epoch", ylabel="cross-entropy", title="Loss")
    axes.legend()
    quiet_grid(axes)
    return Picture(figure, "Loss by epoch: both curves fall, validation stays 0.3 above.", "Loss by epoch.")


def items() -> list:
    """One of every kind that `show` accepts."""
    images = random_images()
    photo = display.Photo(images[0], f"an image of {CLASSES[2]}", "image")
    facts = {"truth": CLASSES[2], "prediction": CLASSES[3], "confidence": 0.9312, "file": 'a/"b" <i>.jpg'}
    card = display.Card(
        [photo, display.Photo(images[1], "map", "activation")], CLASSES[2], facts, "Dark & blurred."
    )
    rows = [{"class": name, "images": 240 * (n + 1), "F1": 0.8 + n / 50} for n, name in enumerate(CLASSES)]
    wide = [{"model": f"model {n}", **{f"measure {k}": k / 7 for k in range(14)}} for n in range(3)]
    sheet = np.concatenate([np.concatenate(list(images[k : k + 10]), 1) for k in range(0, 40, 10)])
    points = np.random.default_rng(1).normal(size=(COUNT, 3))
    labels = np.arange(COUNT) % len(CLASSES)
    names = [f"{CLASSES[label]}/{n}.jpg" for n, label in enumerate(labels)]
    return [
        display.Banner("Sample data: drawn images."),
        curves(),
        Picture(sheet, "Forty drawn blobs.", "Forty blobs, as the network sees them.", photo=True),
        display.Table(rows, "Classes", {"F1": ".2f"}, highlight={"F1": "max"}),
        display.Table(wide, "A table wider than a phone"),
        display.Table([{"file": names[2], "image": photo}], "Pictures in a table"),
        "Validation loss is lowest after epoch 4 and 31 % higher at the end: the model overfits from there.",
        display.Note("Intervals come from a bootstrap over images."),
        display.Gallery([card, card, card], "Three mistakes."),
        display.Gallery([(images[n], f"example {n}", [CLASSES[n], f"file {n}.jpg"]) for n in range(5)]),
        display.Scatter3D(points, labels, labels[::-1], CLASSES, names, images, "Embedding", "Turn it."),
    ]


PROSE = r"""# A CNN from scratch

How far does a small network get that has never seen an image before? We train it with **cross-entropy**,
the mean over images of

$$\ell(z, y) = -\log \frac{\exp z_y}{\sum_{c=1}^{C} \exp z_c},$$

where $z \in \mathbb{R}^C$ are the outputs and $y$ the label (see [the course](https://example.org/source)).

## The network

Three blocks of convolution and pooling, then one linear layer. A block is `Conv2d`, `ReLU`, `MaxPool2d`.

| block | channels | output |
|---|--:|---|
| 1 | 32 | 16 × 16 |
| 2 | 64 | 8 × 8 |

> A network that learns the training images by heart has learned nothing about the next one.
"""

EXERCISES = """## Exercises

1. Train with half of the images. Which class loses most?
2. Replace Adam by SGD with momentum 0.9: how long until the losses meet?
"""


def good_notebook() -> nbformat.NotebookNode:
    """A chapter in which everything ran."""
    parameters = new_code_cell('study = "wildlife"  # any file in studies/', metadata={"tags": ["parameters"]})
    source = "from helpers.show.display import show\n\nshow(*items)  # every kind of item"
    shown = new_code_cell(source, execution_count=2, outputs=[_shown(item) for item in items()])
    printed = new_output("stream", name="stdout", text="epoch  1/10\repoch 10/10  loss 0.34\n")
    message = new_output("stream", name="stderr", text="\x1b[31ma warning\x1b[0m\n")
    last = new_code_cell("print('done')", execution_count=3, outputs=[printed, message])
    parameters.execution_count = 1
    cells = [new_markdown_cell(PROSE), parameters, new_markdown_cell("## Results\n\n### Curves"), shown]
    return new_notebook(cells=[*cells, last, new_markdown_cell(EXERCISES)])


def short_notebook() -> nbformat.NotebookNode:
    """A chapter with one picture."""
    shown = new_code_cell("show(curves())", execution_count=1, outputs=[_shown(curves())])
    return new_notebook(cells=[new_markdown_cell("# The data\n\n## What is there?"), shown])


def failed_notebook(
    name: str = "CourseError", message: str = "No <images> in data/x: put some there."
) -> nbformat.NotebookNode:
    """A chapter whose second cell failed, so that the third never ran."""
    error = new_output(
        "error", ename=name, evalue=message, traceback=["\x1b[31mTraceback\x1b[0m", f"{name}: {message}"]
    )
    mark = new_markdown_cell("papermill says", metadata={"tags": ["papermill-error-cell-tag"]})
    cells = [
        new_markdown_cell("# Fine-tuning\n\nWhat does pretraining bring?"),
        new_code_cell("1 + 1", execution_count=1, outputs=[_shown("It ran this far.")]),
        mark,
        new_code_cell("load()", execution_count=2, outputs=[error]),
        new_markdown_cell("## Afterwards"),
        new_code_cell("after()"),
    ]
    return new_notebook(cells=cells)


NOTEBOOKS = {"01_data": short_notebook, "02_cnn_from_scratch": good_notebook, "03_fine_tuning": failed_notebook}


def build_report(folder: Path) -> Path:
    """Write a report of two studies, one with a failed and a skipped chapter; returns `folder`."""
    _write_study(
        folder,
        STUDY,
        {
            "01_data": "ok",
            "02_cnn_from_scratch": "ok",
            "03_fine_tuning": "failed",
            "05_feature_distances": "skipped",
        },
    )
    _write_study(folder, "scenes", {"01_data": "ok"}, sample=False)
    build_index(folder)
    return folder


def _write_study(folder: Path, study: str, chapters: dict[str, str], sample: bool = True) -> None:
    found = {name: {"status": status, "seconds": 61.5, "error": None} for name, status in chapters.items()}
    for chapter in found.values():
        if chapter["status"] == "failed":
            chapter["error"] = "No <images> in data/x: put some there."
    versions = {"Python": "3.11.7", "torch": "2.11.0"}
    about = {"device": "CPU, 2 cores", "precision": "float32", "fingerprint": "9f2c51d0", "commit": "0123abc"}
    status = {
        "title": f"{study} <b>",
        "drawn": list(found) if sample else [],
        "chapters": found,
        "started": "2025-03-01T14:05:09Z",
    }
    write_json(
        folder / study / "status.json", {**status, **about, "spent": {"trainings": 187.0}, "versions": versions}
    )
    image = cv2.imencode(".webp", np.concatenate(list(random_images(8, 64)), 1))[1].tobytes()
    write_atomic(folder / study / "cover.webp", image)
    _write_pages(folder, study, chapters, sample)


def _write_pages(folder: Path, study: str, chapters: dict[str, str], sample: bool) -> None:
    links = links_from_status(read_status(folder, study))
    for link in links:
        if link.address is None:
            continue
        notebook = folder.parent / f"{link.name}.ipynb"
        nbformat.write(NOTEBOOKS[link.name](), notebook)
        page = Page(study, f"{study} <b>", link.name, link.title, links, sample, None, FACTS)
        render_chapter(notebook, folder / study / link.file, page)
        headline = [
            {"model": "CNN", "metric": m, "value": 0.812, "low": 0.79, "high": 0.834}
            for m in ("accuracy", "macro F1")
        ]
        write_results(folder, study, link.name, {"headline": headline}, {"seconds": 3.2})


def _shown(item: object) -> nbformat.NotebookNode:
    data = {"text/html": display.to_html(item), "text/plain": item if isinstance(item, str) else item.text()}
    return new_output("display_data", data=data)
