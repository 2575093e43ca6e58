"""The test service in a file, and its provider, which can die on demand."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from service import Service, ServiceProvider

from reconciler.contract.protocol import CreateRequest, CreateResponse, InvokeResponse

FILE = Path(os.environ["TEST_SERVICE"])


class KeptService(Service):
    """Written down after every change."""

    def save(self) -> None:
        kept = {"objects": self.objects, "operations": self.operations, "calls": self.calls, "serial": self.serial}
        fresh = FILE.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(kept))
        fresh.replace(FILE)


def load() -> KeptService:
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    return KeptService(**{**kept, "calls": [tuple(call) for call in kept.get("calls", [])]})


SERVICE = load()


class KeptProvider(ServiceProvider):
    """All instances of this process share the service, as they would share a cloud."""

    def __init__(self) -> None:
        super().__init__(SERVICE)

    async def create(self, request: CreateRequest) -> CreateResponse:
        fault = request.inputs.get("fault")
        if fault == "die before" and not request.preview and not FILE.with_suffix(".died").exists():
            FILE.with_suffix(".died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            response = await super().create(request)
        finally:
            SERVICE.save()
        if fault == "die after" and not request.preview and not FILE.with_suffix(".died").exists():
            FILE.with_suffix(".died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return response

    async def invoke(self, request):
        if request.token == "test:index:environment":
            return InvokeResponse(result={"account": os.environ.get("TEST_ACCOUNT", "none")})
        return await super().invoke(request)

    async def update(self, request):
        response = await super().update(request)
        SERVICE.save()
        return response

    async def delete(self, request):
        await super().delete(request)
        SERVICE.save()
