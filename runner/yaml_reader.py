"""Study files read with the standard library alone, for what can be said before the packages are there.

It reads the YAML that people write: mappings and lists in blocks or brackets, quotes, comments, anchors, aliases
and merge keys, texts over several lines. What PyYAML is sure to refuse is refused here, with its line; what this
reader does not know (tags, directives, keys that are no text …) is NotUnderstood and left to the full program.
"""

import re
from bisect import bisect_right
from typing import NoReturn

from helpers.study.keys import NO_MAPPING

NO_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what PyYAML refuses
OTHER_BREAKS = ("\x85", "\u2028", "\u2029")
CLOSING = {"[": "]", "{": "}"}
NAME = re.compile(r"[\w-]+", re.ASCII)
KEY_END = re.compile(r":(?=[ \n]|$)| #|\n|$")
# In brackets a text also ends at these; '?' is YAML's business.
FLOW_END = re.compile(r"[,\[\]{}?\n\t]|:(?=[ \t\n,\[\]{}]|$)| #|$")
UNLIKE_TEXT = re.compile(r"[-+\d=<]|\.\d|\.inf$|\.nan$|(~|null|true|false|yes|no|on|off|y|n)$", re.IGNORECASE)


class NotUnderstood(Exception):
    """The text may be fine; this reader cannot tell."""


class Broken(Exception):
    """The text is no YAML, or not that of a study; `line` is None where that is true of all of it."""

    def __init__(self, line: int | None, reason: str):
        super().__init__(reason)
        self.line, self.reason = line, reason


class Scalar(str):
    """A text, number or word; `line` is where it begins."""

    line: int
    quoted = False
    exact = True  # False: with escapes, or over several lines, which are not worked out

    def is_text(self) -> bool:
        """Whether YAML is sure to take it for a text, and for this one."""
        return self.exact and (self.quoted or (self != "" and not UNLIKE_TEXT.match(self)))


class Mapping(dict):
    """Keys and values; `own` are the keys that are written here, the rest come through '<<'."""

    def __init__(self, line: int):
        super().__init__()
        self.line, self.own, self.merged = line, [], False


class Sequence(list):
    """The items of a list."""

    def __init__(self, line: int):
        super().__init__()
        self.line = line


Node = Scalar | Mapping | Sequence


def read(text: str) -> Mapping:
    """The keys and values of a file. Raises Broken or NotUnderstood."""
    try:
        return _Reader(text.removeprefix("\ufeff")).document()
    except RecursionError:
        raise NotUnderstood from None


class _Reader:
    def __init__(self, text: str):
        self.text, self.pos, self.anchors = text, 0, {}
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    # Where we are

    def line(self, pos: int | None = None) -> int:
        return bisect_right(self.starts, self.pos if pos is None else pos)

    def column(self) -> int:
        return self.pos - self.starts[self.line() - 1]

    def char(self, ahead: int = 0) -> str:
        return self.text[self.pos + ahead : self.pos + ahead + 1]

    def ends_here(self, ahead: int = 1) -> bool:
        """Whether a space, the line's end or the text's follows."""
        return self.char(ahead) in ("", " ", "\n")

    def skip(self) -> None:
        """To the next that is neither space, comment nor empty line."""
        while (char := self.char()) in (" ", "\n", "#", "\t") and char:
            if char == "#":
                self.pos = (self.text + "\n").index("\n", self.pos)
            elif char == "\t":
                self.refuse_tab()
            else:
                self.pos += 1

    def refuse_tab(self) -> NoReturn:
        start = self.starts[self.line() - 1]
        if not self.text[start : self.pos].strip(" "):
            raise Broken(self.line(), "is indented with a tab: use spaces")
        raise NotUnderstood

    def rest_is_empty(self) -> bool:
        """Goes over spaces; whether only a comment or nothing is left of the line."""
        while self.char() == " ":
            self.pos += 1
        return self.char() in ("", "\n", "#")

    # Blocks

    def document(self) -> Mapping:
        if found := NO_TEXT.search(self.text):
            raise Broken(self.line(found.start()), "holds characters that are no text")
        if any(mark in self.text for mark in OTHER_BREAKS):
            raise NotUnderstood
        self.skip()
        if self.text.startswith("---", self.pos) and self.ends_here(3):
            self.pos += 3
            self.skip()
        if not self.char():
            raise Broken(None, NO_MAPPING)
        top = self.block(-1)
        self.skip()
        if self.char():
            raise NotUnderstood
        if not isinstance(top, Mapping):
            raise Broken(None, NO_MAPPING)
        return top

    def block(self, parent: int) -> Node:
        """What begins here, further right than column `parent`."""
        if self.is_item():
            return self.sequence()
        return self.mapping() if self.is_key() else self.value(parent)

    def is_item(self) -> bool:
        return self.char() == "-" and self.ends_here()

    def is_key(self) -> bool:
        """Whether a key and its colon stand here, in one line."""
        here = self.pos
        if self.char() in ("'", '"'):
            self.quoted()
            key = self.line(here) == self.line() and not self.rest_is_empty() and self.char() == ":"
            key = key and self.ends_here()
        else:
            key = self.char() not in ("[", "{") and KEY_END.search(self.text, self.pos)[0] == ":"
        self.pos = here
        return bool(key)

    def key(self) -> Scalar:
        """The key that stands here, and its colon."""
        marks = "&*!?|>%@`" if self.column() else "&*!?|>%@`-."  # a document's end begins with one of the last two
        if not self.is_key() or self.char() in marks:
            raise NotUnderstood
        if self.char() in ("'", '"'):
            key = self.quoted()
            self.rest_is_empty()
        else:
            end = KEY_END.search(self.text, self.pos).start()
            key = self.scalar(self.pos, end)
            self.pos = end
        self.pos += 1
        if "\t" in key:
            raise NotUnderstood
        return key

    def mapping(self) -> Mapping:
        column, found = self.column(), Mapping(self.line())
        while True:
            key = self.key()
            self.add(found, key, self.after_sign(column, True))
            self.skip()
            if not self.char() or self.column() < column:
                return found
            if self.column() > column or self.is_item():
                raise NotUnderstood

    def add(self, found: Mapping, key: Scalar, value: Node) -> None:
        if key == "<<" and not key.quoted:
            if found.merged:
                raise NotUnderstood
            found.merged = True
            others = value if isinstance(value, Sequence) else [value]
            if not all(isinstance(other, Mapping) for other in others):
                raise NotUnderstood
            for name, inherited in (pair for other in others for pair in other.items()):
                found.setdefault(name, inherited)
            return
        found.pop(key, None)  # the key with its own line takes the place of one from '<<'
        found[key] = value
        found.own.append(key)

    def sequence(self) -> Sequence:
        column, found = self.column(), Sequence(self.line())
        while True:
            self.pos += 1
            found.append(self.after_sign(column, False))
            self.skip()
            if not self.char() or self.column() < column or not self.is_item():
                return found
            if self.column() > column:
                raise NotUnderstood

    def after_sign(self, column: int, after_key: bool) -> Node:
        """What follows a colon or a dash that belongs to `column`: in the same line, below it, or nothing."""
        if not self.rest_is_empty():
            return self.value(column, True) if after_key else self.block(column)
        empty = self.scalar(self.pos, self.pos)
        self.skip()
        if self.char() and (self.column() > column or (after_key and self.column() == column and self.is_item())):
            return self.block(column)
        return empty

    def value(self, parent: int, after_key: bool = False) -> Node:
        """A single value, an anchor with what it names, or brackets; its end must be the line's."""
        char, line = self.char(), self.line()
        if char == "&":
            self.pos += 1
            return self.anchored(lambda: self.after_anchor(parent, after_key))
        if char in ("|", ">"):
            return self.block_scalar(parent)
        if char not in ("*", "[", "{", "'", '"'):
            return self.plain(parent)
        found = self.flow_node(self.pos)
        if self.rest_is_empty():
            return found
        if char in ("'", '"'):
            raise Broken(self.line(), f"more follows a text in quotes that begins in line {line}: is one missing?")
        if self.char() in ("]", "}"):
            raise Broken(self.line(), f"there is a '{self.char()}' too many")
        raise NotUnderstood

    def after_anchor(self, parent: int, after_key: bool) -> Node:
        return self.after_sign(parent, after_key) if self.rest_is_empty() else self.value(parent)

    def anchored(self, node) -> Node:
        name = self.name()
        if not self.ends_here(0):
            raise NotUnderstood
        found = self.anchors[name] = node()
        return found

    def name(self) -> str:
        found = NAME.match(self.text, self.pos)
        if not found:
            raise NotUnderstood
        self.pos = found.end()
        return found[0]

    # Texts

    def scalar(self, start: int, end: int, quoted: bool = False, exact: bool = True) -> Scalar:
        text = self.text[start:end]
        found = Scalar(text if quoted else text.rstrip(" "))
        found.line, found.quoted, found.exact = self.line(start), quoted, exact
        return found

    def quoted(self) -> Scalar:
        """A text in quotes."""
        quote, start = self.char(), self.pos
        pattern = r"'(?:[^']|'')*'" if quote == "'" else r'"(?:[^"\\]|\\.)*"'
        found = re.compile(pattern, re.DOTALL).match(self.text, start)
        if not found:
            raise Broken(self.line(), f"the quote {quote} is not closed")
        self.pos = found.end()
        inner = found[0][1:-1]
        exact = "\n" not in inner and "\\" not in inner and "''" not in inner
        return self.scalar(start + 1, self.pos - 1, True, exact)

    def plain(self, parent: int) -> Scalar:
        """A text without quotes, over further lines that are indented more than `parent`."""
        if self.char() in "!%@`,]}" or (self.char() in "?:-" and self.ends_here()):
            raise NotUnderstood
        start, several = self.pos, False
        while True:
            end = KEY_END.search(self.text, self.pos)
            if end[0] == ":" or "\t" in self.text[self.pos : end.start()]:
                raise NotUnderstood
            self.pos = end.start()
            if end[0] != "\n" or not self.goes_on(parent):
                return self.scalar(start, end.start(), exact=not several)
            several = True

    def goes_on(self, parent: int) -> bool:
        """Whether the next line that is not empty belongs to the text before; goes there if so."""
        here = self.pos
        while self.char() in (" ", "\n") and self.char():
            self.pos += 1
        if self.char() == "\t":
            self.refuse_tab()
        if self.char() and self.char() != "#" and self.column() > parent:
            return True
        self.pos = here
        return False

    def block_scalar(self, parent: int) -> Scalar:
        """A text after | or >: every further line that is empty or indented more than `parent`."""
        start = self.pos
        while self.char() in "|>+-0123456789" and self.char():
            self.pos += 1
        if not self.rest_is_empty():
            raise NotUnderstood
        self.pos = (self.text + "\n").index("\n", self.pos)
        while self.pos < len(self.text):
            line = re.compile(r"\n( *)([^\n]?)").match(self.text, self.pos)
            if line[2] and len(line[1]) <= max(parent, 0) and not (parent < 0 and line[1]):
                break
            self.pos = (self.text + "\n").index("\n", self.pos + 1)
        return self.scalar(start, self.pos, True, exact=False)

    # Brackets

    def flow_node(self, opened: int) -> Node:
        """What begins here in brackets that were opened at `opened`."""
        char = self.char()
        if char in CLOSING:
            return self.flow()
        if char in ("'", '"'):
            return self.quoted()
        if char == "*":
            self.pos += 1
            name = self.name()
            if name not in self.anchors or self.char() not in ("", " ", "\n", ",", "]", "}"):
                raise NotUnderstood
            return self.anchors[name]
        if char == "&":
            self.pos += 1
            return self.anchored(lambda: self.next_flow_node(opened))
        return self.flow_plain()

    def next_flow_node(self, opened: int) -> Node:
        self.skip_in(opened)
        return self.flow_node(opened)

    def skip_in(self, opened: int) -> None:
        self.skip()
        if not self.char():
            raise Broken(self.line(opened), f"the bracket {self.text[opened]} is not closed")

    def flow(self) -> Node:
        """A list or mapping in brackets."""
        opened, closing = self.pos, CLOSING[self.char()]
        found = Sequence(self.line()) if closing == "]" else Mapping(self.line())
        self.pos += 1
        while True:
            self.skip_in(opened)
            if self.char() == closing:
                self.pos += 1
                return found
            if self.char() in ("]", "}"):
                raise Broken(
                    self.line(), f"'{self.char()}' cannot close the {self.text[opened]} of line {found.line}"
                )
            self.flow_item(found, opened)
            self.skip_in(opened)
            if self.char() == ",":
                self.pos += 1
            elif self.char() not in ("]", "}"):
                place = f"the bracket {self.text[opened]} of line {found.line}"
                raise Broken(self.line(), f"{place} is not closed before this line, or a comma is missing")

    def flow_item(self, found: Node, opened: int) -> None:
        item = self.flow_node(opened)
        self.skip_in(opened)
        if self.char() == ":":
            if not isinstance(item, Scalar):
                raise NotUnderstood
            self.pos += 1
            self.skip_in(opened)
            empty = self.char() in (",", "]", "}")
            value = self.scalar(self.pos, self.pos) if empty else self.flow_node(opened)
            holder = found if isinstance(found, Mapping) else Mapping(item.line)
            self.add(holder, item, value)
            item = holder
        elif isinstance(found, Mapping):
            if not isinstance(item, Scalar):
                raise NotUnderstood
            self.add(found, item, self.scalar(self.pos, self.pos))
        if isinstance(found, Sequence):
            found.append(item)

    def flow_plain(self) -> Scalar:
        if self.char() in "!%@`,|>:?" or (self.char() == "-" and self.char(1) in ("", " ", "\n", ",", "]", "}")):
            raise NotUnderstood
        start, several = self.pos, False
        while True:
            end = FLOW_END.search(self.text, self.pos)
            if end[0] in ("?", "\t"):
                raise NotUnderstood
            self.pos = end.start()
            if end[0] != "\n" or not self.goes_on(-1) or self.char() in ",[]{}:":
                return self.scalar(start, end.start(), exact=not several)
            several = True
