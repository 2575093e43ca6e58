"""One of three cannot be made; what needs it waits, the rest goes on."""

import pulumi
import pulumi_simple as simple
from pulumi_more_kinds import FailOnCreate

failing = FailOnCreate("failing", value=False)
simple.Resource("independent", value=True)
simple.Resource("dependent", pulumi.ResourceOptions(depends_on=[failing]), value=True)
first = simple.Resource("dependent-on-output", value=failing.value)
simple.Resource("also-independent", value=True)
