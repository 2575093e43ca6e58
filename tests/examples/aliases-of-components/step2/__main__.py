"""After: other names, types and parents, with aliases of every form; nothing is made or deleted."""

import pulumi
from pulumi import Alias, ResourceOptions
from pulumi_testprovider import Echo


class Component(pulumi.ComponentResource):
    def __init__(self, kind, name, opts=None, child="child", child_opts=None):
        super().__init__(f"my:module:{kind}", name, None, opts)
        if child:
            Echo(f"{name}-{child}", ResourceOptions.merge(ResourceOptions(parent=self), child_opts), echo="x")


Echo("after", ResourceOptions(aliases=[Alias(name="before")]), echo="x")
Component("Renamed", "comp1new", ResourceOptions(aliases=[Alias(name="comp1")]))
Component("Retyped2", "comp2", ResourceOptions(aliases=[Alias(type_="my:module:Retyped")]))
comp3 = Component("Adopting", "comp3", child="")
Echo("adopted", ResourceOptions(parent=comp3, aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)]), echo="x")
Component("Extracting", "comp4", child="")
where = "urn:pulumi:dev::aliases-of-components::my:module:Extracting$testprovider:index:Echo::comp4-free"
Echo("comp4-free", ResourceOptions(aliases=[where]), echo="x")
outer = Component("Outer2", "comp5", ResourceOptions(aliases=[Alias(type_="my:module:Outer")]), child="")
Component("Inner", "comp6new", ResourceOptions(parent=outer, aliases=[Alias(name="comp6")]))
