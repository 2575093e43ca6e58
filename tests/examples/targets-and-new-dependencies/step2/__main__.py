"""The one that is not aimed at comes to need a new one, which is not aimed at either."""

import pulumi
from pulumi_simple import Resource

Resource("target-only", value=False)
new = Resource("new", value=True)
Resource("unrelated", pulumi.ResourceOptions(depends_on=[new]), value=True)
