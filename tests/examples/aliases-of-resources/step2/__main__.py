"""After: below a resource that is itself renamed to nothing new."""

import pulumi
import pulumi_simple as simple
from pulumi import Alias, ResourceOptions

parent = simple.Resource("parent", value=True)
old = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::simple:index:Resource::aliasURN"
simple.Resource("aliasURN", ResourceOptions(parent=parent, aliases=[old]), value=True)
simple.Resource("aliasNewName", ResourceOptions(aliases=[Alias(name="aliasName")]), value=True)
no_parent = ResourceOptions(parent=parent, aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)])
simple.Resource("aliasNoParent", no_parent, value=True)
with_parent = ResourceOptions(parent=parent, aliases=[Alias(parent=parent)])
simple.Resource("aliasParent", with_parent, value=True)
