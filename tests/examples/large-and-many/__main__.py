"""A text of five megabytes, a map of many keys, and resources made in a loop, each resting on the one before."""

import pulumi
from pulumi_more_kinds import LargeString
from pulumi_testprovider import Echo

large = LargeString("large", value="hello world" * 476625 + "hello")
before = None
made = []
for place in range(30):
    opts = pulumi.ResourceOptions(depends_on=[before] if before else None)
    given = {f"key-{number}": number for number in range(300)} if place == 0 else place
    before = Echo(f"echo-{place}", opts, echo=given)
    made.append(before)

pulumi.export("length", large.value.apply(len))
pulumi.export("keys", made[0].echo.apply(len))
pulumi.export("urns", pulumi.Output.all(*(echo.urn for echo in made)).apply(lambda urns: len(set(urns))))
