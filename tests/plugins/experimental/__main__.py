"""A provider as Pulumi's documentation has one written in Python."""

import itertools
import sys

from pulumi.provider.experimental import provider as p
from pulumi.provider.experimental import server
from pulumi.provider.experimental.property_value import PropertyValue

serials = itertools.count(1)
objects: dict[str, dict[str, PropertyValue]] = {}


def outputs(inputs):
    size = inputs.get("size")
    return {**inputs, "echo": PropertyValue(f"size is {int(size.value) if size else None}")}


class Things(p.Provider):
    async def check_config(self, request):
        return p.CheckResponse(inputs=request.new_inputs)

    async def configure(self, request):
        return p.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request):
        size = request.new_inputs.get("size")
        negative = size is not None and isinstance(size.value, float) and size.value < 0
        failures = [p.CheckFailure("size", "must not be negative")] if negative else []
        return p.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff(self, request):
        def plain(properties, name):
            return properties[name].value if name in properties else None

        names = ("size", "zone", "password", "fault")
        changed = [name for name in names if plain(request.old_state, name) != plain(request.new_inputs, name)]
        replaces = [name for name in changed if name == "zone"]
        detailed = {
            name: p.PropertyDiff(
                p.PropertyDiffKind.UPDATE_REPLACE if name in replaces else p.PropertyDiffKind.UPDATE, False
            )
            for name in changed
        }
        return p.DiffResponse(changes=bool(changed), replaces=replaces, detailed_diff=detailed)

    async def create(self, request):
        if "fault" in request.properties:
            raise ValueError("the cloud said no")
        id = f"id-{next(serials)}"
        if not request.preview:
            objects[id] = request.properties
        return p.CreateResponse(resource_id=id, properties=outputs(request.properties))

    async def read(self, request):
        return p.ReadResponse(resource_id=request.resource_id, properties=request.properties, inputs=request.inputs)

    async def update(self, request):
        return p.UpdateResponse(properties=outputs(request.news))

    async def delete(self, request):
        return None

    async def invoke(self, request):
        return p.InvokeResponse(return_value=request.args)

    async def cancel(self):
        return None


server.main(sys.argv[1:], "1.0.0", Things())
