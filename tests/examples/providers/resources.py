"""A provider of small kinds, each with one behaviour that Pulumi's examples and conformance tests rely on.

One process serves every package; which kind is meant, a request's type says. It keeps nothing: an object is what its
inputs say, so that runs can share the process.
"""

import hashlib
import sys
from dataclasses import dataclass, field

import servicers  # noqa: F401
from pulumi.provider.experimental import provider as p
from pulumi.provider.experimental import server
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

UNKNOWN = PropertyValue(rpc.UNKNOWN)
"""The wire's own mark: `PropertyValue.computed()` of this SDK cannot be written to the wire."""
KEPT = {
    "fakeID123": {"value": PropertyValue(True)},
    "existing-key": {"name": PropertyValue("x"), "value": PropertyValue("v")},
}


def random_of(urn, inputs):
    """A text that only the inputs decide, in the place of a random one."""
    length = int(inputs["length"].value)
    return PropertyValue(hashlib.sha256(f"{urn.rsplit('::')[-1]}{length}".encode()).hexdigest()[:length])


@dataclass(frozen=True)
class Kind:
    """`computed`: output -> its value by urn and inputs; `at_preview`: are those known before the object is made?"""

    replaces: tuple = ()
    computed: dict = field(default_factory=dict)
    at_preview: bool = False
    delete_first: bool = False
    secrets: tuple = ()
    refuses: str = ""
    refuses_delete: bool = False


def details(_urn, inputs):
    listed = [
        {"key": PropertyValue(item.value), "value": PropertyValue(str(place))}
        for place, item in enumerate(inputs["inputs"].value)
    ]
    return PropertyValue([PropertyValue(item) for item in listed])


KINDS = {
    "simple:index:Resource": Kind(),
    "simple-invoke:index:StringResource": Kind(),
    "primitive:index:Resource": Kind(),
    "asset-archive:index:AssetResource": Kind(),
    "asset-archive:index:ArchiveResource": Kind(),
    "large:index:String": Kind(),
    "config:index:Resource": Kind(),
    "replaceonchanges:index:Resource": Kind(replaces=("replaceProp",)),
    "unique:index:Named": Kind(replaces=("name",), delete_first=True),
    "fail_on_create:index:Resource": Kind(refuses="intentional failure during create"),
    "output:index:Resource": Kind(computed={"output": lambda _urn, _inputs: PropertyValue("hello")}),
    "nestedobject:index:Container": Kind(computed={"details": details}),
    "nestedobject:index:Target": Kind(),
    "testprovider:index:Echo": Kind(),
    "testprovider:index:Random": Kind(replaces=("length",), computed={"result": random_of}),
    "testprovider:index:FailsOnDelete": Kind(refuses_delete=True),
    "random:index:RandomPassword": Kind(replaces=("length",), computed={"result": random_of}, secrets=("result",)),
}


def token_of(request):
    """The type without those of the parents, which `request.type` has before it."""
    return request.type.split("$")[-1]


def plain(properties, name):
    """A property's value, secret or not."""
    return properties[name].value if name in properties else None


def outputs(urn, kind, inputs, *, preview):
    """What the object says of itself."""
    said = dict(inputs)
    for name, compute in kind.computed.items():
        known = not preview or kind.at_preview
        value = compute(urn, inputs) if known else UNKNOWN
        said[name] = value.with_secret(True) if name in kind.secrets else value
    return said


class Resources(p.Provider):
    async def check_config(self, request):
        return p.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request):
        return p.DiffResponse(changes=False)

    async def configure(self, request):
        self.settings = request.args
        return p.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True
        )

    async def check(self, request):
        failures = []
        if token_of(request) not in KINDS:
            failures = [p.CheckFailure("type", f"there is no kind {token_of(request)}")]
        return p.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff(self, request):
        kind = KINDS[token_of(request)]
        names = {*request.old_state, *request.new_inputs} - set(kind.computed)
        changed = [name for name in sorted(names) if plain(request.old_state, name) != plain(request.new_inputs, name)]
        replaces = [name for name in changed if name in kind.replaces]
        return p.DiffResponse(
            changes=bool(changed), replaces=replaces, diffs=changed, delete_before_replace=kind.delete_first
        )

    async def create(self, request):
        kind = KINDS[token_of(request)]
        if kind.refuses and not request.preview:
            raise ValueError(kind.refuses)
        id = "" if request.preview else f"id-{request.name}"
        return p.CreateResponse(
            resource_id=id, properties=outputs(request.urn, kind, request.properties, preview=request.preview)
        )

    async def read(self, request):
        kept = KEPT.get(request.resource_id)
        inputs = request.inputs or kept or {}
        properties = request.properties or outputs(request.urn, KINDS[token_of(request)], inputs, preview=False)
        return p.ReadResponse(resource_id=request.resource_id, properties=properties, inputs=inputs)

    async def update(self, request):
        kind = KINDS[token_of(request)]
        return p.UpdateResponse(properties=outputs(request.urn, kind, request.news, preview=request.preview))

    async def delete(self, request):
        if KINDS[token_of(request)].refuses_delete:
            raise ValueError("intentional failure during delete")

    async def invoke(self, request):
        args = request.args
        if request.tok == "config:index:settings":
            return p.InvokeResponse(
                return_value={name: value for name, value in self.settings.items() if not value.contains_secret()}
            )
        if request.tok == "simple-invoke:index:unit":
            return p.InvokeResponse(return_value={"result": PropertyValue("Hello world")})
        value = args["value"].value
        if request.tok == "simple-invoke:index:secretInvoke":
            response = PropertyValue(f"{value} world").with_secret(bool(args["secretResponse"].value))
            return p.InvokeResponse(return_value={"response": response, "secret": args["secretResponse"]})
        if request.tok == "simple-invoke:index:myInvoke":
            return p.InvokeResponse(return_value={"result": PropertyValue(f"{value} world")})
        return p.InvokeResponse(failures=[p.CheckFailure("tok", f"there is no function {request.tok}")])

    async def cancel(self):
        return None


if __name__ == "__main__":
    server.main(sys.argv[1:], "2.0.0", Resources())
