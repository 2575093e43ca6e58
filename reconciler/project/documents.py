"""YAML and JSON files of a project: read with limits, changed in place, written whole.

Comments, order and quoting of what is not changed survive. Errors name file,
line and column.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
from collections.abc import Mapping, MutableMapping
from datetime import date
from pathlib import Path
from typing import Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler import errors

MAX_BYTES: Final = 1_000_000
# Values after aliases are followed: a few lines of aliases can stand for more than a machine holds.
MAX_VALUES: Final = 100_000
_TAG_PREFIX: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset({"str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value"})
# Lines are never folded.
_WIDTH: Final = 1 << 20
_INDENTED_LIST: Final = re.compile(r"^( *)[^\s#-][^\n]*:[ ]*\n\1( *)- ", re.MULTILINE)


class Document:
    """One file's data, to read and to change. Make it by `read_document` or `parse_document`.

    Attributes:
        indents_lists: do lists stand further in than their key?
    """

    def __init__(
        self, path: Path, data: MutableMapping[str, object], *, indents_lists: bool = False, comments: str = ""
    ) -> None:
        self.path = path
        self.data = data
        self.indents_lists = indents_lists
        self._comments = comments

    def render(self) -> str:
        """The file's text as it would be written."""
        if self.path.suffix == ".json":
            return json.dumps(plain(self.data), indent=4, ensure_ascii=False) + "\n"
        return render_yaml(self.data, indents_lists=self.indents_lists) if self.data else self._comments

    def write(self) -> None:
        """Replace the file, whole or not at all; links are followed and permissions kept.

        Raises:
            ProjectError: the system refuses.
        """
        write_text(self.path, self.render())


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Replace a file, whole or not at all, also through a link.

    Args:
        private: nobody else may read a file that is made anew.

    Raises:
        ProjectError: the system refuses.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else (0o600 if private else 0o644)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise errors.ProjectError(str(error.strerror or error), file=str(path)) from error


def read_document(path: Path) -> Document:
    """Read a file that holds a mapping; one that is empty holds an empty one.

    Raises:
        ProjectError: it cannot be read, is too large, malformed, or holds something else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise errors.ProjectError(str(error.strerror or error), file=str(path)) from error
    if len(content) > MAX_BYTES:
        raise errors.ProjectError(f"it is larger than {MAX_BYTES} bytes", file=str(path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.ProjectError(f"byte {error.start} is not UTF-8", file=str(path)) from error
    return parse_document(path, text)


def parse_document(path: Path, text: str) -> Document:
    """Read a text as the content of a file of this name.

    Raises:
        ProjectError: as `read_document`.
    """
    try:
        data = _parse_json(path, text) if path.suffix == ".json" else _parse_yaml(path, text)
    except RecursionError as error:
        raise errors.ProjectError("it is nested too deeply", file=str(path)) from error
    if not isinstance(data, MutableMapping):
        raise errors.ProjectError("expected a mapping of keys to values", file=str(path))
    indented = _INDENTED_LIST.search(text)
    comments = text if not data and path.suffix != ".json" and text.lstrip().startswith("#") else ""
    return Document(path, data, indents_lists=indented is not None and bool(indented.group(2)), comments=comments)


def render_yaml(data: object, *, indents_lists: bool) -> str:
    """YAML of a mapping or a list."""
    text = io.StringIO()
    _yaml(indents_lists=indents_lists).dump(data, text)
    return text.getvalue()


def compose(path: Path, text: str) -> Node | None:
    """The nodes of a YAML text, with their places in it; None when there are none.

    Raises:
        ProjectError: malformed, or too much after aliases are followed.
    """
    try:
        root = cast("Node | None", _yaml().compose(text))
    except YAMLError as error:
        raise _malformed(path, error) from error
    if root is not None and _count(root, {}, set()) > MAX_VALUES:
        raise errors.ProjectError(f"its aliases stand for more than {MAX_VALUES} values", file=str(path))
    if root is not None:
        _check_plain(path, root)
    return root


def plain(value: object) -> object:
    """Data without comments and styles: dict, list, str, int, float, bool, None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, date):
        # Only YAML knows dates; everywhere else they are text.
        return value.isoformat()
    return str(value)


def plain_map(value: object) -> dict[str, object]:
    """`plain` for a mapping; empty for anything else."""
    data = plain(value)
    return data if isinstance(data, dict) else {}


def _yaml(*, indents_lists: bool = False) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    # YAML lets an anchor be used again; Python's warning of it would land on the person's terminal.
    yaml.composer.warn_double_anchors = False
    yaml.width = _WIDTH
    if indents_lists:
        yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _parse_json(path: Path, text: str) -> object:
    if not text.strip():
        return {}
    try:
        return cast("object", json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_twins))
    except json.JSONDecodeError as error:
        raise errors.ProjectError(f"line {error.lineno}, column {error.colno}: {error.msg}", file=str(path)) from error
    except ValueError as error:
        raise errors.ProjectError(str(error), file=str(path)) from error


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is not a JSON number")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) < len(pairs):
        twin = next(key for at, (key, _) in enumerate(pairs) if key in dict(pairs[:at]))
        raise ValueError(f"the key {twin!r} is there twice")
    return data


def _parse_yaml(path: Path, text: str) -> object:
    if compose(path, text) is None:
        # A file of comments alone keeps them.
        data = CommentedMap()
        if text.strip():
            data.yaml_set_start_comment(
                "\n".join(line.lstrip().removeprefix("#").removeprefix(" ") for line in text.splitlines())
            )
        return data
    try:
        data = _yaml().load(text)
    except YAMLError as error:
        raise _malformed(path, error) from error
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        # A tag may promise what the text is not: `!!bool perhaps`.
        raise errors.ProjectError(str(error) or "a value is not what its tag says", file=str(path)) from error
    return {} if data is None else data


def _check_plain(path: Path, root: Node) -> None:
    """Refuse what no configuration holds: tags of one's own, sets, binary data, keys that are no texts, no numbers."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        tag = str(node.tag or "")
        word = tag.removeprefix(_TAG_PREFIX)
        if tag and word not in _TAGS:
            raise _at(path, node, f"the tag {tag} is not known")
        if word == "float" and str(node.value).lower().lstrip("+-") in (".nan", ".inf"):
            raise _at(path, node, f"{node.value} is not a number that a configuration can hold")
        if isinstance(node, MappingNode) and not all(isinstance(key, ScalarNode) for key, _ in node.value):
            raise _at(path, node, "a key is a list or a mapping")
        waiting.extend(children(node))


def _at(path: Path, node: Node, detail: str) -> errors.ProjectError:
    mark = node.start_mark
    return errors.ProjectError(f"line {mark.line + 1}, column {mark.column + 1}: {detail}", file=str(path))


def _malformed(path: Path, error: YAMLError) -> errors.ProjectError:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        problem = error.problem or "malformed"
        return errors.ProjectError(f"line {mark.line + 1}, column {mark.column + 1}: {problem}", file=str(path))
    return errors.ProjectError(str(error), file=str(path))


def _count(node: Node, known: dict[int, int], under_way: set[int]) -> int:
    """How many values a node stands for; more than allowed as soon as it contains itself."""
    if isinstance(node, ScalarNode):
        return 1
    if id(node) in under_way:
        return MAX_VALUES + 1
    if id(node) not in known:
        under_way.add(id(node))
        total = 1
        for child in children(node):
            total += _count(child, known, under_way)
        under_way.discard(id(node))
        known[id(node)] = total
    return known[id(node)]


def children(node: Node) -> list[Node]:
    """The nodes right inside a node, keys included."""
    if isinstance(node, MappingNode):
        return [part for pair in cast("list[tuple[Node, Node]]", node.value) for part in pair]
    return cast("list[Node]", node.value) if isinstance(node, SequenceNode) else []
