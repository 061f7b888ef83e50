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
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from helpers.base.errors import CourseError
from helpers.base.paths import ROOT, display_path, our_packages, our_sources

MAIN = "__main__"
LOOSE = ""  # the name of what a module does when it is imported
# Bases that call no method of ours by name.
PLAIN_BASES = {"object", "NamedTuple", "Protocol", "ABC", "Generic", "BaseModel"}
MADE_BY = {"__init__", "__new__", "__post_init__"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Chain = tuple[str, ...]  # the steps of a dotted name
SELF: Chain = ("self",)


class Place(NamedTuple):
    """A name in a module: `helpers.training.runs`, `Run`, perhaps a member of it; no name: its imports."""

    module: str
    name: str
    member: str = ""


@dataclass
class Links:
    """Where what a piece of code names leads to."""

    places: set[Place] = field(default_factory=set)
    hinted: set[Place] = field(default_factory=set)
    libraries: set[str] = field(default_factory=set)
    files: set[Path] = field(default_factory=set)
    asked: set[tuple[Any, Chain]] = field(default_factory=set)  # attributes, after the class of what has them


@dataclass
class Unit:
    """A piece of code: what it is without comments, and what it names."""

    text: str
    names: set[Chain] = field(default_factory=set)  # of other modules or of its own
    hints: set[Chain] = field(default_factory=set)  # those of type hints
    asked: set[tuple[Chain, Chain]] = field(default_factory=set)  # attributes, after the hint of what has them
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)  # made inside: name → module, name there
    strings: set[str] = field(default_factory=set)
    links: Links | None = None  # found when it is first reached


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
    wanted = {package for name in libraries for package in _packages().get(name, ())}
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
        kind = source_of(place.module).classes.get(place.name)
        for member in kind.members if kind and not place.member else ():
            search.add(place._replace(member=member))
    return search.finish()


def reach_from_cells(cells: Iterable[str], without: frozenset[Place] = frozenset()) -> ReachedCode:
    """Follow every name from the code cells of a notebook, IPython's own commands apart."""
    search = _Search(without)
    source = ModuleSource("a notebook", "\n".join(map(without_magics, cells)), ROOT / "notebooks")
    for name in source.bindings:
        search.open += [(source, unit, None) for unit in source.units(name)]
    search.open.append((source, source.units(LOOSE)[0], None))
    return search.finish()


def without_magics(cell: str) -> str:
    """The Python of a code cell: without the lines that are IPython's own commands."""
    return "\n".join(line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!", "?")))


class _Search:
    """Goes from name to name."""

    def __init__(self, without: frozenset[Place]):
        self.without, self.found = without, ReachedCode()
        for place in without:
            if place.name not in ("*", *source_of(place.module).imports):
                source_of(place.module).units(place.name, place.member)  # or LookupError
        # Attributes, each with the classes of what has it, None for one that is not known.
        self.asked: dict[str, set[Place | None]] = {}
        self.members: dict[str, set[Place]] = {}  # of the classes that were reached, by the name of a member
        self.open: list[tuple[ModuleSource, Unit, Place | None]] = []
        self.seen: set[Place] = set()
        self.hinted: set[Place] = set()
        self._ancestors, self._class_held = cache(_ancestors), cache(self._class_held)

    def add(self, place: Place, hint: bool = False) -> None:
        """Take what a name stands for; of a class in a hint only what is asked of its objects."""
        apart = (place, place._replace(member=""), Place(place.module, "*"))
        if place in self.seen or not self.without.isdisjoint(apart):
            return
        source = source_of(place.module)
        if place.name == "*":
            for name in source.bindings:
                self.add(Place(place.module, name))
        elif place.name in source.imports:
            self._follow(source, {}, (place.name,), hint)
        elif place.name in source.classes and not place.member:
            self._add_class(place, source, hint)
        else:
            self.seen.add(place)
            self._add_imports_of(place.module)
            for number, unit in enumerate(source.units(place.name, place.member)):
                self._take(place._replace(member=f"{place.member}#{number}") if number else place, source, unit)

    def _add_imports_of(self, module: str) -> None:
        """What importing a module does, and the packages that hold it."""
        while module and Place(module, "*") not in self.without:
            place, source = Place(module, LOOSE), source_of(module)
            if place not in self.seen:
                self.seen.add(place)
                self._take(place, source, source.units(LOOSE)[0])
            module = module.rpartition(".")[0]

    def _add_class(self, place: Place, source: "ModuleSource", hint: bool) -> None:
        kind = source.classes[place.name]
        if place not in self.hinted:
            self.hinted.add(place)
            self._add_imports_of(place.module)
            always = any(_is_a_librarys(one) for one in self._ancestors(place))
            for member in kind.members:
                one = place._replace(member=member)
                self.members.setdefault(member, set()).add(one)
                is_special = member.startswith("__") and member not in MADE_BY
                if always or is_special or any(self._is_meant(one, who) for who in self.asked.get(member, ())):
                    self.add(one)
        elif hint:
            return
        for chain in kind.bases:
            self._follow(source, {}, chain, hint)
        if not hint:
            self.seen.add(place)
            self._take(place, source, kind.frame)
            for member in kind.at_making:
                self.add(place._replace(member=member))

    def _is_meant(self, member: Place, owner: Place | None) -> bool:
        """Whether who asks for an attribute of this name, of an object of a class if known, may get this."""
        if owner is None:
            return True
        kind = member._replace(member="")
        return kind in self._ancestors(owner) or owner in self._ancestors(kind)

    def _take(self, place: Place, source: "ModuleSource", unit: Unit) -> None:
        self.found.units[place] = unit
        owner = place._replace(member="") if place.name in source.classes else None
        self.open.append((source, unit, owner))

    def finish(self) -> ReachedCode:
        """Until nothing new is named."""
        while self.open:
            source, unit, owner = self.open.pop()
            links = unit.links = unit.links or _links(source, unit)
            for place in links.places:
                self.add(place)
            for place in links.hinted:
                self.add(place, hint=True)
            for known, steps in links.asked:
                self._ask(owner if known == SELF else known, steps)
            self.found.libraries |= links.libraries
            self.found.files |= links.files
        return self.found

    def _ask(self, owner: Place | None, steps: Chain) -> None:
        """Ask for an attribute, then for one of what that is, as far as hints tell what it is."""
        for step in steps:
            owners = self.asked.setdefault(step, set())
            if owner not in owners:
                owners.add(owner)
                for member in list(self.members.get(step, ())):
                    if self._is_meant(member, owner):
                        self.add(member)
            owner = self._class_held(owner, step) if owner else None

    def _class_held(self, owner: Place, member: str) -> Place | None:
        """The class that a member of a class is said to be of."""
        hints = ((place, _class_of(place).hints.get(member)) for place in self._ancestors(owner))
        return next((_hinted(source_of(place.module), {}, hint) for place, hint in hints if hint), None)

    def _follow(self, source: "ModuleSource", imports: dict, chain: Chain, hint: bool) -> None:
        """Take what a dotted name leads to: a place, if the project has it, else a library."""
        if target := _walk(source, imports, chain)[0]:
            self.add(target, hint)
        elif library := _library(source, imports, chain):
            self.found.libraries.add(library)


def _links(source: "ModuleSource", unit: Unit) -> Links:
    """Follow the names of a piece of code, each once for all searches."""
    found, asks_by_text = Links(), source.asks_by_text
    for chains, places in ((unit.names, found.places), (unit.hints, found.hinted)):
        for chain in chains:
            target, rest = _walk(source, unit.imports, chain)
            if target:
                places.add(target)
            elif library := _library(source, unit.imports, chain):
                found.libraries.add(library)
            if places is found.places:
                found.asked.add((target if target and _class_of(target) else None, rest))
                asks_by_text |= bool(target) and source_of(target.module).asks_by_text
    for hint, steps in unit.asked:
        found.asked.add((SELF if hint == SELF else _hinted(source, unit.imports, hint), steps))
    for text in unit.strings:
        if asks_by_text and text.isidentifier():  # it may name an attribute, here or where it is handed to
            found.asked.add((None, (text,)))
        found.files |= _files(source.folder, text)
    return found


def _files(folder: Path, text: str) -> set[Path]:
    """The files beside a module that a text in it names."""
    if len(text) >= 60 or "\0" in text or not text.strip("./ ") or text[0] == "/":
        return set()
    path = folder / text
    if path.is_dir() and not any(path.glob("*.py")):
        return {file for file in path.rglob("*") if file.is_file()}
    return {path} if path.is_file() and path.suffix != ".py" else set()


def _library(source: "ModuleSource", imports: dict, chain: Chain) -> str:
    """The library that a dotted name leads to; empty where it leads to none."""
    imported = imports.get(chain[0]) or source.imports.get(chain[0])
    return imported[0].partition(".")[0] if imported else ""


def _walk(source: "ModuleSource", imports: dict, chain: Chain) -> tuple[Place | None, Chain]:
    """The place in the project that a dotted name leads to, and the steps left: attributes of what is there.

    No place for a library's or a built-in name.
    """
    first, rest = chain[0], chain[1:]
    if first not in imports and first not in source.imports:
        known = first in source.bindings and is_module(source.name)
        return (Place(source.name, first) if known else None), rest
    module, name = imports.get(first) or source.imports[first]
    if not is_ours(module):
        return None, ()
    steps = (*([name] if name else []), *rest)
    for number, step in enumerate(steps):
        if is_module(f"{module}.{step}"):
            module = f"{module}.{step}"
        elif step in source_of(module).imports:
            return _walk(source_of(module), {}, steps[number:])
        else:
            return Place(module, step), steps[number + 1 :]
    return Place(module, "*"), ()


def _class_of(place: Place) -> "_Class | None":
    """The class of this name, if it is one."""
    return source_of(place.module).classes.get(place.name)


def _bases(place: Place) -> list[Place]:
    """The classes of the project that one is built upon."""
    source = source_of(place.module)
    found = [_walk(source, {}, chain)[0] for chain in source.classes[place.name].bases]
    return [one for one in found if one and _class_of(one)]


def _ancestors(place: Place) -> list[Place]:
    """The class itself, and those of the project that it is built upon."""
    return [place, *(one for base in _bases(place) for one in _ancestors(base))]


def _is_a_librarys(place: Place) -> bool:
    """Whether a library may call any method of a class, as it is built upon one of the library's."""
    ours = {one.name for one in _bases(place)}
    return any(chain[-1] not in PLAIN_BASES | ours for chain in _class_of(place).bases)


def _hinted(source: "ModuleSource", imports: dict, hint: Chain) -> Place | None:
    """The class of the project that a hint names; what is said to be of a protocol may be of any class."""
    target = _walk(source, imports, hint)[0] if hint else None
    kind = _class_of(target) if target else None
    return target if kind and not any(base[-1] == "Protocol" for base in kind.bases) else None


class _Class:
    """A class in parts: what making it and its objects runs, and the members that can be asked for."""

    def __init__(self, node: ast.ClassDef, package: str):
        self.bases = [chain for base in node.bases if (chain := _chain(getattr(base, "value", base)))]
        self.members: dict[str, list[ast.stmt]] = {}
        self.hints: dict[str, Chain] = {}  # of fields and properties
        frame = []
        for statement in _bare_body(node.body):
            names = _bound(statement)
            if not names:
                frame.append(statement)
            for name in names:
                self.members.setdefault(name, []).append(statement)
            if isinstance(statement, ast.AnnAssign):
                self.hints |= {name: _class_named(statement.annotation) for name in names}
            elif any("property" in name for name in _decorators(statement)):
                self.hints.setdefault(statement.name, _class_named(statement.returns))
        shell = ast.ClassDef(node.name, node.bases, node.keywords, frame, node.decorator_list, type_params=[])
        self.frame = _unit([shell], package)
        # Fields, defaults and constants are run as the class is made, its checks as an object is.
        self.at_making = [
            name for name, group in self.members.items() if name in MADE_BY or any(map(_at_once, group))
        ]


def _at_once(statement: ast.stmt) -> bool:
    """Whether it runs without being asked for: all but plain methods and properties."""
    checks = any("validator" in name or "serializer" in name for name in _decorators(statement))
    return checks or not isinstance(statement, FUNCTIONS)


def _decorators(statement: ast.stmt) -> list[str]:
    """The last names of a function's decorators."""
    found = statement.decorator_list if isinstance(statement, FUNCTIONS) else []
    chains = [_chain(one.func if isinstance(one, ast.Call) else one) for one in found]
    return [chain[-1] for chain in chains if chain]


class ModuleSource:
    """A module of the project, taken apart."""

    def __init__(self, name: str, text: str, folder: Path, is_package: bool = False):
        self.name, self.folder = name, folder
        self.package = name if is_package else name.rpartition(".")[0]
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        self.classes: dict[str, _Class] = {}
        self._loose: list[ast.stmt] = []
        self._units: dict[Chain, list[Unit]] = {}
        tree = ast.parse(text)
        self.asks_by_text = "attr" in text and any(map(_asks_by_text, ast.walk(tree)))
        for statement in _bare_body(tree.body):
            self._sort(statement)

    def _sort(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self.imports |= _imported(statement, self.package)
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            for inner in statement.body:
                self._sort(inner)
        elif isinstance(statement, ast.If) and ast.unparse(statement.test) == f"__name__ == '{MAIN}'":
            return
        elif names := _bound(statement):
            if isinstance(statement, ast.ClassDef):
                self.classes[statement.name] = _Class(statement, self.package)
            for name in names:
                self.bindings.setdefault(name, []).append(statement)
            if isinstance(statement, ast.If | ast.Try):
                self.imports |= _imports_within([statement], self.package)
        else:
            self._loose.append(statement)

    def units(self, name: str, member: str = "") -> list[Unit]:
        """The pieces of code that bind a name; of no name, what importing the module runs beside them.

        Raises LookupError where there is none.
        """
        if (name, member) not in self._units:
            holder = self.classes[name].members if member else self.bindings
            if name == LOOSE:
                groups = [self._loose]
            elif (member or name) in holder:
                groups = [[statement] for statement in holder[member or name]]
            else:
                raise LookupError(
                    f"{self.name} has no '{'.'.join(filter(None, (name, member)))}', which code names"
                )
            self._units[name, member] = [_unit(group, self.package) for group in groups]
        return self._units[name, member]


def _unit(statements: list[ast.stmt], package: str) -> Unit:
    """What statements are and name."""
    text = "".join(map(_dump, statements))
    unit = Unit(hashlib.sha256(text.encode()).hexdigest()[:16], imports=_imports_within(statements, package))
    reader = _Reader(unit)
    for statement in statements:
        reader.visit(statement)
    return unit


class _Reader(ast.NodeVisitor):
    """Notes the names that code takes from outside itself."""

    def __init__(self, unit: Unit):
        self.unit = unit
        self.scopes: list[dict[str, Chain]] = []  # local names, each with the class that it is said to be of

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = [part for part in ast.walk(node.args) if isinstance(part, ast.arg)]
        for hint in (node.returns, *(one.annotation for one in arguments)):
            self._hint(hint)
        changed = {
            part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        hints = {one.arg: _class_named(one.annotation) for one in arguments if one.arg not in changed}
        self._within(node, [*node.decorator_list], node.body, hints | dict.fromkeys(("self", "cls"), SELF))

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._within(node, [], [node.body], {})

    def _within(self, node: ast.AST, outside: list[ast.AST], body: list[ast.AST], hints: dict[str, Chain]) -> None:
        for one in (*outside, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(one)
        names = _local_names(node) - self.unit.imports.keys()
        self.scopes.append({name: hints.get(name, ()) for name in names})
        for statement in body:
            self.visit(statement)
        self.scopes.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._hint(node.annotation)
        for one in filter(None, (node.target, node.value)):
            self.visit(one)

    def _hint(self, node: ast.expr | None) -> None:
        for part in ast.walk(node) if node else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                try:
                    self._hint(ast.parse(part.value, mode="eval").body)
                except SyntaxError:
                    continue
            elif chain := _chain(part):
                self.unit.hints.add(chain)
                if chain[-1] == "Annotated":
                    self.visit(node)  # what it holds is run: bounds, discriminators

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._name((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain = _chain(node)
        hint = next((scope[chain[0]] for scope in reversed(self.scopes) if chain and chain[0] in scope), None)
        if hint:
            self.unit.asked.add((hint, chain[1:]))
        elif chain and hint is None:
            self._name(chain)
        else:
            self.unit.asked.add(((), (node.attr,)))
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.unit.strings.add(node.value)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        self.unit.asked |= {((), (name,)) for name in node.kwd_attrs}
        self.generic_visit(node)

    def _name(self, chain: Chain) -> None:
        if not any(chain[0] in scope for scope in self.scopes) and not hasattr(builtins, chain[0]):
            self.unit.names.add(chain)


def _class_named(hint: ast.expr | None) -> Chain:
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
        elif isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            found.add(part.name)
            continue
        if not isinstance(part, ast.Lambda):
            open_nodes += ast.iter_child_nodes(part)
    return found - outer


def _chain(node: ast.AST | None) -> Chain:
    """The steps of a dotted name; nothing for other expressions."""
    steps = []
    while isinstance(node, ast.Attribute):
        steps.append(node.attr)
        node = node.value
    return (node.id, *reversed(steps)) if isinstance(node, ast.Name) else ()


def _bare_body(body: list[ast.stmt]) -> list[ast.stmt]:
    """Without what is only text."""
    return [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]


def _dump(node: ast.AST) -> str:
    """A statement as it counts: without docstrings, comments and layout."""
    for part in ast.walk(node):
        if isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            part.body = _bare_body(part.body) or [ast.Pass()]
    return ast.dump(node)


def _bound(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top binds."""
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return [statement.name]
    runs = isinstance(statement, ast.Expr | ast.AugAssign | ast.Delete)
    return [] if runs else sorted(_local_names(statement))


def _asks_by_text(node: ast.AST) -> bool:
    """Whether it asks for an attribute whose name is not written there."""
    if not isinstance(node, ast.Call) or not (chain := _chain(node.func)):
        return False
    by_name = chain[-1] in ("getattr", "setattr", "delattr") and len(node.args) > 1
    return chain[-1] == "attrgetter" or (by_name and not isinstance(node.args[1], ast.Constant))


def _imported(statement: ast.Import | ast.ImportFrom, package: str) -> dict[str, tuple[str, str]]:
    """What an import binds: the name here, with the module and the name there."""
    if isinstance(statement, ast.Import):
        modules = ((one.asname, one.name if one.asname else one.name.partition(".")[0]) for one in statement.names)
        return {name or module: (module, "") for name, module in modules}
    above = package.split(".")[: len(package.split(".")) - statement.level + 1] if statement.level else []
    module = ".".join([*above, *filter(None, [statement.module])])
    return {one.asname or one.name: (module, one.name) for one in statement.names}


def _imports_within(statements: Iterable[ast.stmt], package: str) -> dict[str, tuple[str, str]]:
    parts = (part for statement in statements for part in ast.walk(statement))
    found = (_imported(part, package) for part in parts if isinstance(part, ast.Import | ast.ImportFrom))
    return {name: target for one in found for name, target in one.items()}


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
def source_of(module: str) -> ModuleSource:
    """A module of the project, taken apart. Raises LookupError where there is none."""
    if module not in _texts():
        raise LookupError(f"there is no module {module}, which code names")
    path, text = _texts()[module]
    return ModuleSource(module, text, path.parent, path.name == "__init__.py")


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
    for path, text in (_texts()[name] for name in modules if name in _texts()):
        now = path.read_text(encoding="utf-8") if path.is_file() else ""
        if now != text and bare(now) != bare(text):
            raise CourseError(
                f"{display_path(path)} has changed since this began: restart the kernel, or run the same command "
                "again, so that results and code belong together"
            )


_texts()
