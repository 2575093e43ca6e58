"""Programs of twenty to forty resources, and the changes that the next version of each brings."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

HEADER = """\
import pulumi
from pulumi import ResourceOptions as Options


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("test:index:Thing", name, {"serial": None, "echo": None, **inputs}, opts)


class Unique(pulumi.CustomResource):
    def __init__(self, resource, opts=None, **inputs):
        super().__init__("test:index:Unique", resource, {"serial": None, "echo": None, **inputs}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)


group = Group("group")
"""

WAITING = HEADER + "a = Thing('a', zone='x')\nThing('b', zone='x', source=a.serial, fault='waits')\n"
"""Its second call is carried out when the service is told to."""


@dataclass(frozen=True)
class Wanted:
    """One resource of a program.

    Attributes:
        unique: has a name that no other object may have, so that its old object goes first.
        zone: another one needs another object.
        source: which resource's output it takes, "" for none.
    """

    name: str
    size: int
    zone: str
    source: str = ""
    unique: bool = False
    grouped: bool = False

    def render(self, stack: str) -> str:
        """Its lines."""
        inputs = [f"size={self.size}", f"zone={self.zone!r}"]
        if self.unique:
            inputs.append(f"name='{stack}-{self.name}'")
        if self.source:
            inputs.append(f"source={self.source}.serial")
        if self.grouped:
            # Part of its URN: it never changes.
            inputs.append("opts=Options(parent=group)")
        return f"{self.name} = {'Unique' if self.unique else 'Thing'}('{self.name}', {', '.join(inputs)})"


@dataclass(frozen=True)
class Program:
    """A version of a program: its resources in order."""

    resources: tuple[Wanted, ...]

    def render(self, stack: str) -> str:
        """Its text."""
        return HEADER + "\n".join(resource.render(stack) for resource in self.resources) + "\n"


def versions(chance: random.Random, count: int) -> tuple[Program, ...]:
    """A program and what becomes of it: resources come, go, change in place and are replaced."""
    made = chance.randint(20, 40)
    resources = tuple(_new(chance, f"r{number}", number) for number in range(made))
    programs = [Program(resources)]
    for version in range(1, count):
        programs.append(_next(chance, programs[-1], version))
    return tuple(programs)


def _new(chance: random.Random, name: str, number: int) -> Wanted:
    source = f"r{chance.randrange(max(0, number - 8), number)}" if number and chance.random() < 0.6 else ""
    return Wanted(
        name, chance.randint(1, 9), chance.choice("xy"), source, chance.random() < 0.25, chance.random() < 0.4
    )


def _next(chance: random.Random, program: Program, version: int) -> Program:
    kept = [_changed(chance, resource) for resource in program.resources if chance.random() < 0.8]
    names = {resource.name for resource in kept}
    kept = [resource if resource.source in names else replace(resource, source="") for resource in kept]
    fresh = [
        Wanted(f"v{version}n{number}", chance.randint(1, 9), "x", chance.choice(sorted(names)))
        for number in range(chance.randint(2, 8))
    ]
    return Program((*kept, *fresh))


def _changed(chance: random.Random, resource: Wanted) -> Wanted:
    what = chance.random()
    if what < 0.3:
        return replace(resource, size=resource.size % 9 + 1)
    if what < 0.45:
        return replace(resource, zone="y" if resource.zone == "x" else "x")
    return resource
