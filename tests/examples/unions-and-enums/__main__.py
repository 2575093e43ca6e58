"""Values of one type or another, told apart by a field; enums of texts and numbers; both given as they please."""

from enum import Enum, IntEnum
from typing import Literal, TypedDict

import pulumi
from pulumi_more_kinds import Primitive
from wanted import COUNT


class Size(float, Enum):
    HALF = 0.5
    WHOLE = 1.0


class Level(IntEnum):
    LOW = 1
    HIGH = 9


class Color(str, Enum):  # noqa: UP042  # as generated packages have it
    RED = "red"


@pulumi.input_type
class RingArgs:
    def __init__(self, *, kind: pulumi.Input[str], inner_radius: pulumi.Input[int], color=None):
        pulumi.set(self, "kind", kind)
        pulumi.set(self, "inner_radius", inner_radius)
        pulumi.set(self, "color", color)

    @property
    @pulumi.getter
    def kind(self) -> pulumi.Input[str]:
        return pulumi.get(self, "kind")

    @property
    @pulumi.getter(name="innerRadius")
    def inner_radius(self) -> pulumi.Input[int]:
        return pulumi.get(self, "inner_radius")

    @property
    @pulumi.getter
    def color(self) -> pulumi.Input[Color] | None:
        return pulumi.get(self, "color")


class BoxArgsDict(TypedDict):
    kind: Literal["box"]
    edges: list[pulumi.Input[int]]


first = Primitive("first", shape=RingArgs(kind="ring", inner_radius=COUNT, color=Color.RED), size=Size.HALF)
box: BoxArgsDict = {"kind": "box", "edges": [1, COUNT, pulumi.Output.secret(3)]}
second = Primitive(
    "second",
    shape=box,
    shapes=[RingArgs(kind="ring", inner_radius=first.shape["innerRadius"]), box],
    level=Level.HIGH,
    size=pulumi.Output.from_input(Size.WHOLE),
)
pulumi.export("shape", first.shape)
pulumi.export("kinds", second.shapes.apply(lambda shapes: [shape["kind"] for shape in shapes]))
pulumi.export("sizes", [first.size, second.size, second.level, Color.RED])
