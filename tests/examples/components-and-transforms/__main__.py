"""Transforms of a resource, of a component's children, of the whole stack and of invokes; one is a coroutine."""

import asyncio

import pulumi
import pulumi_simple_invoke as simple_invoke
from pulumi_testprovider import Echo, Random


def for_stack(args: pulumi.ResourceTransformArgs):
    if args.type_ != "testprovider:index:Echo":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "stack": True}, opts=args.opts)


def for_invokes(args: pulumi.InvokeTransformArgs):
    if args.token != "simple-invoke:index:myInvoke":
        return None
    return pulumi.InvokeTransformResult(args={"value": f"{args.args['value']} from a transform"}, opts=args.opts)


pulumi.runtime.register_resource_transform(for_stack)
pulumi.runtime.register_invoke_transform(for_invokes)


def loud(args: pulumi.ResourceTransformArgs):
    return pulumi.ResourceTransformResult(
        props={**args.props, "echo": args.props["echo"].upper()},
        opts=pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(additional_secret_outputs=["echo"])),
    )


async def slowly(args: pulumi.ResourceTransformArgs):
    await asyncio.sleep(0.01)
    return pulumi.ResourceTransformResult(
        props={**args.props, "echo": f"{args.props['echo']} and later"}, opts=args.opts
    )


def guarded(args: pulumi.ResourceTransformArgs):
    if args.custom:
        args.opts.protect = True
        return pulumi.ResourceTransformResult(props=args.props, opts=args.opts)
    return None


def first(args: pulumi.ResourceTransformArgs):
    args.opts.depends_on = [one]
    return pulumi.ResourceTransformResult(props=args.props, opts=args.opts)


def in_time(args: pulumi.ResourceTransformArgs):
    args.opts.custom_timeouts = pulumi.CustomTimeouts(create="5m")
    return pulumi.ResourceTransformResult(props=args.props, opts=args.opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:component:Group", name, {}, opts)
        Echo(f"{name}-child", pulumi.ResourceOptions(parent=self), echo=f"child of {name}")
        self.register_outputs({})


one = Echo("one", pulumi.ResourceOptions(transforms=[loud]), echo="one")
Group("group", pulumi.ResourceOptions(transforms=[guarded]))
Echo("late", pulumi.ResourceOptions(transforms=[first]), echo="late")
Random("plain", length=4)
Echo("awaited", pulumi.ResourceOptions(transforms=[slowly]), echo="late")
Echo("renamed", pulumi.ResourceOptions(transforms=[in_time]), echo="later")
Echo("last", echo="last")
pulumi.export("invoked", simple_invoke.my_invoke_output("hello").apply(lambda answer: answer["result"]))
