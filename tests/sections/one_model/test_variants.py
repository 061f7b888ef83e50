"""Variants of a network: means over epochs and seeds, differences from recipes, a file to be read back."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from made_up_runs import MadeUpRun, outputs_of
from sklearn.metrics import precision_score

from helpers.study.recipe import ModelSpec
from helpers.study.study import Study
from sections.one_model.variants import file, tables
from sections.one_model.variants import measured as variants
from sections.one_model.variants import sentences as about
from sections.one_model.variants.pictures import variant_dots

CLASSES = ("vehicle", "animal")
VAL_ACCURACY = {"cnn": [0.5, 0.7, 0.9], "wide": [0.8, 0.85, 0.81], "same": [0.5, 0.7, 0.6]}


def trained(name: str, right: float, seed: int = 0, images: int = 200, **spec) -> MadeUpRun:
    """Three epochs, the second kept; the first share `right` of the test images is right, whatever the variant."""
    labels = (np.arange(images) % 5 < 3).astype(int)
    answers = np.where(np.arange(images) < right * images, labels, 1 - labels)
    outputs = outputs_of(np.zeros((images, 2)), 2.0 * np.eye(2)[answers], labels)
    run = MadeUpRun(name, name.title(), CLASSES, {"test": outputs})
    run.spec, run.best_epoch, run.seed = ModelSpec(title=name.title(), **spec), 2, seed
    val = np.array(VAL_ACCURACY[name]) + 0.01 * seed
    run.history = {"epoch": np.arange(1.0, 4)} | {
        f"{part}_{measure}": 1 - val if measure == "loss" else val
        for part in ("train_eval", "val")
        for measure in ("accuracy", "loss", "macro_precision")
    }
    return run


def three(seeds: int = 1) -> dict[str, list[MadeUpRun]]:
    recipes = {
        "cnn": (0.8, {"dropout": 0.3}),
        "wide": (0.95, {"dropout": 0.3, "hidden": [512, 256]}),
        "same": (0.8, {"dropout": 0.1, "augment": {"flip": 0.5}}),
    }
    return {
        name: [trained(name, right + 0.01 * seed, seed, **spec) for seed in range(seeds)]
        for name, (right, spec) in recipes.items()
    }


@pytest.fixture(scope="module")
def found():
    return variants.compare_variants(three())


def test_mean_and_deviation_over_epochs(found):
    spread = found.models["cnn"].over_epochs["val_accuracy"]
    assert (spread.mean, spread.n) == (pytest.approx(0.7), 3)
    assert spread.std == pytest.approx(np.std([0.5, 0.7, 0.9], ddof=1))
    assert found.models["cnn"].kept["train_loss"].mean == pytest.approx(0.3)  # the second epoch


def test_test_scores_are_of_the_test_images(found):
    outputs = three()["wide"][0].outputs("test")
    tested = found.models["wide"].test
    assert tested["accuracy"].value == pytest.approx(0.95)
    assert tested["precision"].value == pytest.approx(precision_score(outputs.labels, outputs.predictions))
    loss = -np.log(outputs.probabilities[np.arange(200), outputs.labels]).mean()
    assert tested["loss"].value == pytest.approx(loss, rel=1e-5)
    assert tested["loss"].low < loss < tested["loss"].high


def test_differences_come_from_the_recipes(found):
    assert found.models["cnn"].differences == []
    assert about.differences_text(found.models["wide"]) == "dense units 128 → 512, 256"
    assert about.differences_text(found.models["same"]) == "dropout 0.3 → 0.1; augmentation none → flip 0.5"


def test_effects_are_told_with_their_chance(found):
    surely, several = about.effects(found)
    assert "explains: Wide (15.0 percentage points more). What the others change could be chance." in surely
    alone = replace(found, models={name: found.models[name] for name in ("cnn", "same")})
    assert about.effects(alone)[0].startswith("No variant's test accuracy differs from that of Cnn")
    assert several.startswith("Same differs from Cnn in more than one setting")


def test_rankings_disagree_where_they_do(found):
    (told,) = about.means_over_epochs(found)
    assert told.startswith("The validation accuracy of Cnn is 70.0 % ± 20.0") and "but 70.0 %" in told
    assert told.endswith("Wide comes first by the mean over epochs, the kept weights and the test alike.")
    swapped = three()
    swapped["cnn"][0].history["val_accuracy"] = np.array([0.1, 0.99, 0.2])
    (told,) = about.means_over_epochs(variants.compare_variants(swapped))
    assert "By the mean over epochs Wide comes first, with the kept weights Cnn, on the test images Wide." in told


def test_seeds_are_set_against_differences():
    seeds = variants.compare_variants(three(seeds=3))
    spread = seeds.models["cnn"].test_over_seeds["accuracy"]
    assert vars(spread) == pytest.approx({"mean": 0.81, "std": 0.01, "n": 3})
    told = about.setting_or_seed(seeds)
    assert "lie 15.0 percentage points apart, more than twice" in told
    assert "Accuracy, 3 seeds" in tables.tested_table(seeds).columns()
    assert "0.710 ± 0.010" in tables.spread_tables(seeds)[1].text()


def test_the_file_holds_every_number(found, tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_REPORTS", str(tmp_path))
    monkeypatch.setenv("IMAGE_COURSE_HEADLESS", "1")
    link = tables.variants_file(found, "toys")
    with (tmp_path / "toys" / "cnn_variants.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["cnn", "wide", "same"]
    assert float(rows[0]["over_epochs_val_accuracy_mean"]) == pytest.approx(0.7)
    assert rows[0]["kept_val_accuracy_std"] == ""  # one seed has no spread
    assert float(rows[1]["test_accuracy_value"]) == pytest.approx(0.95)
    assert rows[1]["differences"] == "hidden: 128 -> [512, 256]"
    assert 'href="cnn_variants.csv"' in link.html()
    monkeypatch.delenv("IMAGE_COURSE_HEADLESS")
    assert "href" not in link.html() and "toys/cnn_variants.csv" in link.html()


def test_the_same_numbers_give_the_same_file(found, tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_REPORTS", str(tmp_path))
    first = tables.variants_file(found, "toys").path.read_bytes()
    again = tables.variants_file(variants.compare_variants(three()), "toys").path.read_bytes()
    assert first == again and b"nan" not in first


def test_csv_writes_what_a_row_lacks_as_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_REPORTS", str(tmp_path))
    path = file.write_csv("toys", "some", [{"a": 1, "b": "x, y"}, {"a": math.nan, "c": 0.5}], "Here:").path
    assert path.read_text(encoding="utf-8") == 'a,b,c\n1,"x, y",\n,,0.5\n'


def test_tables_and_picture_hold_every_variant(found):
    tested = [tables.differences_table(found), *tables.spread_tables(found), tables.tested_table(found)]
    for table in tested:
        assert [row["Model"] for row in table.rows()] == ["Cnn", "Wide", "Same"]
        assert " ± 0." not in table.html()  # a number and its deviation stay on one line
    picture = variant_dots(found)
    assert "Wide 85.0/85.0/95.0" in picture.alt and picture.pixels(60).ndim == 3
    assert "Precision: of animal" in tested[1].caption


def test_the_chapters_network_comes_first():
    study = Study.load("vehicles_animals", {"chapters.from_scratch": "cnn_l2"})
    names = study.variants
    assert names[0] == "cnn_l2"
    assert {study.models[name].architecture for name in names} == {"cnn"}


def test_results_are_plain(found):
    import json

    kept = variants.variant_results(found)
    assert json.loads(json.dumps(kept))["wide"]["test"]["accuracy"]["value"] == pytest.approx(0.95)
