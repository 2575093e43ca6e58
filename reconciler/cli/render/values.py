"""How is a property value, or a change of one, written for people?

A name stands `4 * depth` spaces from the margin; the sign of a change stands in the last two columns
before it. A secret is `[secret]`, what is not known yet is `[unknown]`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.cli.render.colours import PLAIN, Painter, plain
from reconciler.model import paths, values
from reconciler.model.values import Archive, Asset, PropertyMap, ResourceReference, Secret, Unknown, Value
from reconciler.plan.steps import Op

LONGEST_LINE = 150
MOST_LINES = 3
_CONTEXT_LINES = 2
NO_NOTES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """How values are written. `full`: long strings are not cut."""

    painter: Painter = PLAIN
    show_secrets: bool = False
    full: bool = False


def whole_map(properties: PropertyMap, *, depth: int, look: Look, op: Op | None = None, sign: str = "  ") -> list[str]:
    """Every property on its own lines, keys padded to equal width; absent values are left out."""
    kept = {name: value for name, value in sorted(properties.items()) if value is not None}
    width = max(map(len, kept), default=0)
    lines: list[str] = []
    for name, value in kept.items():
        lines += _labelled(f"{name:<{width}}: ", value, depth, look, sign, op)
    return lines


def changed_map(
    old: PropertyMap,
    new: PropertyMap,
    *,
    depth: int,
    look: Look,
    show_same: bool = False,
    notes: Mapping[str, str] = NO_NOTES,
) -> list[str]:
    """What differs between two property maps; `notes` are put after the line of a top-level name."""
    names = [
        name
        for name in sorted({*old, *new})
        if not (old.get(name) is None and new.get(name) is None)
        and (show_same or name in notes or not values.same(old.get(name), new.get(name)))
    ]
    width = max(map(len, names), default=0)
    lines: list[str] = []
    for name in names:
        part = _changed(f"{name:<{width}}: ", old.get(name), new.get(name), depth, look)
        if notes.get(name):
            part[0] += f" {notes[name]}"
        lines += part
    return lines


def render(value: Value, look: Look) -> str:
    """A value in one line, as far as it fits one; nested values in JSON-like notation.

    >>> render({"a": (1, Secret("x"))}, Look())
    '{a: [1, [secret]]}'
    """
    match value:
        case Mapping():
            return "{" + ", ".join(f"{key}: {render(item, look)}" for key, item in sorted(value.items())) + "}"
        case tuple():
            return "[" + ", ".join(render(item, look) for item in value) + "]"
        case _:
            return _scalar(value, look)


def _labelled(label: str, value: Value, depth: int, look: Look, sign: str, op: Op | None) -> list[str]:
    indent = " " * (4 * depth - 2)
    first, *rest = _lines(value, depth, look, sign, op)
    return [_paint(f"{indent}{sign}{label}{first}", look, op), *rest]


def _lines(value: Value, depth: int, look: Look, sign: str, op: Op | None) -> list[str]:
    """First line (without indent and sign) and the further lines (with both)."""
    value = _opened(value, look)
    close = " " * (4 * depth - 2) + sign
    match value:
        case Mapping() if value:
            inner = whole_map(value, depth=depth + 1, look=look, op=op, sign=sign)
            return ["{", *inner, _paint(f"{close}}}", look, op)]
        case tuple() if value:
            lines = ["["]
            for index, item in enumerate(value):
                lines += _labelled(f"[{index}]: ", item, depth + 1, look, sign, op)
            return [*lines, _paint(f"{close}]", look, op)]
        case str() if (decoded := _decoded(value)) is not None:
            first, *rest = _lines(decoded, depth, look, sign, op)
            return [f"(json) {first}", *rest]
        case str() if "\n" in value.rstrip("\n"):
            shown = [plain(line) for line in value.splitlines()]
            if not look.full and len(shown) > MOST_LINES:
                shown = [*shown[:MOST_LINES], "..."]
            margin = " " * (4 * (depth + 1))
            quoted = [f'"{shown[0]}', *(f"{margin}{line}" for line in shown[1:])]
            quoted[-1] += '"'
            return [quoted[0], *(_paint(line, look, op) for line in quoted[1:])]
        case _:
            return [_scalar(value, look)]


class Withheld(str):
    """Stands for a value that a person does not want to see the changes of; equal values have equal stand-ins."""

    __slots__ = ()


def withheld(value: Value, hidden: Sequence[paths.Path], at: paths.Path = ()) -> Value:
    """The value, with stand-ins at the hidden paths."""
    if at and any(paths.contains(path, at) for path in hidden):
        return Withheld(render(value, Look(show_secrets=True, full=True)))
    match value:
        case Mapping():
            return {key: withheld(item, hidden, (*at, key)) for key, item in value.items()}
        case tuple():
            return tuple(withheld(item, hidden, (*at, index)) for index, item in enumerate(value))
        case _:
            return value


def _changed(label: str, old: Value, new: Value, depth: int, look: Look) -> list[str]:
    if isinstance(old, Withheld) or isinstance(new, Withheld):
        sign = "  " if values.same(old, new) else "+ " if old is None else "- " if new is None else "~ "
        return [f"{' ' * (4 * depth - 2)}{sign}{label}(hidden)"]
    if values.same(old, new):
        return _labelled(label, new, depth, look, "  ", None)
    if old is None:
        return _labelled(label, new, depth, look, "+ ", Op.CREATE)
    if new is None:
        return _labelled(label, old, depth, look, "- ", Op.DELETE)
    if not (_hidden(old, look) or _hidden(new, look)):
        nested = _changed_inside(label, _opened(old, look), _opened(new, look), depth, look)
        if nested:
            return nested
    line = f"{' ' * (4 * depth - 2)}~ {label}{_short(old, look)} => {_short(new, look)}"
    return [_paint(line, look, Op.UPDATE)]


def _changed_inside(label: str, old: Value, new: Value, depth: int, look: Look) -> list[str]:
    """The lines of a change inside two maps, arrays or long texts; none when they have no common shape."""
    indent = " " * (4 * depth - 2)
    if isinstance(old, str) and isinstance(new, str):
        before, after = _decoded(old), _decoded(new)
        if before is not None and after is not None and not values.same(before, after):
            return _changed_inside(f"{label}(json) ", before, after, depth, look)
        if "\n" in old.strip() or "\n" in new.strip():
            return [_paint(f"{indent}~ {label}", look, Op.UPDATE).rstrip(), *_text_diff(old, new, depth + 1, look)]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        inner, brackets = changed_map(old, new, depth=depth + 1, look=look), "{}"
    elif isinstance(old, tuple) and isinstance(new, tuple):
        inner, brackets = _changed_items(old, new, depth + 1, look), "[]"
    else:
        return []
    opening = _paint(f"{indent}~ {label}{brackets[0]}", look, Op.UPDATE)
    return [opening, *inner, _paint(f"{indent}  {brackets[1]}", look, Op.UPDATE)]


def _changed_items(old: tuple[Value, ...], new: tuple[Value, ...], depth: int, look: Look) -> list[str]:
    lines: list[str] = []
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        if not values.same(before, after):
            lines += _changed(f"[{index}]: ", before, after, depth, look)
    return lines


def _text_diff(old: str, new: str, depth: int, look: Look) -> Iterator[str]:
    indent = " " * (4 * depth - 2)
    ops = {"+": Op.CREATE, "-": Op.DELETE}
    # The first two lines name the files and every `@@` the place: here the property says that.
    changes = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=_CONTEXT_LINES, lineterm=""))[2:]
    for line in changes:
        if line.startswith("@@"):
            continue
        yield _paint(f"{indent}{line[:1]} {plain(line[1:])}", look, ops.get(line[:1])).rstrip()


def _short(value: Value, look: Look) -> str:
    text = render(value, look)
    whole = look.full or isinstance(value, str) or len(text) <= LONGEST_LINE
    return text if whole else f"{text[:LONGEST_LINE]}..."


def _scalar(value: Value, look: Look) -> str:
    match value:
        case Secret():
            return render(value.value, look) if look.show_secrets else "[secret]"
        case Unknown():
            return "[unknown]"
        case None:
            return "<null>"
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value, look)
        case int() | float():
            return str(value)
        case Asset():
            return f"asset({_origin(value)}:{value.hash[:7]})"
        case Archive():
            return f"archive({_origin(value)}:{value.hash[:7]})"
        case ResourceReference():
            return f'"{value.id}"' if isinstance(value.id, str) else f'"{value.urn}"'
        case Mapping():
            return "{}" if not value else render(value, look)
        case _:
            return "[]" if not value else render(value, look)


def _quoted(text: str, look: Look) -> str:
    shown = plain(text).rstrip("\n")
    if not look.full and len(shown) > LONGEST_LINE:
        shown = f"{shown[:LONGEST_LINE]}..."
    # As upstream quotes a text: a Snowflake name's own quotes are not taken for the end of it.
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _origin(value: Asset | Archive) -> str:
    if value.uri is not None:
        return "uri"
    if isinstance(value, Asset) and value.text is not None:
        return "text"
    return "file" if value.path is not None else "assets"


def _decoded(text: str) -> Value:
    """The value of a text that is a JSON object or array, None for any other text."""
    if text.strip()[:1] not in ("{", "["):
        return None
    try:
        decoded = json.loads(text)
    except ValueError:
        return None
    return values.freeze(decoded) or None


def _opened(value: Value, look: Look) -> Value:
    return values.reveal(value) if look.show_secrets else value


def _hidden(value: Value, look: Look) -> bool:
    return isinstance(value, Secret) and not look.show_secrets


def _paint(line: str, look: Look, op: Op | None) -> str:
    return look.painter.op(line, op) if op is not None else line
