"""What `--list` prints. Studies may be read in full, or only as far as it goes before the set-up (`loose.py`)."""

from collections.abc import Iterable

from helpers.base.paths import display_path
from helpers.study.data import StudyData


def listing(studies: Iterable[StudyData]) -> list[str]:
    """The studies: name, title, what the data is and whether it is in place."""
    lines = []
    for study in studies:
        lines += [
            f"{study.name}: {study.title}",
            *(_image_lines(study) if study.data else []),
            *_street_lines(study),
            f"    runs on   {data_in_words(study)}",
        ]
    return lines


def _image_lines(study: StudyData) -> list[str]:
    info, folder = study.info, study.data_root
    place = f"in place: {display_path(folder)}" if folder else f"not in place. {info.how_to_get}"
    return [
        f"    data      {info.title}, {info.home}",
        f"    licence   {info.licence}",
        f"    real data {place}",
    ]


def data_in_words(study: StudyData) -> str:
    """What a study runs on, in words."""
    images = "drawn sample" if study.is_sample else "real data"
    if study.streets and study.streets.is_own:
        scenes = "your own images and masks"
        return f"{images}; {scenes}" if study.data else scenes
    if study.streets and not study.data:
        return "drawn sample" if study.draws_streets else "real data"
    if study.streets is None or study.draws_streets == study.is_sample:
        return images
    return f"{images}; street scenes: {'drawn' if study.draws_streets else 'real'}"


def _street_lines(study: StudyData) -> list[str]:
    """The sets of street scenes of a study, and whether they are in place."""
    if study.streets is None:
        return []
    from helpers.datasets.streets.known import SETS

    return [
        f"    streets   {SETS[name].info.title}, {SETS[name].info.home}, "
        + (f"in place: {display_path(root)}" if root else f"not in place. {SETS[name].info.how_to_get}")
        for name, root in study.street_roots.items()
        if name in SETS
    ]
