"""Two dynamic providers in a module of their own."""

import tempfile
from pathlib import Path

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)


class FileProvider(ResourceProvider):
    def check(self, _olds, news):
        failures = [] if news.get("name") else [CheckFailure("name", "a file needs a name")]
        return CheckResult(news, failures)

    def diff(self, _id, olds, news):
        replaces = ["name"] if olds["name"] != news["name"] else []
        return DiffResult(changes=bool(replaces) or olds["content"] != news["content"], replaces=replaces)

    def create(self, props):
        path = Path(tempfile.mkdtemp(prefix="dynamic-files-")) / props["name"]
        path.write_text(props["content"])
        return CreateResult(str(path), {**props, "length": len(props["content"])})

    def read(self, id_, props):
        content = Path(id_).read_text()
        outs = {**props, "content": content, "length": len(content)}
        return ReadResult(id_, outs, {"name": props["name"], "content": content})

    def update(self, id_, _olds, news):
        Path(id_).write_text(news["content"])
        return UpdateResult({**news, "length": len(news["content"])})

    def delete(self, id_, _props):
        Path(id_).unlink()
        Path(id_).parent.rmdir()


class File(Resource, module="files", name="File"):
    content: pulumi.Output[str]
    length: pulumi.Output[int]

    def __init__(self, resource_name, name, content, opts=None):
        super().__init__(FileProvider(), resource_name, {"name": name, "content": content, "length": None}, opts)


class AuthenticatingProvider(ResourceProvider):
    password: str

    def configure(self, req: ConfigureRequest):
        self.password = req.config.require("password")

    def create(self, props):
        return CreateResult("0", {"seen": len(self.password)})


class Authenticated(Resource):
    seen: pulumi.Output[int]

    def __init__(self, name, opts=None):
        super().__init__(AuthenticatingProvider(), name, {"seen": None}, opts)
