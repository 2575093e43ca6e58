"""Secrets from the program, from a provider, within values, and in what is made of them."""

import pulumi
from pulumi_random import RandomPassword
from pulumi_testprovider import Echo

hidden = pulumi.Output.secret("s3cret-canary")
password = RandomPassword("password", length=4)
echo = Echo("echo", echo=hidden, pairs={"open": "x", "hidden": hidden})
connection = pulumi.Output.concat("user:", password.result, "@host")
Echo("copy", echo=connection)
Echo("open", echo=pulumi.Output.unsecret(hidden))

pulumi.export("password", password.result)
pulumi.export("length", password.result.apply(len))
pulumi.export("connection", connection)
pulumi.export("object", {"id": echo.id, "echo": echo.echo})
