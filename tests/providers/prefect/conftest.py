"""One provider on the session's server, driven as the engine drives it."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.contract import protocol
from reconciler.model import values
from reconciler.providers.prefect.provider import PrefectProvider
from tests.prefect_server import prefect_api, prefect_server  # noqa: F401 fixtures


class Managed:
    """One resource through its life: what an engine records of it, and each operation on it."""

    def __init__(self, url, token, **inputs):
        self.url = url
        self.token = f"prefect:index/{token[0].lower()}{token[1:]}:{token}"
        self.urn = f"urn:pulumi:dev::test::{self.token}::it"
        self.program = inputs
        self.id = ""
        self.inputs = {}
        self.outputs = {}

    def on_provider(self, work):
        """Run `work(provider)` on a configured provider."""

        async def run():
            provider = PrefectProvider(environment={})
            await provider.configure(protocol.ConfigureRequest(urn="", inputs={"apiUrl": self.url}))
            try:
                return await work(provider)
            finally:
                await provider.close()

        return asyncio.run(run())

    def check(self, **inputs):
        request = protocol.CheckRequest(
            urn=self.urn, token=self.token, name="it", news=values.freeze_map(self.program | inputs)
        )
        return self.on_provider(lambda provider: provider.check(request))

    def checked(self, **inputs):
        answer = self.check(**inputs)
        assert answer.failures == ()
        return answer.inputs

    def create(self, operation_id="op-1"):
        inputs = self.checked()
        request = protocol.CreateRequest(urn=self.urn, token=self.token, inputs=inputs, operation_id=operation_id)
        created = self.on_provider(lambda provider: provider.create(request))
        self.id, self.inputs, self.outputs = created.id, inputs, values.freeze_map(created.outputs)
        return self

    def find(self, operation_id):
        request = protocol.FindRequest(urn=self.urn, token=self.token, inputs=self.checked(), operation_id=operation_id)
        return self.on_provider(lambda provider: provider.find(request))

    def diff(self, **inputs):
        """What an `up` with changed program inputs would change; None drops one."""
        self.program = {name: value for name, value in (self.program | inputs).items() if value is not None}
        request = protocol.DiffRequest(
            urn=self.urn,
            token=self.token,
            id=self.id,
            old_inputs=self.inputs,
            outputs=self.outputs,
            news=self.checked(),
        )
        return self.on_provider(lambda provider: provider.diff(request))

    def changes(self, **inputs):
        """The changed paths alone."""
        return sorted(self.diff(**inputs).detailed)

    def update(self, **inputs):
        self.diff(**inputs)
        news = self.checked()
        request = protocol.UpdateRequest(
            urn=self.urn, token=self.token, id=self.id, old_inputs=self.inputs, outputs=self.outputs, news=news
        )
        updated = self.on_provider(lambda provider: provider.update(request))
        self.id, self.inputs, self.outputs = updated.id or self.id, news, values.freeze_map(updated.outputs)
        return self

    def refresh(self):
        """Read it; returns whether it is there."""
        request = protocol.ReadRequest(
            urn=self.urn, token=self.token, id=self.id, inputs=self.inputs, outputs=self.outputs
        )
        found = self.on_provider(lambda provider: provider.read(request))
        if found is not None:
            self.inputs, self.outputs = values.freeze_map(found.inputs), values.freeze_map(found.outputs)
        return found is not None

    def imported(self, id):
        request = protocol.ReadRequest(urn=self.urn, token=self.token, id=id)
        return self.on_provider(lambda provider: provider.read(request))

    def foresee(self):
        request = protocol.DeleteRequest(
            urn=self.urn, token=self.token, id=self.id, inputs=self.inputs, outputs=self.outputs
        )
        return self.on_provider(lambda provider: provider.foresee(request))

    def delete(self):
        request = protocol.DeleteRequest(
            urn=self.urn, token=self.token, id=self.id, inputs=self.inputs, outputs=self.outputs
        )
        self.on_provider(lambda provider: provider.delete(request))


@pytest.fixture
def managed(prefect_server):  # noqa: F811 the fixture imported above
    """Declare a resource on the session's server; what a test leaves behind is deleted after it."""
    made = []

    def declare(token, **inputs):
        made.append(Managed(prefect_server.url, token, **inputs))
        return made[-1]

    yield declare
    for resource in reversed(made):
        if resource.id:
            resource.delete()
