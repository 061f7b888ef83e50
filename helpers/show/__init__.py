"""What a notebook shows: pictures, tables, sentences, cards and galleries, with their style and words."""

import sys
from types import ModuleType


class _Room(ModuleType):
    """Python puts this folder in the place of `helpers.show`, whose function it is asked for as well."""

    def __call__(self, *items) -> None:
        from helpers.show.display import show

        show(*items)


sys.modules[__name__].__class__ = _Room
