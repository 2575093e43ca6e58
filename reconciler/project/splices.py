"""Which lines of a YAML text are one entry, so that it can be cut out and the comments around it stay."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import cast

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.model.paths import Path, Step
from reconciler.project.documents import children, compose


@dataclass(frozen=True, slots=True)
class EntryLines:
    """An entry's place in a text.

    Attributes:
        first, last: numbers of its lines, from 0.
        prefix: what stands before the entry in its first line: spaces, and a dash before an item.
    """

    first: int
    last: int
    prefix: str

    def indent(self, entry: str) -> str:
        """The lines of another entry for the same container."""
        inner = " " * len(self.prefix)
        lines = entry.splitlines(keepends=True)
        return self.prefix + "".join(
            line if line.isspace() or not at else inner + line for at, line in enumerate(lines)
        )


def find_entry_lines(file: FilePath, text: str, path: Path) -> EntryLines | None:
    """The lines that belong to the entry at a path and to nothing else; None where there are no such lines."""
    if file.suffix == ".json":
        return None
    parent = compose(file, text)
    for step in path[:-1]:
        parent = _value(parent, step)
    node = _value(parent, path[-1])
    if parent is None or node is None or _is_flow(parent) or _has_anchor(node):
        return None
    start = _key(parent, path[-1]) or node
    line, column = start.start_mark.line, start.start_mark.column
    before = text.splitlines()[line][:column]
    # An item's own line begins with its dash; an entry after a dash shares its line with the item.
    if before.strip() != ("-" if isinstance(parent, SequenceNode) else ""):
        return None
    return EntryLines(line, max(line, _last_line(node)), before)


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    return cast("list[tuple[Node, Node]]", node.value) if isinstance(node, MappingNode) else []


def _key(node: Node, step: Step) -> Node | None:
    return next((key for key, _ in _pairs(node) if key.value == step), None)


def _value(node: Node | None, step: Step) -> Node | None:
    if isinstance(node, SequenceNode):
        items = children(node)
        return items[step] if isinstance(step, int) and step < len(items) else None
    return next((value for key, value in _pairs(node) if key.value == step), None)


def _is_flow(node: Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def _has_anchor(node: Node) -> bool:
    return node.anchor is not None or any(_has_anchor(child) for child in children(node))


def _last_line(node: Node) -> int:
    if isinstance(node, ScalarNode) and not node.value and node.style is None:
        # Nothing stands there; its mark may be that of the next entry.
        return 0
    inside = children(node)
    if inside and not _is_flow(node):
        return max(_last_line(child) for child in inside)
    end = node.end_mark
    # A block text ends where the next line begins.
    ends_before = end.column == 0 and end.line > node.start_mark.line
    return int(end.line) - int(ends_before)
