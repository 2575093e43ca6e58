"""`pulumi.run`: a program whose body is a coroutine."""

import asyncio

import pulumi
from pulumi_testprovider import Echo

pulumi.export("late", "to be overwritten")


async def main():
    await asyncio.sleep(0.01)
    echo = Echo("echo", echo="hello")
    pulumi.export("greeting", "hello")
    return {"echoed": echo.echo, "late": "bye"}


pulumi.run(main)
