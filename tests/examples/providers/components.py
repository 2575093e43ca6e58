"""Components that a plugin builds, by the SDK's own host: the form that Pulumi's documentation shows."""

from typing import TypedDict

import pulumi
import servicers  # noqa: F401
from pulumi.provider.experimental import component_provider_host


class Echo(pulumi.CustomResource):
    """A child of another package."""

    def __init__(self, name, opts=None, **inputs):
        super().__init__("testprovider:index:Echo", name, inputs, opts)


class Port(TypedDict):
    """A nested type."""

    number: pulumi.Input[int]
    protocol: pulumi.Input[str] | None


class ServiceArgs(TypedDict):
    """What a service takes."""

    image: pulumi.Input[str]
    ports: list[Port]
    password: pulumi.Input[str] | None


class Service(pulumi.ComponentResource):
    """A service of two children."""

    address: pulumi.Output[str]
    password: pulumi.Output[str | None]

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("parts:index:Service", name, {}, opts)
        image = Echo(f"{name}-image", pulumi.ResourceOptions(parent=self), echo=args["image"])
        for place, port in enumerate(args["ports"]):
            Echo(f"{name}-port-{place}", pulumi.ResourceOptions(parent=image), echo=int(port["number"]))
        self.address = pulumi.Output.format("{0}:{1}", image.id, int(args["ports"][0]["number"]))
        self.password = pulumi.Output.from_input(args.get("password"))
        self.register_outputs({"address": self.address, "password": self.password})


if __name__ == "__main__":
    component_provider_host(name="parts", components=[Service])
