"""A reference, each of its ways to get an output, and outputs made of them."""

import pulumi

company = pulumi.StackReference(f"{pulumi.get_organization()}/company/{pulumi.get_stack()}")

pulumi.export("name", pulumi.Output.concat(company.require_output("name"), "'s engine department"))
pulumi.export("hidden", company.get_output("hidden"))
pulumi.export("size", company.outputs["nested"]["a"].apply(len))
pulumi.export("missing", company.get_output("missing").apply(lambda value: "none" if value is None else value))


async def detail(name):
    details = await company.get_output_details(name)
    return pulumi.Output.secret(details.secret_value) if details.secret_value else details.value


pulumi.export("detail", detail("name"))
pulumi.export("detail_hidden", detail("hidden"))
