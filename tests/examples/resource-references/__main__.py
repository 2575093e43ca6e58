"""Resources as values: of a component's outputs, of another's inputs."""

import pulumi
from pulumi_testprovider import Echo


class Outer(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:module:Outer", name, {}, opts)
        self.inner = Echo("inner", pulumi.ResourceOptions(parent=self), echo="inner")
        self.register_outputs({"inner": self.inner, "word": self.inner.echo})


outer = Outer("outer")
Echo("taking", echo=outer.inner)
pulumi.export("echo", outer.inner.echo)
pulumi.export("whole_urn", outer.inner.urn)
