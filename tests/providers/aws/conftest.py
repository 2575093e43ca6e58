"""A real server that speaks AWS's wire protocols, and a client of the provider against it."""

import asyncio
import dataclasses
import functools
import hashlib

import boto3
import pytest

from reconciler.contract import protocol
from reconciler.model import values
from reconciler.providers.aws.provider import AwsProvider
from reconciler.sandbox.aws.server import AwsSandbox

SERVICES = ("ec2", "iam", "route53", "s3", "secretsmanager", "sts")
ACCOUNT = "123456789012"


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory):
    sandbox = AwsSandbox(tmp_path_factory.mktemp("aws"), 0)
    sandbox.start()
    yield sandbox.url
    sandbox.stop()


class Cloud:
    """One configured provider, driven as the engine drives it; `boto` is for changes by hand."""

    def __init__(self, url, **config):
        self.url = url
        self.provider = AwsProvider()
        self.created = 0
        inputs = {"region": "us-east-1", "endpoints": values.freeze([dict.fromkeys(SERVICES, url)]), **config}
        asyncio.run(self.provider.configure(protocol.ConfigureRequest(urn="urn:p", inputs=inputs)))

    @functools.cache  # noqa: B019 - lives as long as the session
    def boto(self, service):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    def check(self, token, name, news, olds=None):
        request = protocol.CheckRequest(
            urn=f"urn:{name}",
            token=token,
            name=name,
            news=values.freeze_map(news),
            olds=olds,
            seed=f"{name}{self.created}".encode(),
        )
        return asyncio.run(self.provider.check(request))

    def make(self, token, name, /, **inputs):
        """Check and create; the resource as state would record it."""
        self.created += 1
        checked = self.check(token, name, inputs)
        assert checked.failures == ()
        operation = hashlib.sha256(f"{name}{self.created}{id(self)}".encode()).hexdigest()[:32]
        request = protocol.CreateRequest(urn=f"urn:{name}", token=token, inputs=checked.inputs, operation_id=operation)
        made = asyncio.run(self.provider.create(request))
        return Resource(self, token, name, made.id, checked.inputs, values.freeze_map(made.outputs), operation)

    def invoke(self, token, **args):
        return asyncio.run(self.provider.invoke(protocol.InvokeRequest(token=token, args=values.freeze_map(args))))

    def close(self):
        asyncio.run(self.provider.close())


@dataclasses.dataclass
class Resource:
    cloud: Cloud
    token: str
    name: str
    id: str
    inputs: dict
    outputs: dict
    operation: str = ""

    def _given(self):
        return {"urn": f"urn:{self.name}", "token": self.token}

    def diff(self, ignore=(), **news):
        """The diff against the recorded inputs with `news` put over them; None removes an input."""
        wanted = {**self.inputs, **values.freeze_map(news)}
        wanted = {key: value for key, value in wanted.items() if value is not None}
        checked = self.cloud.check(self.token, self.name, wanted, olds=self.inputs)
        assert checked.failures == ()
        request = protocol.DiffRequest(
            **self._given(),
            id=self.id,
            old_inputs=self.inputs,
            outputs=self.outputs,
            news=checked.inputs,
            ignore_changes=ignore,
        )
        return asyncio.run(self.cloud.provider.diff(request)), checked.inputs

    def update(self, **news):
        """Update in place as a second run of the program would."""
        found, wanted = self.diff(**news)
        assert found.changes is protocol.Changes.SOME
        assert found.replaces == ()
        request = protocol.UpdateRequest(
            **self._given(), id=self.id, old_inputs=self.inputs, outputs=self.outputs, news=wanted
        )
        self.outputs = values.freeze_map(asyncio.run(self.cloud.provider.update(request)).outputs)
        self.inputs = wanted
        return self

    def read(self):
        request = protocol.ReadRequest(**self._given(), id=self.id, inputs=self.inputs, outputs=self.outputs)
        return asyncio.run(self.cloud.provider.read(request))

    def refresh(self):
        found = self.read()
        self.inputs, self.outputs = values.freeze_map(found.inputs), values.freeze_map(found.outputs)
        return self

    def imported(self):
        return asyncio.run(self.cloud.provider.read(protocol.ReadRequest(**self._given(), id=self.id)))

    def find(self, operation=None):
        request = protocol.FindRequest(**self._given(), inputs=self.inputs, operation_id=operation or self.operation)
        return asyncio.run(self.cloud.provider.find(request))

    def delete(self):
        request = protocol.DeleteRequest(**self._given(), id=self.id, inputs=self.inputs, outputs=self.outputs)
        asyncio.run(self.cloud.provider.delete(request))


@pytest.fixture(scope="session")
def cloud(aws_url):
    """One provider for all tests: names never repeat, so objects of other tests do not matter."""
    found = Cloud(aws_url)
    yield found
    found.close()


@pytest.fixture(scope="session")
def tagging_cloud(aws_url):
    """A provider whose settings add a tag to everything."""
    found = Cloud(aws_url, defaultTags='{"tags": {"team": "data"}}')
    yield found
    found.close()
