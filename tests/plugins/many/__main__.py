"""A plugin that serves any package, by a parameter: what it was parameterized with comes back as an output."""

import sys

import pulumi
from pulumi.provider.experimental import provider as p
from pulumi.provider.experimental import server
from pulumi.provider.experimental.property_value import PropertyValue


class Many(p.Provider):
    def __init__(self):
        self.word = ""
        self.words = []
        self.after = ""

    async def parameterize(self, request):
        if request.parameters.value == b"refuse":
            raise ValueError("not this one")
        self.word = request.parameters.value.decode()
        self.words.append(self.word)
        return p.ParameterizeResponse(request.parameters.name, request.parameters.version)

    async def check_config(self, request):
        return p.CheckResponse(inputs=request.new_inputs)

    async def configure(self, request):
        self.after = request.args["after"].value if "after" in request.args else ""
        return p.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request):
        return p.CheckResponse(inputs=request.new_inputs)

    async def diff(self, request):
        return p.DiffResponse(changes=False)

    async def create(self, request):
        return p.CreateResponse(
            resource_id="id", properties={**request.properties, "word": PropertyValue(self.word + self.after)}
        )

    async def read(self, request):
        said = {**request.properties, "word": PropertyValue(" ".join(sorted(self.words)) + self.after)}
        return p.ReadResponse(resource_id=request.resource_id, properties=said, inputs=request.inputs)

    async def delete(self, request):
        if not self.words:
            raise ValueError("there is no such type without an extension")

    async def invoke(self, request):
        return p.InvokeResponse(return_value={"word": PropertyValue(self.word)})

    async def construct(self, request):
        component = pulumi.ComponentResource(request.resource_type, request.name, {}, request.options)
        component.register_outputs({"word": self.word})
        urn = await component.urn.future()
        return p.ConstructResponse(urn, {"word": PropertyValue(self.word)}, {})


server.main(sys.argv[1:], "1.0.0", Many())
