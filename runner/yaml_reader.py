"""The part of YAML that most study files are written in, read with the standard library alone.

Mappings and lists in lines or brackets, plain and quoted texts, comments; anchors and merge keys are passed over.
Whatever else there is (tags, quotes over several lines, keys that are no plain words) is NotUnderstood and left to
the full program, and so is a file that is no YAML.
"""

import re
from typing import Any

OPAQUE = ...  # a value that is there and is not worked out: a number, a long text, what an alias stands for
KEY = re.compile(r"([A-Za-z_][\w.-]*|<<) *:(?: +|$)", re.ASCII)
UNLIKE_KEY = re.compile(r"(null|true|false|yes|no|on|off|y|n)$", re.IGNORECASE)
UNLIKE_TEXT = re.compile(rf"[-+\d=<?]|\.\d|(~|\.inf|\.nan)$|{UNLIKE_KEY.pattern}", re.IGNORECASE)
QUOTED = re.compile(r"""'([^'\n]*)'|"([^"\\\n]*)\"""")
ANCHOR = re.compile(r"\A&[\w-]+(?: +|$)")
TOKEN = re.compile(  # in brackets: a sign, a quoted text, an anchor or alias, a plain text
    r"(?:\s|(?<=\s)#[^\n]*)*(?:(?P<sign>[\[\]{},]|:(?=[\s,\]}]))|'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\\\n]*)\"|"
    r"(?P<named>[*&][\w-]+(?=[\s,\]}]))|(?P<plain>[^\s\[\]{},:#'\"!%@`|>&*?-][^\[\]{},:#?\n]*))",
    re.ASCII,
)


class NotUnderstood(Exception):
    """The text may be fine; this reader cannot tell."""


class Keys(dict):
    """A mapping: texts, lists and mappings by their keys; `lines`: where its keys stand."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}
        self.merges = False  # whether '<<' brings in others

    def add(self, key: str, line: int, value: Any) -> None:
        """A key that stands in a line, and its value."""
        if key != "<<" and UNLIKE_TEXT.match(key):  # a number, true, null
            raise NotUnderstood
        if key == "<<":
            self.merges = True
        else:
            self[key], self.lines[key] = value, line


def read_yaml(text: str) -> Keys:
    """The keys and values of a study file. Raises NotUnderstood."""
    text = text.removeprefix("\ufeff")
    if not text.replace("\n", "").isprintable():
        raise NotUnderstood
    try:
        found = _Reader(text).document()
    except RecursionError:
        raise NotUnderstood from None
    if not isinstance(found, Keys) or found.merges:
        raise NotUnderstood
    return found


class _Reader:
    def __init__(self, text: str):
        self.lines, self.at = text.split("\n"), 0

    def document(self) -> Any:
        if self.lines[0].rstrip() == "---":
            self.at = 1
        found = self.block(0)
        if self.next() is not None:
            raise NotUnderstood
        return found

    def next(self) -> tuple[int, str] | None:
        """How far the next line is indented that holds anything, and what it holds; None at the end."""
        while self.at < len(self.lines):
            content = self.lines[self.at].strip(" ")
            if content and not content.startswith("#"):
                if content.startswith(("---", "...", "%")):
                    raise NotUnderstood
                return len(self.lines[self.at]) - len(self.lines[self.at].lstrip(" ")), content
            self.at += 1
        return None

    def block(self, least: int) -> Any:
        """What comes next, if it is indented by at least this."""
        here = self.next()
        if here is None or here[0] < least:
            return None
        indent, content = here
        if content == "-" or content.startswith("- "):
            return self.sequence(indent)
        if KEY.match(content):
            return self.mapping(indent)
        self.at += 1
        return self.value(content, indent)

    def mapping(self, indent: int) -> Keys:
        found = Keys()
        while (here := self.next()) and here[0] == indent:
            if not (key := KEY.match(here[1])):
                raise NotUnderstood
            self.at += 1
            found.add(key[1], self.at, self.value(here[1][key.end() :], indent, after_key=True))
        if here and here[0] > indent:
            raise NotUnderstood
        return found

    def sequence(self, indent: int) -> list:
        found = []
        while (here := self.next()) and here[0] == indent and re.match("-( |$)", here[1]):
            self.lines[self.at] = " " * (indent + 1) + here[1][1:]  # what follows the dash is a block of its own
            found.append(self.block(indent + 1))
        if here and here[0] > indent:
            raise NotUnderstood
        return found

    def value(self, text: str, indent: int, after_key: bool = False) -> Any:
        """What stands behind a key or dash of the line before, indented by `indent`, or below it."""
        text = ANCHOR.sub("", text, count=1)
        if not text or text.startswith("#"):
            here = self.next()
            is_list = here is not None and after_key and here[0] == indent and re.match("-( |$)", here[1])
            return self.sequence(indent) if is_list else self.block(indent + 1)
        if text[0] in "[{":
            return self.brackets(text)
        if found := QUOTED.match(text):
            if not re.fullmatch(r" *( #.*)?", text[found.end() :]):
                raise NotUnderstood
            return found[1] if found[2] is None else found[2]
        if text[0] in "|>*":
            return self.rest(indent) if text[0] != "*" else OPAQUE
        text, _, comment = text.partition(" #")
        text = text.rstrip()
        if text[0] in "!%@`,]}&'\"?" or re.search(r": |:$|^- ", text):
            raise NotUnderstood
        more = self.rest(indent) if not comment and (here := self.next()) and here[0] > indent else ""
        return OPAQUE if more or UNLIKE_TEXT.match(text) else text

    def rest(self, indent: int) -> Any:
        """Passes over the further lines of a text, which are indented by more."""
        while self.at < len(self.lines) and re.match(rf" {{{indent + 1}}}| *$", self.lines[self.at]):
            self.at += 1
        return OPAQUE

    def brackets(self, text: str) -> Any:
        """A list or mapping in brackets that begins with `text`; goes to the line after it."""
        whole = "\n".join([text, *self.lines[self.at :]])
        found, end = _flow(whole, 0, self.at)
        if not re.match(r" *(?: #.*)?(?:\n|$)", whole[end:]):
            raise NotUnderstood
        self.at += whole.count("\n", 0, end)
        return found


def _flow(text: str, at: int, line: int) -> tuple[Any, int]:
    """What begins at `at` within brackets, and where it ends; the text begins in `line`."""
    token = _token(text, at)
    kind, content = token.lastgroup, token[token.lastgroup]
    if kind == "named":
        return (OPAQUE, token.end()) if content[0] == "*" else _flow(text, token.end(), line)
    if kind != "sign":
        return OPAQUE if kind == "plain" and UNLIKE_TEXT.match(content.rstrip()) else content.rstrip(), token.end()
    if content not in "[{":
        raise NotUnderstood
    found, at, closing = (Keys(), token.end(), "}") if content == "{" else ([], token.end(), "]")
    while (token := _token(text, at))["sign"] != closing:
        if closing == "]":
            item, at = _flow(text, at, line)
            found.append(item)
        else:
            key = token[token.lastgroup].rstrip(" ")
            if token.lastgroup != "plain" or _token(text, token.end())["sign"] != ":":
                raise NotUnderstood
            item, at = _flow(text, _token(text, token.end()).end(), line)
            found.add(key, line + text.count("\n", 0, token.start(token.lastgroup)), item)
        token = _token(text, at)
        if token["sign"] == ",":
            at = token.end()
        elif token["sign"] != closing:
            raise NotUnderstood
    return found, token.end()


def _token(text: str, at: int) -> re.Match:
    if not (found := TOKEN.match(text, at)):
        raise NotUnderstood
    return found
