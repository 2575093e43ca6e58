"""Which recorded resource a goal continues. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from reconciler.model import urns
from reconciler.model.goals import Alias, Goal

T = TypeVar("T")


def find_prior(goal: Goal, recorded: Mapping[str, T], renamed: Mapping[str, str]) -> T | None:
    """The record under the goal's own URN, else under the first of its aliases that has one.

    Args:
        renamed: URN of this run -> the recorded URN that it continues, where an alias made them differ.
    """
    if goal.urn in recorded:
        return recorded[goal.urn]
    return next((recorded[urn] for urn in alias_urns(goal, renamed) if urn in recorded), None)


def alias_urns(goal: Goal, renamed: Mapping[str, str]) -> tuple[str, ...]:
    """Every other URN that the goal may have had, in the order in which they are looked up, each once."""
    found = [urn for alias in goal.aliases for urn in _expanded(goal, alias, renamed)]
    found += _under_old_parent(goal, goal.name, goal.type, renamed)
    return tuple(dict.fromkeys(urn for urn in found if urn != goal.urn))


def _expanded(goal: Goal, alias: Alias, renamed: Mapping[str, str]) -> Iterator[str]:
    if alias.urn:
        yield alias.urn
        return
    parent = "" if alias.no_parent else (alias.parent or goal.parent)
    name, token = alias.name or goal.name, alias.type or goal.type
    stack, project = alias.stack or urns.stack(goal.urn), alias.project or urns.project(goal.urn)
    if not alias.no_parent and parent in renamed:
        yield urns.build(stack, project, renamed[parent], token, name)
    yield urns.build(stack, project, parent, token, name)
    if not alias.no_parent and alias.parent is None:
        yield from _under_old_parent(goal, name, token, renamed)


def _under_old_parent(goal: Goal, name: str, token: str, renamed: Mapping[str, str]) -> Iterator[str]:
    """The child of a renamed parent: with the old parent's name in its own where it began with the new one's."""
    old_parent = renamed.get(goal.parent)
    if old_parent is None:
        return
    new_name, old_name = urns.name(goal.parent), urns.name(old_parent)
    stack, project = urns.stack(old_parent), urns.project(old_parent)
    if name.startswith(new_name):
        yield urns.build(stack, project, old_parent, token, f"{old_name}{name[len(new_name) :]}")
    yield urns.build(stack, project, old_parent, token, name)
