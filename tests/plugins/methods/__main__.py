"""A component with a method, in the older of the SDK's two forms."""

import sys

import pulumi
from pulumi import provider


class Counter(pulumi.ComponentResource):
    def __init__(self, name, start, opts=None):
        super().__init__("methods:index:Counter", name, {}, opts)
        self.start = pulumi.Output.from_input(start)
        self.register_outputs({"start": self.start})


class Methods(provider.Provider):
    def __init__(self):
        super().__init__("1.0.0")

    def construct(self, name, resource_type, inputs, options=None):
        counter = Counter(name, inputs["start"], options)
        return provider.ConstructResult(urn=counter.urn, state={"start": counter.start})

    def call(self, token, args):
        if token != "methods:index:Counter/add":
            return provider.CallResult({}, [provider.CheckFailure("by", f"there is no {token}")])
        return provider.CallResult({"sum": pulumi.Output.from_input(args["by"]).apply(lambda by: by + 1)})


provider.main(Methods(), sys.argv[1:])
