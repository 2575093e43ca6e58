"""What Pulumi.yaml declares of a config key: type, default, value, secret.

Source: facts/engine-contract.md §1.10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.project.config_keys import parse_key

TYPES: Final = ("string", "integer", "boolean", "array", "object")
_WORDS: Final = frozenset({"type", "description", "items", "default", "value", "secret"})
_WHOLE: Final = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, slots=True)
class Shape:
    """A type, and for an array that of its items."""

    type: str
    items: Shape | None = None

    def __str__(self) -> str:
        return f"array<{self.items}>" if self.items is not None else self.type

    def fits(self, value: object) -> bool:
        """Is plain data of this type? Whole floats and texts of digits are integers.

        >>> Shape("integer").fits("5"), Shape("array", Shape("string")).fits([1])
        (True, False)
        """
        match self.type:
            case "string":
                return isinstance(value, str)
            case "integer":
                if isinstance(value, str):
                    return _WHOLE.fullmatch(value) is not None
                return not isinstance(value, bool) and isinstance(value, (int, float)) and float(value).is_integer()
            case "boolean":
                return isinstance(value, bool) or value in ("true", "false")
            case "object":
                return isinstance(value, Mapping)
            case _:
                items = self.items
                return isinstance(value, list) and (items is None or all(items.fits(item) for item in value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One key of `config` in Pulumi.yaml.

    Attributes:
        shape: None where any value will do.
        default: taken where the stack has no value; None where there is none.
        value: the same, for keys of other packages too.
    """

    key: str
    shape: Shape | None = None
    description: str = ""
    default: object = None
    value: object = None
    secret: bool = False

    @property
    def fallback(self) -> object:
        """What stands in for a value that the stack does not have."""
        return self.default if self.value is None else self.value


def parse_declarations(path: Path, project: str, data: Mapping[str, object]) -> Mapping[str, Declaration]:
    """Full key -> declaration.

    Raises:
        ProjectError: one is not right; it names file and key.
    """
    declarations: dict[str, Declaration] = {}
    for written, content in data.items():
        try:
            key = parse_key(written, project)
        except errors.UsageError as error:
            raise errors.ProjectError(error.detail, file=str(path), key=f"config.{written}") from error
        if key in declarations:
            raise errors.ProjectError("the key is there twice", file=str(path), key=f"config.{written}")
        declarations[key] = _Parser(path, f"config.{written}").parse(key, content, own=key.startswith(f"{project}:"))
    return declarations


class _Parser:
    """Reads one declaration; knows where it stands, for errors."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self._place = place

    def parse(self, key: str, content: object, *, own: bool) -> Declaration:
        if not isinstance(content, dict):
            # A bare value.
            return Declaration(key=key, default=content) if own else Declaration(key=key, value=content)
        unknown = sorted(content.keys() - _WORDS)
        if not own:
            return self._foreign(key, content, unknown)
        if unknown:
            raise self._error(f"unknown key {unknown[0]!r}; expected {', '.join(sorted(_WORDS))}")
        default, value = content.get("default"), content.get("value")
        if default is not None and value is not None:
            raise self._error("it has both a default and a value")
        shape = self._shape(content)
        fallback = default if value is None else value
        if shape is not None and fallback is not None and not shape.fits(fallback):
            raise self._error(f"the default is not of type {shape}")
        description, secret = content.get("description"), content.get("secret", False)
        if not isinstance(secret, bool):
            raise self._error("expected true or false for `secret`")
        return Declaration(
            key=key,
            shape=shape,
            description="" if description is None else str(description),
            default=default,
            value=value,
            secret=secret,
        )

    def _foreign(self, key: str, content: Mapping[str, object], unknown: list[str]) -> Declaration:
        if unknown:
            # Not a declaration: an object as value.
            return Declaration(key=key, value=content)
        refused = sorted(content.keys() - {"value", "description", "secret"})
        if refused:
            raise self._error(f"it belongs to another package and cannot have {refused[0]!r} here; give it a `value`")
        return Declaration(key=key, value=content.get("value"), secret=content.get("secret") is True)

    def _shape(self, content: Mapping[str, object]) -> Shape | None:
        type, items = content.get("type"), content.get("items")
        if type is None:
            if items is not None:
                raise self._error("it has `items` and is no array")
            return None
        if type not in TYPES:
            raise self._error(f"type {type!r} is not one of {', '.join(TYPES)}")
        if type != "array":
            return Shape(str(type))
        if not isinstance(items, dict) or "type" not in items:
            raise self._error("an array needs `items` with a `type`")
        return Shape("array", self._shape(items))

    def _error(self, detail: str) -> errors.ProjectError:
        return errors.ProjectError(detail, file=str(self._path), key=self._place)
