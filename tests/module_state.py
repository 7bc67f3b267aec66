"""Finds state in module globals: containers that change, locks, caches and whatever else lives as long as the process.

A constant is written in capitals, and nothing changes it. Whatever else a module holds outlives the deployment that it
belongs to, is shared by two of them in one process, and is bounded by nobody.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

CACHES = frozenset({"cache", "lru_cache", "cached", "cachedmethod"})
# Objects that exist to be changed, whatever their names are.
CHANGING = re.compile(
    r"dict|list|set|bytearray|OrderedDict|defaultdict|deque|Counter|ChainMap|Weak\w+|R?Lock|Event|Condition|Barrier"
    r"|(Bounded)?Semaphore|\w*Queue|local|ContextVar|\w*Cache|count"
)
MUTATING = re.compile(
    r"append(left)?|extend|insert|add|update|setdefault|pop(item|left)?|clear|remove|discard|move_to_end|sort|reverse"
)
# Calls that make something nobody changes.
CONSTANT = frozenset({"compile", "getLogger", "frozenset", "tuple", "TypeVar"})


def state(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Line, name and kind of everything in a module that is state."""
    names: dict[str, int] = {}
    for name, value, line in _assigned(tree):
        names[name] = line
        kind = _kind(name, value)
        if kind:
            yield line, name, kind
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from ((node.lineno, name, "is bound anew by a function") for name in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if any(_last(decorator) in CACHES for decorator in node.decorator_list):
                yield node.lineno, node.name, "keeps its answers in a cache"
            yield from _changed(node, names)


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from ((t.id, node.value, node.lineno) for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            yield node.target.id, node.value, node.lineno


def _kind(name: str, value: ast.expr) -> str:
    if name.startswith("__"):
        return ""
    if isinstance(value, ast.Call):
        made = _last(value.func)
        if CHANGING.fullmatch(made) and (made not in ("dict", "list", "set") or not value.args and not value.keywords):
            return f"holds a {made}"
        variable = name.lower() == name
        return f"holds a {made}()" if variable and made not in CONSTANT else ""
    empty = isinstance(value, ast.Dict) and not value.keys or isinstance(value, ast.List) and not value.elts
    return "is an empty container" if empty else ""


def _changed(function: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, int]) -> Iterator[tuple[int, str, str]]:
    """Module-level names that a function changes in place; its own names hide them."""
    own = {a.arg for a in ast.walk(function) if isinstance(a, ast.arg)}
    own |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(function):
        target: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and MUTATING.fullmatch(node.func.attr):
            target = node.func.value
        if isinstance(target, ast.Name) and target.id in names and target.id not in own:
            yield node.lineno, target.id, "is changed by a function"


def _last(node: ast.expr) -> str:
    """The last name of an expression: `c` of a.b.c, a.b.c() and a.b.c[...]."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
