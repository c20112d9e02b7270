"""One file instead of a hundred for what every page loads: an entry with all that it imports, as it is collected.

The files in static/ are what browsers understand by themselves; this saves them the way from import to import.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Read = Callable[[str], str]

_IMPORT = re.compile(r'^import (?:\* as (\w+)|(\{[^}]+\})) from "\./([\w-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
_OTHER_FORM = re.compile(r"^(?:import|export)\b.*|^.*\bimport(?:\(|\.meta).*", re.MULTILINE)
_SHEET = re.compile(r'^@import "([\w-]+\.css)";$', re.MULTILINE)


def script(entry: str, read: Read) -> str:
    """The modules that this one leads to, each once and after those that it needs, then the module itself.

    Each is the value of a function, so that names stay its own. Raises ValueError where modules need each other, and
    for an import or export that is not a line as this project writes them.
    """
    parts: list[str] = []
    _add_module(entry, read, parts, [], set())
    return "\n".join(parts)


def style(entry: str, read: Read) -> str:
    """The sheet with those that it imports in their places."""
    return _SHEET.sub(lambda found: read(found[1]), read(entry))


def _add_module(name: str, read: Read, parts: list[str], path: list[str], added: set[str]) -> None:
    if name in path:
        raise ValueError(f"{' needs '.join([*path, name])}")
    if name in added:
        return
    added.add(name)
    source = read(name)
    for needed in _IMPORT.finditer(source):
        _add_module(needed[3], read, parts, [*path, name], added)
    exports = ", ".join(export[2] for export in _EXPORT.finditer(source))
    body = _IMPORT.sub(lambda found: f"const {found[1] or found[2]} = {_named(found[3])};", source)
    body = _EXPORT.sub(r"\1", body)
    if odd := _OTHER_FORM.search(body):
        raise ValueError(f"{name}: {odd[0]}")
    parts.append(f"const {_named(name)} = (() => {{\n{body}return {{ {exports} }};\n}})();" if path else body)


def _named(module: str) -> str:
    return "$" + module.removesuffix(".js").replace("-", "_")
