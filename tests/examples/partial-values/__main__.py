"""A plugin that cannot preview: what the program set is known, but for what was unknown."""

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

dry = pulumi.runtime.is_dry_run()


class Kept(ResourceProvider):
    def create(self, props):
        return CreateResult("0", props)

    def update(self, _id, _olds, _news):
        return UpdateResult(_news)


class Thing(Resource):
    text: pulumi.Output
    pairs: pulumi.Output
    items: pulumi.Output

    def __init__(self, name, props, opts=None):
        super().__init__(Kept(), name, props, opts)


unknown = pulumi.Output.from_input(pulumi.UNKNOWN if dry else "now known")
thing = Thing("thing", {"text": "set", "pairs": {"known": "a", "unknown": unknown}, "items": ["a", unknown]})


async def look():
    assert await thing.text.is_known()
    assert await thing.pairs["known"].is_known()
    assert await thing.pairs["unknown"].is_known() != dry
    assert await thing.items[0].is_known()
    assert await thing.items[1].is_known() != dry
    print("looked at")
    return "looked at"


pulumi.export("seen", look())
