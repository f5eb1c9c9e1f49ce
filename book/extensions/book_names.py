"""What the names in a chapter stand for: which of them are the package's, and have an entry.

Nothing here knows of Sphinx; `book_reference` makes links of it.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

PACKAGE = "downslope"
ELSEWHERE = {"exercises"}  # packages whose names another module hands out: `check`


@cache
def public_modules():
    """Dotted names of the modules whose names are for other people's code."""
    return tuple(_public_modules())


def _public_modules():
    for found in iter_modules(import_module(PACKAGE).__path__, f"{PACKAGE}."):
        name = found.name.removeprefix(f"{PACKAGE}.")
        if name.startswith("_") or name in ELSEWHERE:
            continue
        module = import_module(found.name)
        if hasattr(module, "__all__"):
            yield found.name
        elif found.ispkg:
            yield from (inner.name for inner in iter_modules(module.__path__, f"{found.name}."))


@cache
def public_names():
    """Every public name, dotted, with its object; what two modules offer, under one of them."""
    offered = ((module, name) for module in public_modules() for name in offers(module))
    return {
        f"{module}.{name}": getattr(import_module(module), name)
        for module, name in offered
        if module == home(module, name)
    }


def offers(module):
    """The names that a module has for other people's code."""
    return getattr(import_module(module), "__all__", ())


def home(module, name):
    """The module where the entry of a name stands that `module` offers: the one that defines it."""
    found = getattr(import_module(module), name)
    defined = getattr(found, "__module__", None)
    known = defined in public_modules() and name in offers(defined)
    return defined if known and getattr(import_module(defined), name) is found else module


@cache
def entry_of(dotted):
    """Name of the entry that `dotted` leads to: its own, or that of the same object; else None."""
    names = public_names()
    if dotted in names or dotted in public_modules():
        return dotted
    owner, _, attribute = dotted.rpartition(".")
    if owner in names:
        return dotted if hasattr(names[owner], attribute) else None
    try:
        found = getattr(import_module(owner), attribute)
    except (ImportError, AttributeError, ValueError):
        return None
    return next((name for name, object_ in names.items() if object_ is found), None)


class Names:
    """What the names of a page stand for, while its cells are read from top to bottom."""

    def __init__(self):
        self.known = {}
        self.unused = {}

    def read(self, source):
        """Take in a cell; returns the names it uses, and those it imports, as they are written."""
        try:
            parts = list(ast.walk(ast.parse(source)))
        except SyntaxError:  # a cell that shows one, or a shell's command
            return [], []
        imported = dict(pair for part in parts for pair in imports(part))
        self.known.update(imported)
        for name in {name for part in parts for name in defined_by(part)} - imported.keys():
            self.known.pop(name, None)
        local = {part.arg for part in parts if isinstance(part, ast.arg)}
        used = [name for part in parts for name in used_by(part)]
        return [name for name in used if name.partition(".")[0] not in local], list(imported)

    def entry(self, written):
        """The entry that a name leads to as it is written here, or None."""
        first, dot, rest = written.partition(".")
        first = PACKAGE if first == PACKAGE else self.known.get(first)
        return entry_of(first + dot + rest) if first else None


def imports(part):
    """Pairs (name here, dotted name) that one statement imports from this package."""
    if isinstance(part, ast.ImportFrom) and (part.module or "").split(".")[0] == PACKAGE:
        return [(name.asname or name.name, f"{part.module}.{name.name}") for name in part.names]
    if isinstance(part, ast.Import):
        return [(n.asname, n.name) for n in part.names if n.asname and n.name.startswith(PACKAGE)]
    return []


def defined_by(part):
    """The names that a statement gives another meaning."""
    if isinstance(part, ast.FunctionDef | ast.ClassDef):
        return [part.name]
    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
        return [part.id]
    if isinstance(part, ast.Import | ast.ImportFrom):
        return [name.asname or name.name for name in part.names]
    return []


def used_by(part):
    """The dotted name that an expression reads, if it is nothing else."""
    if isinstance(part, ast.Name | ast.Attribute) and isinstance(part.ctx, ast.Load):
        written = ast.unparse(part)
        return [written] if re.fullmatch(r"[\w.]+", written) else []
    return []
