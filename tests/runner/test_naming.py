"""One name, one study: whose report lies under which name."""

import pytest

from helpers.base.intact import seal
from helpers.base.paths import ROOT, STUDIES, reports_dir, write_json
from runner import naming


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGE_COURSE_REPORTS", str(tmp_path / "reports"))


def study(folder):
    folder.mkdir(parents=True)
    return str(folder), naming.origin_of(str(folder))


def report_of(name, origin):
    write_json(reports_dir() / name / "status.json", seal({"origin": origin}))


def test_the_first_of_a_name_keeps_it_and_the_next_is_called_after_its_folder(tmp_path):
    source, origin = study(tmp_path / "work" / "birds")
    other, its = study(tmp_path / "home" / "birds")
    assert naming.name_for("birds", source, origin, {}) == ("birds", "")
    report_of("birds", origin)
    assert naming.name_for("birds", source, origin, {}) == ("birds", "")
    name, said = naming.name_for("birds", other, its, {})
    assert name == "home-birds" and "'birds' is taken" in said and "home/birds" in said
    report_of("home-birds", its)
    assert naming.name_for("birds", other, its, {})[0] == "home-birds"


def test_two_of_a_name_in_one_command(tmp_path):
    first, its = study(tmp_path / "a" / "birds")
    second, other = study(tmp_path / "b" / "birds")
    assert naming.name_for("birds", first, its, {})[0] == "birds"
    assert naming.name_for("birds", second, other, {"birds": its})[0] == "b-birds"


def test_where_every_longer_name_is_taken_a_number_follows(tmp_path):
    source, origin = study(tmp_path / "birds")
    candidates = naming._candidates("birds", tmp_path / "birds")
    taken = {next(candidates): "another" for _ in (tmp_path / "birds").parts[1:]}
    assert naming.name_for("birds", source, origin, taken)[0] == "birds-2"


@pytest.mark.parametrize("name", [*sorted(naming.NO_STUDIES), "svhn"])
def test_what_runs_and_the_course_itself_use_is_no_studys_name(name, tmp_path):
    source, origin = study(tmp_path / "mine" / name)
    assert naming.name_for(name, source, origin, {})[0] == f"mine-{name}"


def test_a_course_study_has_its_own_name():
    assert naming.name_for("svhn", "svhn", naming.origin_of("svhn"), {}) == ("svhn", "")


def test_names_stay_where_the_whole_project_is_moved(tmp_path, monkeypatch):
    origins = []
    for place in ("here", "there"):
        monkeypatch.setattr(naming, "ROOT", tmp_path / place)
        origins.append(study(tmp_path / place / "data" / "birds")[1])
    assert origins[0] == origins[1]
    assert study(tmp_path / "elsewhere" / "data" / "birds")[1] != origins[0]
    assert STUDIES.is_relative_to(ROOT)  # so that the course's own studies are among these
