"""The class table: what publishers say of their classes, asserted by name."""

import numpy as np
import pytest

from helpers.datasets.streets import numbers, tables
from helpers.datasets.streets.tables import collapse, level_classes, shared_classes
from helpers.datasets.streets.types import IGNORE
from helpers.datasets.types import DataError

FINE = (
    "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation",
    "terrain", "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
)  # fmt: skip
MEDIUM = (
    "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist",
)  # fmt: skip
COARSE = (
    "drivable", "non-drivable", "living things", "vehicles", "roadside objects", "far objects", "sky",
)  # fmt: skip


REST = "," * 12  # empty cells of a line


def row(set_name: str, name: str) -> tables.Row:
    return next(row for row in tables.rows_of(set_name) if row.name == name)


def names_by_number(set_name: str, kind: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in tables.rows_of(set_name):
        for number in one.numbers[kind]:
            found.setdefault(number, []).append(one.name)
    return {number: names for number, names in found.items() if number != numbers.VOID}


def test_levels_are_the_publishers_lists_in_their_order():
    assert level_classes("fine") == FINE
    assert level_classes("medium") == MEDIUM
    assert level_classes("coarse") == COARSE


@pytest.mark.parametrize(
    ("sets", "classes"),
    [
        (("cityscapes", "idd"), FINE),
        (("cityscapes", "camvid"), MEDIUM),
        (("idd", "camvid"), MEDIUM),
        (("cityscapes", "idd_lite"), COARSE),
        (("camvid", "idd_lite"), COARSE),
        (("camvid",), MEDIUM),
        (("cityscapes", "idd", "camvid", "idd_lite"), COARSE),
    ],
)
def test_sets_meet_in_the_finest_list_that_all_can_express(sets, classes):
    assert shared_classes(*sets) == classes


def test_every_set_has_its_published_number_of_classes():
    counts = {name: len(tables.rows_of(name)) for name in ("cityscapes", "idd", "idd_lite", "camvid")}
    assert counts == {"cityscapes": 34, "idd": 40, "idd_lite": 8, "camvid": 12}


def test_the_34_ids_of_cityscapes_become_its_19_classes():
    code = numbers.code("cityscapes", "labelIds", "fine")
    scored = {7: 0, 8: 1, 11: 2, 12: 3, 13: 4, 17: 5, 19: 6, 20: 7, 21: 8, 22: 9, 23: 10, 24: 11, 25: 12, 26: 13,
              27: 14, 28: 15, 31: 16, 32: 17, 33: 18}  # fmt: skip
    rows = tables.rows_of("cityscapes")
    for number in range(34):
        shared = rows[code.numbers[number]].shared["fine"]
        assert shared == (FINE[scored[number]] if number in scored else "ignore"), number


def test_idd_counts_in_cityscapes_classes_by_name():
    expected = dict.fromkeys((r.name for r in tables.rows_of("idd")), "ignore")
    expected |= {name: name for name in FINE if name != "terrain"} | {"non-drivable fallback": "terrain"}
    assert {r.name: r.shared["fine"] for r in tables.rows_of("idd")} == expected


@pytest.mark.parametrize(
    ("kind", "sign", "light"),
    [("labellevel3Ids", 18, 19), ("labelcsTrainIds", 7, 6), ("labelcsIds", 20, 19), ("labelIds", 24, 25)],
)
def test_traffic_sign_and_light_are_swapped_between_idds_two_systems(kind, sign, light):
    by_number = names_by_number("idd", kind)
    assert by_number[sign] == ["traffic sign"]
    assert by_number[light] == ["traffic light"]


def test_four_vehicles_share_a_level_3_number():
    by_number = names_by_number("idd", "labellevel3Ids")
    assert by_number[12] == ["caravan", "trailer", "train", "vehicle fallback"]
    assert by_number[4] == ["person", "animal"]
    assert by_number[3] == ["rail track", "non-drivable fallback"]


@pytest.mark.parametrize("kind", ["labellevel4Ids", "labellevel3Ids", "labellevel2Ids", "labellevel1Ids"])
@pytest.mark.parametrize("level", ["fine", "medium"])
def test_level_numbers_cannot_be_turned_back_into_cityscapes_classes(kind, level):
    with pytest.raises(
        DataError, match=f"{kind} of idd cannot be scored in the {level} classes: number .* stands"
    ):
        numbers.code("idd", kind, level)


@pytest.mark.parametrize("kind", ["labellevel4Ids", "labellevel3Ids", "labellevel2Ids", "labellevel1Ids"])
def test_level_numbers_are_enough_for_the_coarse_classes(kind):
    code = numbers.code("idd", kind, "coarse")
    rows = tables.rows_of("idd")
    for number, names in names_by_number("idd", kind).items():
        assert {rows[code.numbers[number]].shared["coarse"]} == {
            row("idd", name).shared["coarse"] for name in names
        }


def test_level_1_numbers_of_idd_are_the_classes_of_idd_lite():
    by_number = names_by_number("idd", "labellevel1Ids")
    assert sorted(by_number) == list(range(7))
    for number, names in by_number.items():
        assert {row("idd", name).shared["coarse"] for name in names} == {COARSE[number]}


def test_cs_id_355_is_a_typing_error_for_255():
    code = numbers.code("idd", "labelcsIds", "fine")
    assert tables.rows_of("idd")[code.numbers[355]].name == "vehicle fallback"
    assert code.numbers[255] == IGNORE


def test_animal_is_ignored_in_fine_scores_and_lives_in_coarse_ones():
    assert row("idd", "animal").shared["fine"] == "ignore"
    assert row("idd", "animal").shared["coarse"] == "living things"


def test_debatable_rows_are_marked_where_they_matter():
    fallback = row("idd", "non-drivable fallback")
    assert fallback.native("fine", FINE).debatable
    assert not fallback.native("coarse", COARSE).debatable
    assert row("camvid", "bicyclist").native("coarse", COARSE).debatable


def test_only_one_idd_class_is_debatable_against_cityscapes():
    debatable = [r.name for r in tables.rows_of("idd") if r.native("fine", FINE).debatable]
    assert debatable == ["non-drivable fallback"]


def test_collapse_finds_the_coarse_class_of_every_cityscapes_class():
    places = dict(zip(FINE, collapse(FINE, COARSE), strict=True))
    named = {name: COARSE[place] for name, place in places.items()}
    assert named["road"] == "drivable"
    assert named["rider"] == "living things"
    assert named["bicycle"] == "vehicles"
    assert named["terrain"] == "non-drivable"
    assert named["vegetation"] == "far objects"
    assert named["wall"] == "roadside objects"


def test_collapse_of_a_list_onto_itself_changes_nothing():
    for classes in (FINE, MEDIUM, COARSE):
        assert collapse(classes, classes).tolist() == list(range(len(classes)))


def test_collapse_ignores_what_has_no_place():
    assert collapse(("vehicles", "sky", "spaceship"), FINE).tolist() == [IGNORE, 10, IGNORE]
    assert collapse(("autorickshaw",), COARSE).tolist() == [3]


def test_colours_are_the_published_ones():
    assert tables.colours(FINE)[:2].tolist() == [[128, 64, 128], [244, 35, 232]]
    assert tables.colours(MEDIUM)[10].tolist() == [0, 128, 192]
    assert tables.colours(COARSE)[6].tolist() == [70, 130, 180]
    assert tables.colours(FINE).dtype == np.uint8


@pytest.mark.parametrize("classes", [FINE, MEDIUM, COARSE])
def test_no_two_shared_classes_look_alike(classes):
    assert len(np.unique(tables.colours(classes), axis=0)) == len(classes)


def test_every_class_has_numbers_and_a_colour():
    for one in tables.read_table():
        assert one.colours and any(one.numbers.values()), one.name


def test_unknown_set_and_classes_of_no_level_are_errors():
    with pytest.raises(DataError, match="no rows for 'kitti'; it has cityscapes, idd"):
        shared_classes("kitti")
    with pytest.raises(DataError, match="no level of the class table has all of road, vehicles"):
        tables.level_of(("road", "vehicles"))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (f"a,car,lorry,car,vehicles{REST}", "'lorry' of a is none of the fine classes"),
        (f"a,car,car,car,vehicles,often{REST[1:]}", "debatable takes fine, medium, coarse"),
        (f"a,car,car,car,vehicles{REST}\na,car,car,car,vehicles{REST}", "names 'car' of a twice"),
        ("a,car", "lacks a column or a cell"),
    ],
)
def test_a_wrong_table_is_an_error(tmp_path, cells, message):
    path = tmp_path / "table.csv"
    path.write_text(tables.CLASSES_CSV.read_text() + cells + "\n")
    with pytest.raises(DataError, match=message):
        tables.read_table(path)
