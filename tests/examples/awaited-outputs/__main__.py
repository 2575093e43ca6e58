"""Outputs of coroutines, some never exported, one of which makes a resource; errors that the program handles."""

import asyncio

import pulumi
from pulumi_testprovider import Echo

Echo("first", echo="first")


async def listed():
    await asyncio.sleep(0)
    return [1, 2]


async def raises():
    await asyncio.sleep(0)
    raise ValueError("oh no")


async def catches():
    try:
        await raises()
    except ValueError:
        return "caught"
    return "missed"


def inside(text):
    Echo("inside", echo=text).urn.apply(print)


output = pulumi.Output.from_input(asyncio.sleep(0.05, "magic string"))
output.apply(print)
output.apply(inside)
pulumi.Output.from_input(asyncio.sleep(0.03, "never exported")).apply(print)
pulumi.Output.from_input(catches()).apply(print)
pulumi.export("exported", pulumi.Output.from_input(asyncio.sleep(0.02, "foo")))
pulumi.export("from_coroutine", listed())
