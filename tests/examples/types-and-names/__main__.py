"""Input and output types with names of their own on the wire, enums, and map keys that stay as they are."""

from enum import Enum

import pulumi


class Tree(str, Enum):  # noqa: UP042  # as generated packages have it
    RUBBER = "rubber"
    BURGUNDY = "burgundy"


@pulumi.input_type
class NestedArgs:
    def __init__(self, *, foo_bar: pulumi.Input[str], some_value: pulumi.Input[int]):
        pulumi.set(self, "foo_bar", foo_bar)
        pulumi.set(self, "some_value", some_value)

    @property
    @pulumi.getter(name="fooBar")
    def foo_bar(self) -> pulumi.Input[str]:
        return pulumi.get(self, "foo_bar")

    @property
    @pulumi.getter(name="someValue")
    def some_value(self) -> pulumi.Input[int]:
        return pulumi.get(self, "some_value")


@pulumi.output_type
class Nested(dict):
    def __init__(self, *, foo_bar: str, some_value: int):
        pulumi.set(self, "foo_bar", foo_bar)
        pulumi.set(self, "some_value", some_value)

    @property
    @pulumi.getter(name="fooBar")
    def foo_bar(self) -> str:
        return pulumi.get(self, "foo_bar")

    @property
    @pulumi.getter(name="someValue")
    def some_value(self) -> int:
        return pulumi.get(self, "some_value")


@pulumi.input_type
class PlantArgs:
    def __init__(self, *, tree_type=None, nested_value=None, list_of_nested=None, tags=None):
        pulumi.set(self, "tree_type", tree_type)
        pulumi.set(self, "nested_value", nested_value)
        pulumi.set(self, "list_of_nested", list_of_nested)
        pulumi.set(self, "tags", tags)

    @property
    @pulumi.getter(name="treeType")
    def tree_type(self) -> pulumi.Input[Tree]:
        return pulumi.get(self, "tree_type")

    @property
    @pulumi.getter(name="nestedValue")
    def nested_value(self) -> pulumi.Input[NestedArgs]:
        return pulumi.get(self, "nested_value")

    @property
    @pulumi.getter(name="listOfNested")
    def list_of_nested(self) -> pulumi.Input[list[pulumi.Input[NestedArgs]]]:
        return pulumi.get(self, "list_of_nested")

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Input[dict[str, pulumi.Input[str]]]:
        return pulumi.get(self, "tags")


class Plant(pulumi.CustomResource):
    def __init__(self, name, opts=None, **given):
        args = PlantArgs.__new__(PlantArgs)
        args.__dict__.update({"tree_type": None, "nested_value": None, "list_of_nested": None, "tags": None, **given})
        super().__init__("primitive:index:Resource", name, args, opts)

    @property
    @pulumi.getter(name="treeType")
    def tree_type(self) -> pulumi.Output[Tree]:
        return pulumi.get(self, "tree_type")

    @property
    @pulumi.getter(name="nestedValue")
    def nested_value(self) -> pulumi.Output[Nested]:
        return pulumi.get(self, "nested_value")

    @property
    @pulumi.getter(name="listOfNested")
    def list_of_nested(self) -> pulumi.Output[list[Nested]]:
        return pulumi.get(self, "list_of_nested")

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[dict[str, str]]:
        return pulumi.get(self, "tags")


plant = Plant(
    "plant",
    tree_type=Tree.RUBBER,
    nested_value=NestedArgs(foo_bar="x", some_value=2),
    list_of_nested=[NestedArgs(foo_bar="b", some_value=1)],
    tags={"a-b": "1", "snake_case": "2", "with space": "3"},
)
bare = Plant("bare", tree_type="burgundy")
pulumi.export("tree", plant.tree_type)
pulumi.export("farm", bare.tree_type)
pulumi.export("nested", plant.nested_value.some_value)
pulumi.export("first", plant.list_of_nested[0].foo_bar)
pulumi.export("keys", plant.tags.apply(sorted))
pulumi.export("listed", plant.list_of_nested.apply(lambda listed: listed[0].some_value))
