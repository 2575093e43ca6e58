"""Semantic versions and ranges of them, as `requiredPulumiVersion` writes them.

Source: facts/engine-contract.md §1.7; the syntax is that of Go's blang/semver `ParseRange`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Final

CONTRACT: Final = "3.272.0"
"""The version of the SDK whose contract this engine keeps. Programs and projects compare it."""

_VERSION: Final = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_WILDCARD: Final = re.compile(r"(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?\.[xX*]")
_COMPARATOR: Final = re.compile(r"(<=|>=|==|!=|<|>|=|!|)\s*([^\s<>=!]+)\s*")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """One version, without its build metadata, which orders nothing. Numbers of the pre-release are ints."""

    major: int
    minor: int
    patch: int
    pre_release: tuple[int | str, ...] = ()

    def __lt__(self, other: Version) -> bool:
        return self._rank() < other._rank()

    def _rank(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        # A release comes after its pre-releases; in those, numbers come before words.
        parts = tuple((False, part, "") if isinstance(part, int) else (True, 0, part) for part in self.pre_release)
        return (self.major, self.minor, self.patch, not parts, parts)


@dataclass(frozen=True, slots=True)
class _Span:
    """Versions from `start` (None: from the first one) up to, but without, `end` (None: no end)."""

    start: Version | None
    end: Version | None
    excludes_start: bool = False
    includes_end: bool = False

    def has(self, version: Version) -> bool:
        after = self.start is None or version > self.start or (version == self.start and not self.excludes_start)
        before = self.end is None or version < self.end or (version == self.end and self.includes_end)
        return after and before


@dataclass(frozen=True, slots=True)
class Range:
    """A set of versions: of the alternatives one must hold, of its comparators all, of a comparator's spans one."""

    alternatives: tuple[tuple[tuple[_Span, ...], ...], ...]

    def has(self, version: Version) -> bool:
        """Is the version in the range?"""
        return any(
            all(any(span.has(version) for span in spans) for spans in comparators) for comparators in self.alternatives
        )


def parse_version(text: str) -> Version:
    """A version of a text; a leading `v` is tolerated.

    >>> parse_version("v3.1.0-rc.2+build") < parse_version("3.1.0")
    True

    Raises:
        ValueError: it is not a semantic version.
    """
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a version of the form 1.2.3")
    major, minor, patch, pre_release = match.groups()
    identifiers = pre_release.split(".") if pre_release else []
    parts = tuple(int(part) if part.isdecimal() else part for part in identifiers)
    return Version(int(major), int(minor), int(patch), parts)


def parse_range(text: str) -> Range:
    """A range of a text: comparators that must all hold, side by side; `||` between alternatives.

    >>> parse_range(">=3.5.0 !3.7.7 || 2.x").has(parse_version("3.7.7"))
    False

    Raises:
        ValueError: it is not a range.
    """
    return Range(tuple(_parse_comparators(alternative) for alternative in text.split("||")))


def _parse_comparators(text: str) -> tuple[tuple[_Span, ...], ...]:
    rest = text.strip()
    if not rest:
        raise ValueError("a comparator is missing")
    found: list[tuple[_Span, ...]] = []
    while rest:
        match = _COMPARATOR.match(rest)
        if match is None:
            raise ValueError(f"{rest!r} is not a comparator")
        found.append(_spans(match[1], match[2]))
        rest = rest[match.end() :]
    return tuple(found)


def _spans(operator: str, text: str) -> tuple[_Span, ...]:
    """What one comparator allows. `1.2.x` stands for all versions from 1.2.0 until 1.3.0."""
    wildcard = _WILDCARD.fullmatch(text)
    if wildcard is not None:
        major, minor = int(wildcard[1]), wildcard[2]
        first = Version(major, int(minor or 0), 0)
        after = Version(major + 1, 0, 0) if minor is None else Version(major, int(minor) + 1, 0)
    else:
        first = after = parse_version(text)
    whole = wildcard is not None
    match operator:
        case "" | "=" | "==":
            return (_Span(first, after, includes_end=not whole),)
        case "!" | "!=":
            return (_Span(None, first), _Span(after, None, excludes_start=not whole))
        case "<":
            return (_Span(None, first),)
        case "<=":
            return (_Span(None, after, includes_end=not whole),)
        case ">":
            return (_Span(after, None, excludes_start=not whole),)
        case _:
            return (_Span(first, None),)
