"""Before: components and resources that the second step renames, retypes, adopts and lets go."""

import pulumi
from pulumi_testprovider import Echo


class Component(pulumi.ComponentResource):
    def __init__(self, kind, name, opts=None, child="child"):
        super().__init__(f"my:module:{kind}", name, None, opts)
        if child:
            Echo(f"{name}-{child}", pulumi.ResourceOptions(parent=self), echo="x")


Echo("before", echo="x")
Component("Renamed", "comp1")
Component("Retyped", "comp2")
Echo("adopted", echo="x")
Component("Adopting", "comp3", child="")
Component("Extracting", "comp4", child="free")
outer = Component("Outer", "comp5", child="")
Component("Inner", "comp6", pulumi.ResourceOptions(parent=outer))
