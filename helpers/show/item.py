"""What a cell's last line shows of itself."""


class Item:
    """Has an HTML form for notebooks and pages and a text form for terminals; `show` is for several of them.

    Who inherits has `html()` and `text()`.
    """

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from helpers.show.display import mime_bundle

        return mime_bundle(self)

    def __repr__(self) -> str:
        return self.text()
