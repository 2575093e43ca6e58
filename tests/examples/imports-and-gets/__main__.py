"""An object that exists is taken over; another is only looked at."""

import pulumi
import pulumi_simple as simple
from option import OPTIONS

simple.Resource("imported", OPTIONS, value=True)
simple.Resource("not-imported", value=True)
got = simple.Resource.get("got", "fakeID123")
pulumi.export("got", got.value)
pulumi.export("by_get", got.id)
simple.Resource("after", pulumi.ResourceOptions(depends_on=[got]), value=got.value)
