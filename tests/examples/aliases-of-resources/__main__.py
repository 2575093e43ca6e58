"""Before: everything below the stack or another parent."""

import pulumi
import pulumi_simple as simple

parent = simple.Resource("parent", value=True)
simple.Resource("aliasURN", value=True)
simple.Resource("aliasName", value=True)
simple.Resource("aliasNoParent", value=True)
simple.Resource("aliasParent", pulumi.ResourceOptions(parent=parent), value=True)
