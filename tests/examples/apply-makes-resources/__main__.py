"""How many resources there are is known when another one is made."""

import pulumi
from listed import LETTERS
from pulumi_more_kinds import Container
from pulumi_testprovider import Echo

source = Container("source", inputs=LETTERS)


def make(details):
    return [
        Echo(f"{item['value']}-{item['key']}", pulumi.ResourceOptions(depends_on=source), echo=item["key"])
        for item in details
    ]


made = source.details.apply(make)
pulumi.export("names", made.apply(lambda each: [f"{place}-{LETTERS[place]}" for place in range(len(each))]))
pulumi.export("ids", made.apply(lambda each: pulumi.Output.all(*(item.id for item in each))))
