"""Does the running Python satisfy pyproject.toml? Run as a script, before `helpers` can be imported."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
STAND_INS = {"opencv-python": ("opencv-python-headless", "opencv-contrib-python")}


def unmet(project: dict, tests: bool = False) -> list[str]:
    """What the running Python lacks of `project`, the [project] table, as pyproject.toml writes it."""
    from packaging.requirements import Requirement

    texts = project["dependencies"] + (project["optional-dependencies"]["test"] if tests else [])
    wanted = [Requirement(text) for text in texts]
    return [str(item) for item in wanted if (not item.marker or item.marker.evaluate()) and not _is_met(item)]


def _is_met(requirement) -> bool:
    names = (requirement.name, *STAND_INS.get(requirement.name, ()))
    return any(
        requirement.specifier.contains(found, prereleases=True) for found in map(_installed, names) if found
    )


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main() -> int:
    """Print what is lacking, in words that fit into a sentence; 0 when nothing is."""
    if sys.version_info < (3, 11):  # noqa: UP036  this is what finds out
        print(f"its Python is {sys.version.split()[0]}, and 3.11 or newer is needed")
        return 1
    import tomllib

    try:
        missing = unmet(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"], "--tests" in sys.argv)
    except ModuleNotFoundError as error:  # `packaging` itself
        missing = [error.name or "packaging"]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        print(f"it lacks {', '.join(missing[:5])}{more}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
