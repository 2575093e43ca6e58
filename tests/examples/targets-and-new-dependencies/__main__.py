"""Two resources that do not know each other."""

from pulumi_simple import Resource

Resource("target-only", value=True)
Resource("unrelated", value=True)
