"""What code a result depends on, read off the code itself.

From a function the names in it are followed, through imports and modules, to every function, class and constant
of the project that it can reach, to the files that lie beside them, and to the libraries. Nothing is listed by
hand, and a name that leads nowhere is an error. Comments, docstrings and layout do not count.

Of a class, a method counts where code that is reached names it: `run.outputs` needs `outputs`, not all of `Run`.
What a type hint names is a class whose objects come from elsewhere, so that only what is asked of them counts.
"""

import ast
import builtins
import hashlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT, display_path, our_packages, our_sources

MAIN = "__main__"
LOOSE = ""  # the name of what a module does when it is imported
PLAIN_BASES = {
    "object",
    "NamedTuple",
    "Protocol",
    "ABC",
    "Generic",
    "BaseModel",
}  # which call no method of ours by name
MADE_BY = {"__init__", "__new__", "__post_init__"}
MARKERS = re.compile(r"[A-Za-z_]\w*")


class Place(NamedTuple):
    """A name in a module: `helpers.training.runs`, `Run`, perhaps a member of it; no name: its imports."""

    module: str
    name: str
    member: str = ""


class Asked(NamedTuple):
    """An attribute that code asks of an object; `owner` is the class where the object is `self`."""

    attribute: str
    owner: Place | None = None


@dataclass
class Unit:
    """A piece of code: what it is without comments, and what it names."""

    text: str
    names: set[tuple[str, ...]] = field(default_factory=set)  # dotted names of other modules or of its own
    hints: set[tuple[str, ...]] = field(default_factory=set)  # those of type hints
    attributes: set[str] = field(default_factory=set)
    of_self: set[tuple[str, ...]] = field(default_factory=set)  # attributes of `self`, and theirs
    of_hinted: set[tuple[tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=set
    )  # of parameters with hints
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)  # made inside: name → module, name there
    strings: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)  # strings that may be names of attributes: getattr(splits, part)


@dataclass
class ReachedCode:
    """All that was reached: pieces of code by place, files beside them, and libraries."""

    units: dict[Place, Unit] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)
    libraries: set[str] = field(default_factory=set)


def digest_of(found: ReachedCode) -> str:
    """A hash of what was reached."""
    lines = [f"{'.'.join(place)} {unit.text}" for place, unit in found.units.items()]
    lines += [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in found.files]
    lines += [f"{name} {version}" for name, version in versions(found.libraries).items()]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """The versions of the libraries that are imported by these names, and that of Python."""
    packages = _packages()
    wanted = {package for name in libraries for package in packages.get(name, ())}
    found = {package: metadata.version(package) for package in sorted(wanted)}
    return found | {"Python": "{}.{}".format(*sys.version_info)}


@cache
def _packages() -> dict[str, list[str]]:
    return metadata.packages_distributions()


def place_of(thing: Any) -> Place:
    """Where a function, class or module is defined."""
    if isinstance(thing, Place):
        return thing
    if isinstance(thing, ModuleType):
        return Place(thing.__name__, "*")
    thing = inspect.unwrap(thing)
    name, _, member = thing.__qualname__.partition(".")
    module = thing.__module__
    return Place(sys.modules[MAIN].__spec__.name if module == MAIN else module, name, member)


def is_the_projects(thing: Any) -> bool:
    """Whether the project defines it."""
    return isinstance(thing, Place) or is_ours(place_of(thing).module)


def bare(text: str) -> str:
    """Code as it counts."""
    return _dump(ast.parse(textwrap.dedent(text)))


def reach(start: Iterable[Place], *, without: frozenset[Place] = frozenset()) -> ReachedCode:
    """Follow every name from `start`, `without` what is reached only through these."""
    search = _Search(without)
    for place in start:
        search.add(place)
        for member in () if place.member else source_of(place.module).members_of(place.name):
            search.add(place._replace(member=member))
    search.finish()
    return search.found


def reach_from_cells(cells: Iterable[str], without: frozenset[Place] = frozenset()) -> ReachedCode:
    """Follow every name from the code cells of a notebook, IPython's own commands apart."""
    search = _Search(without)
    search.follow(Source("a notebook", "\n".join(map(without_magics, cells)), ROOT / "notebooks", is_loose=True))
    search.finish()
    return search.found


def without_magics(cell: str) -> str:
    """The Python of a code cell: without the lines that are IPython's own commands."""
    return "\n".join(line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!", "?")))


class _Search:
    """Goes from name to name."""

    def __init__(self, without: frozenset[Place]):
        self.without, self.found = without, ReachedCode()
        for place in without:
            source_of(place.module).check(place)
        self.asked: set[Asked] = set()
        self.members: dict[str, set[Place]] = {}  # of the classes that were reached, by the name of a member
        self.open: list[tuple[Source, Unit, Place | None]] = []
        self.seen: set[Place] = set()
        self.hinted: set[Place] = set()

    def follow(self, source: "Source") -> None:
        """Take all of a source that is no module."""
        for name in source.bindings:
            for unit in source.units(name):
                self.open.append((source, unit, None))
        self.open.append((source, source.loose, None))

    def add(self, place: Place, hint: bool = False) -> None:
        """Take what a name stands for; of a class in a hint only what is asked of its objects."""
        apart = (place, place._replace(member=""), Place(place.module, "*"))
        if place in self.seen or not self.without.isdisjoint(apart):
            return
        source = source_of(place.module)
        if place.name == "*":
            for name in source.bindings:
                self.add(Place(place.module, name))
            return
        if place.name in source.imports:
            self._add_target(*source.imports[place.name], hint=hint)
            return
        if place.name in source.classes and not place.member:
            self._add_class(place, source, hint)
            return
        self.seen.add(place)
        self._with_imports(place.module)
        for number, unit in enumerate(source.units(place.name, place.member)):
            self._take(place if not number else place._replace(member=f"{place.member}#{number}"), source, unit)

    def _with_imports(self, module: str) -> None:
        """What importing a module does, and the packages that hold it."""
        while module and Place(module, "*") not in self.without:
            place, source = Place(module, LOOSE), source_of(module)
            if place not in self.seen:
                self.seen.add(place)
                self._take(place, source, source.loose)
            module = module.rpartition(".")[0]

    def _add_class(self, place: Place, source: "Source", hint: bool) -> None:
        if hint and place in self.hinted:
            return
        kind = source.classes[place.name]
        if place not in self.hinted:
            self.hinted.add(place)
            self._with_imports(place.module)
            always = self._calls_all(place)
            for member in kind.members:
                self.members.setdefault(member, set()).add(place._replace(member=member))
                if self._is_needed(place, member, always):
                    self.add(place._replace(member=member))
            for chain in kind.bases:
                self._resolve(source, Unit(""), chain, hint=hint)
        if not hint:
            self.seen.add(place)
            self._take(place, source, kind.frame)
            for member in kind.at_making:
                self.add(place._replace(member=member))

    def _calls_all(self, place: Place) -> bool:
        """Whether a library may call any method of a class, as it is built upon one of the library's."""
        source = source_of(place.module)
        for chain in source.classes[place.name].bases:
            target = self._target(source, {}, chain)
            if target is None:
                if chain[-1] not in PLAIN_BASES:
                    return True
            elif target.name in source_of(target.module).classes and self._calls_all(target):
                return True
        return False

    def _is_needed(self, place: Place, member: str, always: bool) -> bool:
        special = member.startswith("__") and member not in MADE_BY
        return always or special or Asked(member) in self.asked or self._asks_itself(place, member)

    def _asks_itself(self, place: Place, member: str) -> bool:
        return any(one.attribute == member and one.owner and self._akin(place, one.owner) for one in self.asked)

    def _akin(self, one: Place, other: Place) -> bool:
        return one == other or other in self._ancestors(one) or one in self._ancestors(other)

    def _ancestors(self, place: Place) -> list[Place]:
        source, found = source_of(place.module), []
        for chain in source.classes[place.name].bases:
            target = self._target(source, {}, chain)
            if target and target.name in source_of(target.module).classes:
                found += [target, *self._ancestors(target)]
        return found

    def _take(self, place: Place, source: "Source", unit: Unit) -> None:
        self.found.units[place] = unit
        owner = place._replace(member="") if place.name in source.classes else None
        self.open.append((source, unit, owner))

    def finish(self) -> None:
        """Until nothing new is named."""
        while self.open:
            source, unit, owner = self.open.pop()
            for chain in unit.names:
                self._resolve(source, unit, chain)
                self._ask_of_named(source, unit, chain)
            for chain in unit.hints:
                self._resolve(source, unit, chain, hint=True)
            self._ask({Asked(name) for name in unit.attributes})
            if unit.words and self._asks_by_text(source, unit):
                self._ask({Asked(name) for name in unit.words})
            for steps in unit.of_self:
                self._ask_along(owner, steps)
            for hint, steps in unit.of_hinted:
                self._ask_along(self._class_of(source, unit.imports, hint), steps)
            for text in unit.strings:
                self._add_file(source.folder / text)

    def _asks_by_text(self, source: "Source", unit: Unit) -> bool:
        """Whether a text of this code may name an attribute: here, or in a module that it hands the text to."""
        targets = (self._target(source, unit.imports, chain) for chain in unit.names)
        return source.asks_by_text or any(source_of(one.module).asks_by_text for one in targets if one)

    def _ask_of_named(self, source: "Source", unit: Unit, chain: tuple[str, ...]) -> None:
        """What is asked of something that a module holds: of a class, of an object; never of a library."""
        if source.is_loose and chain[0] in source.bindings:
            self._ask_along(self._class_made(source, chain[0]), chain[1:])
            return
        target, rest = self._walk(source, unit.imports, chain)
        if target is None or not rest or source_of(target.module).is_of_a_library(target.name):
            return
        holder = source_of(target.module)
        is_class = target.name in holder.classes
        self._ask_along(target if is_class else self._class_made(holder, target.name), rest)

    def _ask_along(self, owner: Place | None, steps: tuple[str, ...]) -> None:
        """Ask for an attribute, then for one of what that is, as far as hints tell what it is."""
        for step in steps:
            self._ask({Asked(step, owner)})
            owner = self._class_held(owner, step) if owner else None

    def _class_held(self, owner: Place, member: str) -> Place | None:
        """The class that a member of a class is said to be of."""
        for place in (owner, *self._ancestors(owner)):
            source = source_of(place.module)
            if hint := source.classes[place.name].hints.get(member):
                return self._class_of(source, {}, hint)
        return None

    def _class_made(self, source: "Source", name: str) -> Place | None:
        """The class of what a name holds, where it is what a class, or a function with a hint, gives."""
        makers = source.makers(name)
        if len(makers) != 1:
            return None
        target, rest = self._walk(source, {}, makers[0]) if makers[0] else (None, ())
        if target is None:
            return None
        holder = source_of(target.module)
        kind = holder.classes.get(target.name)
        if kind and not rest:
            return target
        given = kind.returns.get(rest[0]) if kind else holder.returns.get(target.name) if not rest else None
        return self._class_of(holder, {}, given)

    def _class_of(self, source: "Source", imports: dict, hint: tuple[str, ...] | None) -> Place | None:
        """The class of the project that a hint names, if it does; a protocol's objects may be of any class."""
        target = self._target(source, imports, hint) if hint else None
        kind = source_of(target.module).classes.get(target.name) if target else None
        return target if kind and not any(chain[-1] == "Protocol" for chain in kind.bases) else None

    def _ask(self, asked: set[Asked]) -> None:
        for one in asked - self.asked:
            self.asked.add(one)
            for place in list(self.members.get(one.attribute, ())):
                if one.owner is None or self._akin(place._replace(member=""), one.owner):
                    self.add(place)

    def _add_file(self, path: Path) -> None:
        if path.is_dir() and not any(path.glob("*.py")):
            self.found.files |= {file for file in path.rglob("*") if file.is_file()}
        elif path.is_file() and path.suffix != ".py":
            self.found.files.add(path)

    def _resolve(self, source: "Source", unit: Unit, chain: tuple[str, ...], hint: bool = False) -> None:
        if target := self._target(source, unit.imports, chain):
            self.add(target, hint)
        elif imported := unit.imports.get(chain[0]) or source.imports.get(chain[0]):
            self._add_target(*imported, hint=hint)

    def _target(self, source: "Source", imports: dict, chain: tuple[str, ...]) -> Place | None:
        """The place in the project that a dotted name leads to; None for a library's or a built-in name."""
        return self._walk(source, imports, chain)[0]

    def _walk(
        self, source: "Source", imports: dict, chain: tuple[str, ...]
    ) -> tuple[Place | None, tuple[str, ...]]:
        """The place that a dotted name leads to, and the steps that are left: attributes of what is there."""
        first, rest = chain[0], chain[1:]
        if first not in imports and first not in source.imports:
            known = first in source.bindings and not source.is_loose
            return (Place(source.name, first) if known else None), rest
        module, name = imports.get(first) or source.imports[first]
        if not is_ours(module):
            return None, ()
        steps = (*([name] if name else []), *rest)
        for number, step in enumerate(steps):
            if is_module(f"{module}.{step}"):
                module = f"{module}.{step}"
            elif step in source_of(module).imports:
                return self._walk(source_of(module), {}, steps[number:])
            else:
                return Place(module, step), steps[number + 1 :]
        return Place(module, "*"), ()

    def _add_target(self, module: str, name: str, hint: bool = False) -> None:
        """Take what an import names."""
        if not is_ours(module):
            self.found.libraries.add(module.partition(".")[0])
        elif not name or is_module(f"{module}.{name}"):
            self.add(Place(f"{module}.{name}" if name else module, "*"), hint)
        else:
            self.add(Place(module, name), hint)


class _Class:
    """A class in parts: what making it and its objects runs, and the members that can be asked for."""

    def __init__(self, source: "Source", node: ast.ClassDef):
        self.bases = [chain for base in node.bases if (chain := _chain(_bare_base(base)))]
        self.members: dict[str, list[ast.stmt]] = {}
        self.hints: dict[str, tuple[str, ...]] = {}
        self.returns: dict[str, tuple[str, ...]] = {}
        frame = []
        for statement in _bare_body(node.body):
            names = _bound(statement)
            if not names:
                frame.append(statement)
            for name in names:
                self.members.setdefault(name, []).append(statement)
            if isinstance(statement, ast.AnnAssign):
                self.hints |= {name: _class_named(statement.annotation) for name in names}
            elif isinstance(statement, ast.FunctionDef):
                self.returns[statement.name] = _class_named(statement.returns)
                if any(
                    _chain(one)[-1:] in (("property",), ("cached_property",)) for one in statement.decorator_list
                ):
                    self.hints.setdefault(statement.name, _class_named(statement.returns))
        shell = ast.ClassDef(node.name, node.bases, node.keywords, frame, node.decorator_list, type_params=[])
        self.frame = source.unit([shell])
        # Fields, defaults and constants are run as the class is made, its checks as an object is.
        self.at_making = [
            name for name, group in self.members.items() if name in MADE_BY or any(map(_at_once, group))
        ]


def _at_once(statement: ast.stmt) -> bool:
    """Whether it runs without being asked for: all but plain methods and properties."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    names = [
        chain
        for one in statement.decorator_list
        if (chain := _chain(one.func if isinstance(one, ast.Call) else one))
    ]
    return any("validator" in chain[-1] or "serializer" in chain[-1] for chain in names)


class Source:
    """A module of the project, taken apart."""

    def __init__(self, name: str, text: str, folder: Path, is_package: bool = False, is_loose: bool = False):
        self.name, self.folder, self.is_loose = name, folder, is_loose
        self.package = name if is_package else name.rpartition(".")[0]
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        self.classes: dict[str, _Class] = {}
        self.returns: dict[str, tuple[str, ...]] = {}
        self._loose: list[ast.stmt] = []
        tree = ast.parse(text)
        self.asks_by_text = any(map(_asks_by_text, ast.walk(tree)))
        self._units: dict[tuple[str, str], list[Unit]] = {}
        for statement in _bare_body(tree.body):
            self._sort(statement)

    def _sort(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self.imports |= imported(statement, self.package)
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            for inner in statement.body:
                self._sort(inner)
        elif _is_main(statement):
            return
        elif names := _bound(statement):
            if isinstance(statement, ast.ClassDef):
                self.classes[statement.name] = _Class(self, statement)
            if isinstance(statement, ast.FunctionDef):
                self.returns[statement.name] = _class_named(statement.returns)
            for name in names:
                self.bindings.setdefault(name, []).append(statement)
            self.imports |= (
                _imports_within([statement], self.package) if isinstance(statement, ast.If | ast.Try) else {}
            )
        else:
            self._loose.append(statement)

    @cached_property
    def loose(self) -> Unit:
        """What importing it runs beside the definitions."""
        return self.unit(self._loose)

    def units(self, name: str, member: str = "") -> list[Unit]:
        """The pieces of code that bind a name. Raises LookupError where there is none."""
        if (name, member) not in self._units:
            holder = self.classes[name].members if member else self.bindings
            if (member or name) not in holder:
                raise LookupError(
                    f"{self.name} has no '{name}{'.' * bool(member)}{member}', which other code names"
                )
            self._units[name, member] = [self.unit([statement]) for statement in holder[member or name]]
        return self._units[name, member]

    def check(self, place: Place) -> None:
        """Raises LookupError where the module has no such name."""
        if place.name != "*" and place.name not in self.imports:
            self.units(place.name, place.member)

    def members_of(self, name: str) -> Iterable[str]:
        """What can be asked of a class; nothing of any other name."""
        return self.classes[name].members if name in self.classes else ()

    def is_of_a_library(self, name: str) -> bool:
        """Whether a name holds what a library's function gave: its attributes are the library's."""
        imports = [self.imports.get(chain[0]) for chain in self.makers(name) if chain]
        return len(imports) == len(self.bindings.get(name, ())) > 0 and all(
            one and not is_ours(one[0]) for one in imports
        )

    def makers(self, name: str) -> list[tuple[str, ...]]:
        """What is called for the values that a name is bound to; () for a value that is no call's."""
        found = []
        for one in self.bindings.get(name, ()):
            alone = isinstance(one, ast.AnnAssign) or (
                isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
            )
            call = one.value if alone and isinstance(one.value, ast.Call) else None
            found.append(_chain(call.func) if call else ())
        return found

    def unit(self, statements: list[ast.stmt]) -> Unit:
        """What statements are and name."""
        reader = _Reader(_imports_within(statements, self.package))
        for statement in statements:
            reader.visit(statement)
        text = hashlib.sha256("".join(map(_dump, statements)).encode()).hexdigest()[:16]
        return Unit(text, **reader.found())


class _Reader(ast.NodeVisitor):
    """Notes the names that code takes from outside itself."""

    def __init__(self, imports: dict[str, tuple[str, str]]):
        self.imports = imports
        self.names: set[tuple[str, ...]] = set()
        self.hints: set[tuple[str, ...]] = set()
        self.attributes: set[str] = set()
        self.of_self: set[tuple[str, ...]] = set()
        self.of_hinted: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        self.hinted: list[dict[str, tuple[str, ...]]] = []
        self.strings: set[str] = set()
        self.locals: list[set[str]] = []

    def found(self) -> dict[str, Any]:
        words = {text for text in self.strings if MARKERS.fullmatch(text)}
        files = {
            text
            for text in self.strings
            if len(text) < 60 and "\0" not in text and text.strip("./ ") and text[0] != "/"
        }
        return {
            "names": self.names, "hints": self.hints, "attributes": self.attributes, "words": words,
            "of_self": self.of_self, "of_hinted": self.of_hinted,
            "imports": self.imports, "strings": files,
        }  # fmt: skip

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = [
            *node.args.posonlyargs,
            *node.args.args,
            *node.args.kwonlyargs,
            node.args.vararg,
            node.args.kwarg,
        ]
        for hint in [node.returns, *(one.annotation for one in arguments if one)]:
            self._hint(hint)
        for outside in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outside)
        changed = {
            part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        hints = {one.arg: _class_named(one.annotation) for one in arguments if one and one.arg not in changed}
        self._within(node, node.body, {name: hint for name, hint in hints.items() if hint})

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        self._within(node, [node.body])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._hint(node.annotation)
        for one in (node.target, node.value):
            if one:
                self.visit(one)

    def _within(
        self, node: ast.AST, body: list[ast.AST], hinted: dict[str, tuple[str, ...]] | None = None
    ) -> None:
        self.locals.append(_local_names(node) - self.imports.keys())
        self.hinted.append(hinted or {})
        for statement in body:
            self.visit(statement)
        self.locals.pop()
        self.hinted.pop()

    def _hint(self, node: ast.expr | None) -> None:
        if node is None:
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                try:
                    self._hint(ast.parse(part.value, mode="eval").body)
                except SyntaxError:
                    continue
            elif chain := _chain(part):
                self.hints.add(chain)
        if any(chain[-1] == "Annotated" for chain in map(_chain, ast.walk(node)) if chain):
            self.visit(node)  # what it holds is run: bounds, discriminators

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._name((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = _chain(node)
        if chain and chain[0] in ("self", "cls") and self._is_local(chain[0]):
            self.of_self.add(chain[1:])
        elif chain and (hint := self._hint_of(chain[0])):
            self.of_hinted.add((hint, chain[1:]))
        elif chain and not self._is_local(chain[0]):
            self._name(chain)
        else:
            self.attributes.add(node.attr)
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.strings.add(node.value)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        self.attributes.update(node.kwd_attrs)
        self.generic_visit(node)

    def _name(self, chain: tuple[str, ...]) -> None:
        if not self._is_local(chain[0]) and not hasattr(builtins, chain[0]):
            self.names.add(chain)

    def _hint_of(self, name: str) -> tuple[str, ...] | None:
        """The class that a parameter is said to be of."""
        for scope, hinted in zip(reversed(self.locals), reversed(self.hinted), strict=True):
            if name in scope:
                return hinted.get(name)
        return None

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self.locals)


def _class_named(hint: ast.expr | None) -> tuple[str, ...]:
    """The one class that a hint names, `None` beside it or not."""
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
        hint = ast.parse(hint.value, mode="eval").body
    if isinstance(hint, ast.BinOp) and isinstance(hint.right, ast.Constant) and hint.right.value is None:
        hint = hint.left
    return _chain(hint)


def _local_names(node: ast.AST) -> set[str]:
    """What a function binds itself: parameters, and what it assigns."""
    found, open_nodes, outer = set(), list(ast.iter_child_nodes(node)), set()
    while open_nodes:
        part = open_nodes.pop()
        if isinstance(part, ast.arg):
            found.add(part.arg)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store | ast.Del):
            found.add(part.id)
        elif isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and part.name:
            found.add(part.name)
        elif isinstance(part, ast.Global | ast.Nonlocal):
            outer.update(part.names)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(part.name)
            continue
        if not isinstance(part, ast.Lambda):
            open_nodes += ast.iter_child_nodes(part)
    return found - outer


def _chain(node: ast.AST | None) -> tuple[str, ...]:
    """The steps of a dotted name; nothing for other expressions."""
    steps = []
    while isinstance(node, ast.Attribute):
        steps.append(node.attr)
        node = node.value
    return (node.id, *reversed(steps)) if isinstance(node, ast.Name) else ()


def _bare_base(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _bare_body(body: list[ast.stmt]) -> list[ast.stmt]:
    """Without what is only text."""
    return [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]


def _dump(node: ast.AST) -> str:
    """A statement as it counts: without docstrings, comments and layout."""
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            part.body = _bare_body(part.body) or [ast.Pass()]
    return ast.dump(node)


def _bound(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Expr | ast.AugAssign | ast.Delete):
        return []
    names = [
        part.id for part in ast.walk(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]
    inner = [part.name for part in ast.walk(statement) if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    return list(dict.fromkeys([*names, *inner]))


def _asks_by_text(node: ast.AST) -> bool:
    """Whether it asks for an attribute whose name is not written there."""
    if not isinstance(node, ast.Call) or not (chain := _chain(node.func)):
        return False
    by_name = chain[-1] in ("getattr", "setattr", "delattr") and len(node.args) > 1
    return chain[-1] == "attrgetter" or (by_name and not isinstance(node.args[1], ast.Constant))


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == f"__name__ == '{MAIN}'"


def imported(statement: ast.Import | ast.ImportFrom, package: str) -> dict[str, tuple[str, str]]:
    """What an import binds: the name here, with the module and the name there."""
    if isinstance(statement, ast.Import):
        return {
            one.asname or one.name.partition(".")[0]: (one.name if one.asname else one.name.partition(".")[0], "")
            for one in statement.names
        }
    module = statement.module or ""
    if statement.level:
        parts = package.split(".")
        module = ".".join([*parts[: len(parts) - statement.level + 1], *([module] if module else [])])
    return {one.asname or one.name: (module, one.name) for one in statement.names}


def _imports_within(statements: Iterable[ast.stmt], package: str) -> dict[str, tuple[str, str]]:
    found = {}
    for statement in statements:
        for part in ast.walk(statement):
            if isinstance(part, ast.Import | ast.ImportFrom):
                found |= imported(part, package)
    return found


# The sources as this process found them when it began: later changes are noticed, not mixed in.


@cache
def _our_names() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in _texts())


@cache
def _texts() -> dict[str, tuple[Path, str]]:
    found = {}
    for path in our_sources():
        steps = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(steps[:-1] if steps[-1] == "__init__" else steps)
        found[name] = (path, path.read_text(encoding="utf-8"))
    return found


def is_ours(module: str) -> bool:
    """Whether a module is one of the project's."""
    return module.partition(".")[0] in _our_names()


def is_module(name: str) -> bool:
    """Whether the project has a module of this name."""
    return name in _texts()


@cache
def source_of(module: str) -> Source:
    """A module of the project, taken apart. Raises LookupError where there is none."""
    if module not in _texts():
        raise LookupError(f"there is no module {module}, which code names")
    path, text = _texts()[module]
    return Source(module, text, path.parent, path.name == "__init__.py")


@cache
def state_of_sources() -> str:
    """A hash of all sources, and of the files beside them, as this process found them."""
    sha = hashlib.sha256()
    for name, (_, text) in sorted(_texts().items()):
        sha.update(f"{name}\0{text}\0".encode())
    for path in sorted(path for package in our_packages() for path in package.rglob("*")):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            sha.update(path.name.encode() + path.read_bytes())
    return sha.hexdigest()


def refuse_changes(modules: Iterable[str]) -> None:
    """Raises CourseError where the code of one of these has changed since this process read it."""
    for name, (path, text) in ((name, _texts()[name]) for name in modules if name in _texts()):
        try:
            state = path.stat()
        except OSError:
            state = None
        if state is None or (state.st_mtime_ns, state.st_size) != _states()[name]:
            _refuse_change(path, text)


def _refuse_change(path: Path, text: str) -> None:
    now = path.read_text(encoding="utf-8") if path.is_file() else ""
    if now != text and _dump(ast.parse(now)) != _dump(ast.parse(text)):
        raise CourseError(
            f"{display_path(path)} has changed since this began: restart the kernel, or run the same command "
            "again, so that results and code belong together"
        )


@cache
def _states() -> dict[str, tuple[int, int]]:
    found = {name: path.stat() for name, (path, _) in _texts().items()}
    return {name: (state.st_mtime_ns, state.st_size) for name, state in found.items()}


_texts(), _states()
