"""What can be answered before anything is installed: help, the list of studies, and mistakes that are sure ones.

run_all.sh runs this with the system's Python where there is no environment yet. Where there is one the full
program answers, and begins with the same `refuse`: a mistake is told in the same words before and after it.
"""

import os
import signal
import sys
from argparse import Namespace
from pathlib import Path

from helpers.base.errors import CourseError, StudyError, unknown_key
from helpers.base.paths import display_path
from helpers.datasets.catalogue import known_set
from helpers.datasets.sources import hub_name, is_archive
from helpers.study.chapters import ChapterInfo, chapters
from helpers.study.place import DEFAULT, is_study_file, locate, study_files
from runner.graph import choose_chapters
from runner.keys import keys_of
from runner.listing import listing
from runner.loose import LooseFile, LooseStudy, data_folder, read_loosely
from runner.options import overrides, parse_options
from runner.yaml_reader import NotUnderstood

GO_ON = 10  # exit status: nothing to say, the full program is needed


def main(arguments: list[str]) -> int:
    """Exit status: 0 answered, 2 the command or a study cannot be used, 10 the full program is needed."""
    options = parse_options(arguments)
    if options.data:
        os.environ["IMAGE_COURSE_DATA"] = str(options.data)
    try:
        refuse(options)
        if options.list:
            print("\n".join(listing(LooseStudy(read_loosely(path)) for path in study_files())))
            return 0
    except CourseError as error:
        print(f"run_all.sh: {error}", file=sys.stderr)
        return 2
    except NotUnderstood:
        pass
    return GO_ON


def refuse(options: Namespace) -> None:
    """Raises CourseError for what can only be refused: in the options, studies and chapters asked for."""
    try:
        _check(options)
    except CourseError:
        raise
    except Exception:  # a fault of this look ahead must not keep the full program from its own
        return


def _check(options: Namespace) -> None:
    if options.list:
        for path in study_files():
            _read(path)
        return
    changes = overrides(options)
    asked = study_files() if "all" in options.studies else list(map(locate, options.studies or [DEFAULT]))
    for path in asked:
        # What --set replaces may be what is wrong, which the full program finds out.
        file = _read(path) if is_study_file(path) and not options.set else None
        _check_changes(path, changes)
        if not options.download:
            _check_chapters(path, file, options)


def _read(path: Path) -> LooseFile | None:
    """The study file without a sure mistake, or None for one that only the full program can read."""
    try:
        return read_loosely(path)
    except NotUnderstood:
        return None


def _check_changes(path: Path, changes: dict[str, str]) -> None:
    allowed = sorted({*keys_of("Study"), *keys_of("ModelSpec")})
    for key in changes:
        if "." not in key and key not in allowed:
            raise StudyError(f"{display_path(path)}: {key:.80}: {unknown_key(key, allowed)}")


def _check_chapters(path: Path, file: LooseFile | None, options: Namespace) -> None:
    """The chapters asked for are there, and so is the folder of images if one of them needs it."""
    known = chapters()
    of_study = list(known) if file is None else [name for name, one in known.items() if _may_have(file, one)]
    if path.is_dir():
        on_scenes = _is_of_masks(path, options)
        of_study = [name for name, one in known.items() if one.looks_at_scenes == on_scenes]
        of_study = [name for name in of_study if known[name].needs != "abroad"]  # with one set
    chosen = choose_chapters(options.only, of_study)
    if file and not options.sample and not all(known[name].looks_at_scenes for name in chosen):
        _check_data(file)


def _may_have(file: LooseFile, chapter: ChapterInfo) -> bool:
    """False where it is sure that a study has nothing to segment, or only that."""
    has_scenes = file.mentions("segmentation")
    return has_scenes if chapter.looks_at_scenes else file.mentions("data") or not has_scenes


def _is_of_masks(folder: Path, options: Namespace) -> bool:
    from helpers.datasets.masks.own import looks_like_masks

    return not {"layout", "labels"} & set(overrides(options)) and looks_like_masks(folder)


def _check_data(file: LooseFile) -> None:
    line, place = data_folder(file) or (None, "")
    if not place or os.path.isdir(place) or (is_archive(Path(place)) and os.path.isfile(place)):
        return
    try:
        known = known_set(place) or hub_name(place)
    except CourseError as error:
        raise file.refusal(line, f"data: {error}") from None
    if known is None:
        raise file.refusal(line, f"data: the folder {display_path(place)} is not there: put the images into it")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `run_all.sh --list | head` ends here, and sets up nothing
    sys.exit(main(sys.argv[1:]))
