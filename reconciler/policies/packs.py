"""Policy packs as running processes: started before a run's program, asked during the run, ended with it.

Pulumi's word for such a process is analyzer plugin. It is started like a provider's: `python -m pulumi.policy <engine>
<folder>` in the pack's folder, whose first line of output is its port.

Source: pulumi/pulumi, sdk/go/common/resource/plugin/analyzer_plugin.go and pkg/engine/update.go; the SDK's
pulumi/policy/__main__.py.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from reconciler import errors
from reconciler.contract.policies import Findings, PackInfo, Remediations, ResourceSeen
from reconciler.model import values
from reconciler.policies import messages
from reconciler.policies.manifests import FILE, Manifest, Pack
from reconciler.policies.settings import settle
from reconciler.providers.plugins.connection import CHANNEL_OPTIONS
from reconciler.providers.plugins.discovery import EXITS, Launch
from reconciler.providers.plugins.engine import EngineServer, Tell
from reconciler.providers.plugins.process import PluginProcess

AnswerT = TypeVar("AnswerT", bound=Message)

_CONNECT_TIMEOUT_S: Final = 10.0
# A broken line is looked at this long for the death that broke it.
_DEATH_TIMEOUT_S: Final = 2.0
_UNIMPLEMENTED: Final = grpc.StatusCode.UNIMPLEMENTED
_MISSING: Final = "No module named "
_NO_START: Final = "the plugin did not start: "
_REQUIREMENTS: Final = "requirements.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What packs are told of the run.

    Attributes:
        config: effective configuration, "ns:key" -> text, secrets in plain, as programs get it.
        environment: of the packs' processes, what follows apart.
    """

    project: str
    stack: str
    organization: str
    preview: bool
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    tags: Mapping[str, str]
    environment: Mapping[str, str]


class Packs:
    """The packs of one run."""

    def __init__(self, packs: Sequence[Pack], surroundings: Surroundings, tell: Tell) -> None:
        self._packs = packs
        self._surroundings = surroundings
        self._engine = EngineServer(tell)
        self._running: list[RunningPack] = []
        self._processes: list[PluginProcess] = []

    async def start(self) -> tuple[RunningPack, ...]:
        """Start all, together.

        Raises:
            PolicyPackError: one does not start, or its settings are not valid. The others are to be closed.
        """
        await self._engine.start()
        started = await asyncio.gather(*(self._start(pack) for pack in self._packs), return_exceptions=True)
        self._running = [pack for pack in started if isinstance(pack, RunningPack)]
        for problem in started:
            if isinstance(problem, BaseException):
                raise problem
        return tuple(self._running)

    def kill(self) -> None:
        """End every process at once; for a signal handler, so it waits for nothing."""
        for process in self._processes:
            process.kill()

    async def close(self) -> None:
        """End every process."""
        await asyncio.gather(*(pack.close() for pack in self._running))
        self._running.clear()
        await self._engine.stop()

    async def _start(self, pack: Pack) -> RunningPack:
        manifest = pack.manifest
        try:
            process = await PluginProcess.start(
                manifest.path,
                Launch(command=(pack.python, "-u", "-c", _MAIN), folder=manifest.folder),
                engine_address=self._engine.address,
                folder=manifest.folder,
                environment=_environment(self._surroundings, Path(pack.python).parent),
                who="it",
                began=self._processes.append,
            )
        except errors.ConfigureError as error:
            raise _unstarted(pack, error) from error
        running = RunningPack(manifest, process)
        try:
            await running.introduce(self._engine.address, self._surroundings)
            await running.configure(pack)
        except BaseException:
            await running.close()
            raise
        return running


class RunningPack:
    """A pack that answers: an `Analyzer`."""

    def __init__(self, manifest: Manifest, process: PluginProcess) -> None:
        self._manifest = manifest
        self._process = process
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{process.port}", options=CHANNEL_OPTIONS)
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        self._info = PackInfo(name=manifest.path, version=manifest.version, path=manifest.path)
        self._death: errors.PolicyPackError | None = None
        self._asked = 0
        self._preview = False

    @property
    def info(self) -> PackInfo:
        return self._info

    async def introduce(self, engine_address: str, surroundings: Surroundings) -> None:
        """Connect, and tell what the run is; packs of older SDKs do not listen to it.

        Raises:
            PolicyPackError: it does not answer.
        """
        if not await self._process.lives_until(self._channel.channel_ready(), _CONNECT_TIMEOUT_S):
            raise errors.PolicyPackError(
                self._manifest.path, f"it does not answer on its port; {self._process.last_output()}"
            )
        self._preview = surroundings.preview
        folder = str(self._manifest.folder)
        handshake = analyzer_pb2.AnalyzerHandshakeRequest(
            engine_address=engine_address, root_directory=folder, program_directory=folder
        )
        await self._ask_if_known("Handshake", handshake)
        request = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=surroundings.stack,
            project=surroundings.project,
            organization=surroundings.organization,
            dry_run=surroundings.preview,
            config=surroundings.config,
            config_secret_keys=sorted(surroundings.secret_keys),
            tags=surroundings.tags,
        )
        await self._ask_if_known("ConfigureStack", request)

    async def configure(self, pack: Pack) -> None:
        """Learn which policies there are, and set their levels and settings.

        Raises:
            PolicyPackError: the settings are not valid, or the pack takes none.
        """
        told = await self._ask("GetAnalyzerInfo", empty_pb2.Empty(), analyzer_pb2.AnalyzerInfo)
        version = self._manifest.version or told.version
        self._info = PackInfo(name=told.name, version=version, path=self._manifest.path)
        if pack.has_settings and not told.supportsConfig:
            raise errors.PolicyPackError(told.name, "it does not support config", hint="leave out --policy-pack-config")
        policies, initial = messages.read_policies(told), messages.read_initial(told)
        settled = settle(policies, initial, pack.settings, told.name) if told.supportsConfig else {}
        if settled:
            await self._ask("Configure", messages.write_settings(settled), empty_pb2.Empty)
        self._info = PackInfo(
            name=told.name,
            version=version,
            path=self._manifest.path,
            policies=messages.read_infos(told, settled),
        )

    async def remediate(self, resource: ResourceSeen) -> Remediations:
        request = messages.write_resource(resource, internals=True)
        try:
            response = await self._ask("Remediate", request, analyzer_pb2.RemediateResponse, resource.urn)
        except _UnknownCallError:
            return Remediations()
        answer = messages.read_remediations(response, self._manifest.version)
        if not self._preview:
            self._refuse_unknown(answer, resource.urn)
        return answer

    async def analyze(self, resource: ResourceSeen) -> Findings:
        request = messages.write_resource(resource, internals=False)
        response = await self._ask("Analyze", request, analyzer_pb2.AnalyzeResponse, resource.urn)
        return messages.read_findings(response, self._manifest.version)

    async def analyze_stack(self, resources: Sequence[ResourceSeen]) -> Findings:
        request = analyzer_pb2.AnalyzeStackRequest(
            resources=[messages.write_stack_resource(resource) for resource in resources]
        )
        try:
            response = await self._ask("AnalyzeStack", request, analyzer_pb2.AnalyzeResponse)
        except _UnknownCallError:
            return Findings()
        return messages.read_findings(response, self._manifest.version)

    async def close(self) -> None:
        """Hang up and end the process; a policy that is still looking is not waited for, since it changes nothing."""
        if self._asked:
            self._process.kill()
        await self._channel.close()
        await self._process.stop()

    def _refuse_unknown(self, answer: Remediations, urn: str) -> None:
        for made in answer.remediations:
            unknown = sorted(name for name, value in (made.properties or {}).items() if values.has_unknown(value))
            if unknown:
                self._info = replace(self._info, has_failed=True)
                detail = f"its policy '{made.policy}' remediated to values that are not known: {', '.join(unknown)}"
                raise errors.PolicyPackError(self._info.name, detail, urn=urn)

    async def _ask_if_known(self, method: str, request: Message) -> None:
        try:
            await self._ask(method, request, Message)
        except _UnknownCallError:
            return

    async def _ask(self, method: str, request: Message, answer: type[AnswerT], urn: str = "") -> AnswerT:
        if self._death is not None:
            raise self._death
        self._asked += 1
        try:
            response = await getattr(self._stub, method)(request)
        except grpc.aio.AioRpcError as error:
            self._asked -= 1
            raise await self._refusal(method, error, urn) from error
        self._asked -= 1
        return cast("AnswerT", response)

    async def _refusal(self, method: str, error: grpc.aio.AioRpcError, urn: str) -> errors.PolicyPackError:
        if error.code() is _UNIMPLEMENTED:
            return _UnknownCallError(self._info.name, f"it does not know {method}")
        self._info = replace(self._info, has_failed=True)
        if error.code() is not grpc.StatusCode.UNAVAILABLE or not await self._process.wait_s(_DEATH_TIMEOUT_S):
            return errors.PolicyPackError(self._info.name, f"{method} failed: {error.details()}", urn=urn)
        # The same error for whoever asks from now on: it is one death.
        if self._death is None:
            self._death = errors.PolicyPackError(
                self._info.name, f"in the middle of the run, {self._process.last_output()}"
            )
        return self._death


class _UnknownCallError(errors.PolicyPackError):
    """The pack is of an SDK that has no such call."""


def _environment(surroundings: Surroundings, binaries: Path) -> Mapping[str, str]:
    """As in a virtual environment that is activated, with what tells a program of the SDK which stack it is in."""
    given = {name: value for name, value in surroundings.environment.items() if name != "PYTHONHOME"}
    return {
        **given,
        "PATH": os.pathsep.join(filter(None, (str(binaries), given.get("PATH", "")))),
        "PULUMI_CONFIG": json.dumps(dict(surroundings.config)),
        "PULUMI_ORGANIZATION": surroundings.organization,
        "PULUMI_PROJECT": surroundings.project,
        "PULUMI_STACK": surroundings.stack,
        "PULUMI_DRY_RUN": "true" if surroundings.preview else "false",
    }


def _unstarted(pack: Pack, error: errors.ConfigureError) -> errors.PolicyPackError:
    hint = error.hint
    if _MISSING in error.detail:
        listed = (pack.manifest.folder / _REQUIREMENTS).is_file()
        what = f"what is listed in the pack's {_REQUIREMENTS}" if listed else "pulumi-policy and what else it imports"
        hint = f"install {what} for {pack.python}, or name another `virtualenv` under `runtime.options` in {FILE}"
    return errors.PolicyPackError(pack.manifest.path, error.detail.removeprefix(_NO_START), hint=hint)


# `python -u -m pulumi.policy <engine> .`, which would outlive an engine that is killed: the end of standard input
# ends it.
_MAIN: Final = f"""
import os, runpy, sys, threading
{EXITS}
def watch():
    while os.read(0, 4096):
        pass
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
sys.path[0] = os.getcwd()
sys.argv.append(".")
runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
"""
