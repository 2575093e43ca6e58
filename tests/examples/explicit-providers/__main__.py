"""Providers with settings of their own, passed on to resources, children, components and functions."""

import pulumi
from kinds import kind, provider
from where import REGION

Provider, Resource = provider("config"), kind("config:index:Resource")
Other = provider("simple-invoke")
explicit = Provider("explicit", region=REGION, list=["1", "2"], token=pulumi.Output.secret("s3cret-canary"))
other = Other("other")


def settings(**options):
    return pulumi.runtime.invoke_output("config:index:settings", {}, pulumi.InvokeOptions(**options))


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:component:Group", name, {}, opts)
        self.child = Resource(f"{name}-child", pulumi.ResourceOptions(parent=self), text="child")
        nested = pulumi.ResourceOptions(parent=self.child)
        self.grandchild = Resource(f"{name}-grandchild", nested, text="grandchild")
        self.register_outputs({})


by_default = Resource("by-default", text="default")
by_hand = Resource("by-hand", pulumi.ResourceOptions(provider=explicit), text="explicit")
below = Resource("below", pulumi.ResourceOptions(parent=by_hand), text="inherits")
with_one = Group("with-one", pulumi.ResourceOptions(provider=explicit))
with_many = Group("with-many", pulumi.ResourceOptions(providers={"config": explicit, "simple-invoke": other}))

pulumi.export("default_region", settings()["region"])
pulumi.export("explicit_region", settings(provider=explicit)["region"])
pulumi.export(
    "list",
    settings(provider=explicit)["list"].apply(
        lambda said: said if isinstance(said, list) else pulumi.Output.json_loads(said)
    ),
)
pulumi.export("inherited", settings(parent=below)["region"])
pulumi.export("component", settings(parent=with_one.grandchild)["region"])
pulumi.export("both", settings(parent=with_many)["region"])
