"""Outputs of every kind, and every way in which the SDK puts them together."""

import pulumi

first = pulumi.Output.from_input("one")
second = pulumi.Output.from_input(2)

pulumi.export("empty_text", "")
pulumi.export("text", 'quotes " and ✓, two\nlines')
pulumi.export("truth", True)
pulumi.export("zero", 0)
pulumi.export("large", 2**53 - 1)
pulumi.export("small", 0.5)
pulumi.export("exponent", 1e20)
pulumi.export("nothing", None)  # as a property that is not set
pulumi.export("nothings", [None])
pulumi.export("numbers", [1, 2, 3])
pulumi.export("none", [])
pulumi.export("no_pairs", {})
pulumi.export("pairs", {"a.b": 1, "a b": {"c": [True, False]}})
pulumi.export("hidden", pulumi.Output.secret("s3cret"))
pulumi.export("nested", {"a": [pulumi.Output.secret("s3cret"), "plain"]})
pulumi.export("bare", pulumi.Output.unsecret(pulumi.Output.secret("s3cret")))
pulumi.export("both", pulumi.Output.all(first, second).apply(lambda both: f"{both[0]} and {both[1]}"))
pulumi.export("formatted", pulumi.Output.format("{0}/{which}", first, which=second))
pulumi.export("joined", pulumi.Output.concat(first, "-", second.apply(str)))
pulumi.export("merged", pulumi.Output.all(first=first, second={"deep": second}))
pulumi.export("json", pulumi.Output.json_dumps({"first": first, "list": [second]}))
pulumi.export("parsed", pulumi.Output.json_loads(pulumi.Output.from_input('{"x": [1]}')))
pulumi.export("lifted", pulumi.Output.from_input({"a": [{"b": "deep"}]})["a"][0]["b"])


@pulumi.input_type
class Point:
    def __init__(self, *, x: pulumi.Input[int], y: pulumi.Input[int]):
        pulumi.set(self, "x", x)
        pulumi.set(self, "y", y)


pulumi.export("point", Point(x=1, y=second))
