"""Small results that take long, kept on disk by what they depend on: made once, whoever asks."""

from collections.abc import Callable, Mapping

import numpy as np

from helpers.base.fingerprint import key_of
from helpers.base.intact import kept_arrays
from helpers.base.lock import locked
from helpers.base.paths import runs_dir, whole_file

Arrays = Mapping[str, np.ndarray]


def kept(what: str, make: Callable[[], Arrays], **facts: object) -> Arrays:
    """The arrays that `make` gives, from `runs/kept/` or made now and left there.

    what: the beginning of the file's name. facts: all that they depend on, code too (`fingerprint.code_of`).
    """
    path = runs_dir() / "kept" / f"{what}-{key_of(**facts)}.npz"
    with locked(path.with_suffix(".lock")):
        if (found := kept_arrays(path)) is None:
            found = dict(make())
            with whole_file(path) as file:
                np.savez(file, **found)
    return found
