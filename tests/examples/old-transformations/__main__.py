"""The older transformations, run in the program: by resource, by component, by stack; one waits for a sibling."""

import asyncio

import pulumi
from pulumi_testprovider import Echo


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:component:Group", name, {}, opts)
        Echo(f"{name}-child", pulumi.ResourceOptions(parent=self), echo="hello")
        self.register_outputs({})


class Pair(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:component:Pair", name, {}, opts)
        for which in ("one", "two"):
            Echo(f"{name}-{which}", pulumi.ResourceOptions(parent=self), echo="hello")
        self.register_outputs({})


def secretly(args: pulumi.ResourceTransformationArgs):
    print(f"saw {args.name}")
    more = pulumi.ResourceOptions(additional_secret_outputs=["echo"])
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, more))


def setting(text):
    def transformation(args: pulumi.ResourceTransformationArgs):
        print(f"saw {args.name}")
        if args.type_ == "testprovider:index:Echo":
            return pulumi.ResourceTransformationResult({**args.props, "echo": text}, args.opts)
        return None

    return transformation


def one_of_two():
    second = asyncio.get_event_loop().create_future()

    def transformation(args: pulumi.ResourceTransformationArgs):
        if args.name.endswith("-two"):
            second.set_result(args.resource)
        elif args.name.endswith("-one"):

            async def of_second(_given):
                return (await second).echo

            echo = pulumi.Output.from_input(args.props["echo"]).apply(of_second)
            return pulumi.ResourceTransformationResult({**args.props, "echo": echo}, args.opts)
        return None

    return transformation


Echo("first", pulumi.ResourceOptions(transformations=[secretly]), echo="hello")
Group("outer", pulumi.ResourceOptions(transformations=[setting("default1"), setting("default2")]))
Pair("pair", pulumi.ResourceOptions(transformations=[one_of_two()]))
Pair("apart", pulumi.ResourceOptions(transformations=[]))
pulumi.runtime.register_stack_transformation(setting("for the stack"))
Echo("later", echo="hello")
