"""A provider of components, as Pulumi's documentation has one."""

from typing import TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class Part(pulumi.CustomResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("test:index:Thing", name, {"serial": None, "echo": None, **inputs}, opts)


class StoreArgs(TypedDict):
    size: pulumi.Input[int]
    password: pulumi.Input[str] | None
    fault: pulumi.Input[str] | None


class Store(pulumi.ComponentResource):
    echo: pulumi.Output[str]
    """What the first part says."""
    password: pulumi.Output[str | None]

    def __init__(self, name: str, args: StoreArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("parts:index:Store", name, {}, opts)
        inputs = {key: args[key] for key in ("size", "password", "fault") if args.get(key) is not None}
        first = Part(f"{name}-first", pulumi.ResourceOptions(parent=self), **inputs)
        Part(f"{name}-second", pulumi.ResourceOptions(parent=self), source=first.serial)
        self.echo = first.echo
        self.password = pulumi.Output.from_input(args.get("password"))
        self.register_outputs({"echo": self.echo, "password": self.password})


if __name__ == "__main__":
    component_provider_host(name="parts", components=[Store])
