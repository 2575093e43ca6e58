"""One of the resources cannot be made; what needs it waits, reads and outputs included; the rest goes on."""

import pulumi
import pulumi_simple as simple
from pulumi_more_kinds import FailOnCreate
from pulumi_testprovider import Echo

failing = FailOnCreate("failing", value=False)
independent = simple.Resource("independent", value=True)
simple.Resource("dependent", pulumi.ResourceOptions(depends_on=[failing]), value=True)
first = simple.Resource("dependent-on-output", value=failing.value)
simple.Resource("also-independent", value=True)
read = Echo("read", pulumi.ResourceOptions(id="known", depends_on=[failing]), echo=None)
read_by_output = Echo.get("read-by-output", failing.id)
pulumi.export("known", independent.value)
pulumi.export("read", read.echo)
pulumi.export("read_by_output", read_by_output.echo)
pulumi.export("failed", failing.value)
