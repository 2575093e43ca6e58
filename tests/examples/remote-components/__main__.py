"""A component of a package, made by its plugin; its children are this stack's."""

import pulumi
from pulumi_testprovider import Echo
from wanted import IMAGE


class Service(pulumi.ComponentResource):
    address: pulumi.Output[str]
    password: pulumi.Output[str]

    def __init__(self, name, opts=None, **inputs):
        super().__init__("parts:index:Service", name, {"address": None, **inputs}, opts, remote=True)


ports = [{"number": 80, "protocol": "tcp"}, {"number": 443}]
web = Service("web", image=pulumi.Output.from_input(IMAGE), ports=ports, password=pulumi.Output.secret("s3cret-canary"))
after = Echo("after", echo=web.address)
pulumi.export("address", web.address)
pulumi.export("password", web.password)
