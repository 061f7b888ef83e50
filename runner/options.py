"""The options of `run_all.sh`."""

import argparse
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT

EPILOG = """\
examples:
  ./run_all.sh                                the default study, on drawn data if its own is not in place
  ./run_all.sh path/to/my-images              a folder that holds one folder of images per class
  ./run_all.sh --lab scenes                   the chapters of a study in JupyterLab
  ./run_all.sh --only 02,03 --set epochs=2    two chapters, trained for two epochs
  ./run_all.sh --download NAME                fetch real data first; the next run uses it
  ./run_all.sh all --jobs 2 -- --dry-run      everything after -- goes to Snakemake
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"run_all.sh: {message} (see ./run_all.sh --help)\n")


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; `.snakemake` holds what follows `--`."""
    arguments = list(arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = _parser().parse_args(arguments[:end])
    options.snakemake = arguments[end + 1 :]
    return options


def overrides(options: argparse.Namespace) -> dict[str, str]:
    """What `--set`, `--seeds` and `--sample` say, as keys of the study.

    Raises CourseError for a setting without `=`.
    """
    found = {}
    for setting in options.set:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise CourseError(f"--set {setting}: write it as KEY=VALUE, such as --set epochs=2")
        found[key.strip()] = value
    if options.seeds is not None:
        found["seeds"] = str(options.seeds)
    if options.sample:
        found["source"] = "sample"
    return found


def _parser() -> Parser:
    parser = Parser(
        prog="./run_all.sh",
        usage="%(prog)s [options] [STUDY ...] [-- SNAKEMAKE OPTIONS]",
        description="Runs the chapters of a study and makes the report. What has not changed is not run again; "
        "after a kill the same command continues.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parser.add_argument(
        "studies",
        nargs="*",
        metavar="STUDY",
        help="a name (see --list), a study file, a folder of class folders or of images and masks, or 'all'; the "
        "default one if left out",
    )
    add = parser.add_argument
    version = f"{project['name']} {project['version']}"
    add("--version", action="version", version=version, help="show the version of the course, and stop")
    add("--list", action="store_true", help="list the studies and whether their real data is in place")
    add("--sample", action="store_true", help="use drawn data even where real data is in place")
    add("--data", type=_folder, metavar="DIR", help="where data sets, samples and caches lie (default: data/)")
    add("--lab", action="store_true", help="open the chapters of the study in JupyterLab, as copies to be changed")
    add("--download", action="store_true", help="fetch the real data of the studies where it can be had, and stop")
    add("--only", metavar="CHAPTERS", help="these chapters only, such as 02,03")
    add("--jobs", type=_count, metavar="N", help="jobs at a time (usually 1, for several studies 2)")
    add("--shards", type=_count, metavar="N", help="let N jobs share the evaluations of each chapter from 07 on")
    add("--seeds", type=_count, metavar="N", help="train every model with N seeds")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a key of the study; may be repeated")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 up")
    return int(text)


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder '{text}'")
    return path.absolute()
