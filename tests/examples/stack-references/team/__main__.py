"""References by name and by an output; what comes of them in a resource."""

import pulumi
from pulumi_testprovider import Echo

department = pulumi.StackReference("department", stack_name="organization/department/dev")
company = pulumi.StackReference("company", stack_name=pulumi.Output.from_input("organization/company/dev"))

tagged = Echo("tagged", echo=department.require_output("name"))
pulumi.export("owner", tagged.echo)
pulumi.export("hidden", company.require_output("hidden").apply(str.upper))
