"""The plugins of a run: found when first asked for, started when first called, one process for as many as can share.

A process is shared by the provider instances of a package when it is one of
ours, which tells them apart, or when it knows nothing of instances (no
Handshake, so no urn at Configure) and the settings are equal. Before it is
configured a process answers CheckConfig and DiffConfig for whoever asks.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from reconciler import errors
from reconciler.contract.protocol import Origin, Provider, Views
from reconciler.model.values import PropertyMap
from reconciler.providers.plugins.client import PluginProvider
from reconciler.providers.plugins.connection import Connection
from reconciler.providers.plugins.discovery import DYNAMIC, Attached, Found, Launch, Places, find_plugin
from reconciler.providers.plugins.dynamic import DynamicProvider, Trust
from reconciler.providers.plugins.engine import EngineServer, Said, Tell
from reconciler.providers.plugins.process import PORT_TIMEOUT_S, PluginProcess
from reconciler.providers.plugins.status import Asked

T = TypeVar("T")

SERVER: Final = "reconciler.providers.serving.server"
"""The module that serves a provider of ours."""


@dataclass(slots=True)
class _Running:
    connection: Connection
    settings: PropertyMap | None = None


@dataclass(slots=True)
class _Plugin:
    origin: Origin
    found: Found
    running: list[_Running] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Plugins:
    """Makes providers of plugins. After `close` it can be used again, on another event loop too."""

    def __init__(self, places: Places, tell: Tell, *, port_timeout_s: float = PORT_TIMEOUT_S) -> None:
        self._places = places
        self._port_timeout_s = port_timeout_s
        self._tell = tell
        self.engine = EngineServer(tell)
        self._plugins: dict[Origin, _Plugin] = {}
        # All that were started, those that have not shaken hands yet included.
        self._processes: set[PluginProcess] = set()
        self._beginning: set[asyncio.Task[object]] = set()
        self._is_cancelled = False
        # What the program itself sent in this run outlives a close between two parts of the run.
        self._trust = Trust(trusts_state=places.trusts_state)

    def create(self, origin: Origin) -> Provider:
        """A provider of a package, not configured, its process not started.

        Raises:
            ConfigureError: there is no such plugin.
        """
        if origin not in self._plugins:
            self._plugins[origin] = _Plugin(origin, find_plugin(origin.plugin, origin.version, self._places))
        provider = PluginProvider(origin.package, _Lessor(self, self._plugins[origin]))
        return DynamicProvider(provider, self._trust) if origin.plugin == DYNAMIC else provider

    def serve(self, origin: Origin, place: str) -> Provider:
        """A provider of ours, `module:class`, in a process of its own."""
        if origin not in self._plugins:
            command = (sys.executable, "-u", "-m", SERVER, place)
            self._plugins[origin] = _Plugin(origin, Launch(command=command, folder=self._places.program))
        return PluginProvider(origin.package, _Lessor(self, self._plugins[origin]))

    async def cancel(self) -> None:
        """Tell every plugin that the run was stopped: what it has under way may end early.

        One that has not begun yet has nothing under way, and is not waited for.
        """
        self._is_cancelled = True
        for beginning in self._beginning:
            beginning.cancel()
        running = [running for plugin in self._plugins.values() for running in plugin.running]
        await asyncio.gather(*(item.connection.cancel() for item in running))

    async def begin(self, work: Coroutine[object, object, T]) -> T:
        """Do what changes nothing and comes before a provider works, unless the run is stopped.

        Raises:
            CancelledError: the person stopped the run.
        """
        task = asyncio.ensure_future(work)
        self._beginning.add(task)
        if self._is_cancelled:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if not self._is_cancelled:
                raise
            raise errors.CancelledError("a plugin that was starting was not waited for") from None
        finally:
            self._beginning.discard(task)

    def kill(self) -> None:
        """End every process at once; for a signal handler, so it waits for nothing."""
        for process in self._processes:
            process.kill()

    async def close(self) -> None:
        """End every process."""
        running = [running for plugin in self._plugins.values() for running in plugin.running]
        self._plugins.clear()
        self._is_cancelled = False
        await asyncio.gather(*(item.connection.close() for item in running))
        self._processes.clear()
        await self.engine.stop()

    async def start(self, origin: Origin, found: Found) -> Connection:
        """Start a plugin, or attach to one, shake hands, and make it serve the package that is wanted.

        Raises:
            ConfigureError: it does not start.
        """
        await self.engine.start()
        address = self.engine.address
        if isinstance(found, Attached):
            return await Connection.connect(origin.plugin, found.port, None, engine_address=address, folder=None)
        given = self._places.environment
        renamed = {new: given[old] for new, old in origin.renamed if old in given}
        process = await PluginProcess.start(
            origin.plugin,
            found,
            engine_address=address,
            folder=self._places.program,
            environment={**given, **renamed},
            timeout_s=self._port_timeout_s,
            # The program's own code: what it prints, its author wants to see.
            show=(lambda severity, line: self._tell(Said(severity, line))) if origin.plugin == DYNAMIC else None,
            began=self._processes.add,
        )
        return await Connection.connect(
            origin.plugin, process.port, process, engine_address=address, folder=found.folder
        )


class _Lessor:
    """Lends the connections of one plugin to its provider instances."""

    def __init__(self, pool: Plugins, plugin: _Plugin) -> None:
        self._pool = pool
        self._plugin = plugin

    def publishing(self, request: Asked, views: Views | None) -> AbstractContextManager[None]:
        engine = self._pool.engine
        return engine.status.reserved(request, views, engine.address)

    async def begin(self, work: Coroutine[object, object, T]) -> T:
        return await self._pool.begin(work)

    async def unconfigured(self) -> Connection:
        async with self._plugin.lock:
            return (await self._free()).connection

    async def claim(self, settings: PropertyMap) -> Connection:
        async with self._plugin.lock:
            chosen = self._shareable(settings) or await self._free()
            if isinstance(self._plugin.found, Attached) and chosen.settings not in (None, settings):
                raise errors.ConfigureError(
                    f"the plugin of '{self._plugin.origin.plugin}' that is attached to has other settings already",
                    hint="PULUMI_DEBUG_PROVIDERS serves one provider instance",
                )
            chosen.settings = settings
            chosen.connection.users += 1
            return chosen.connection

    async def give_back(self, connection: Connection) -> None:
        async with self._plugin.lock:
            connection.users -= 1
            if connection.users > 0 or connection.terms.extended:
                return
            self._plugin.running = [item for item in self._plugin.running if item.connection is not connection]
        await connection.close()

    def _shareable(self, settings: PropertyMap) -> _Running | None:
        for running in self._plugin.running:
            terms = running.connection.terms
            if terms.extended or (not terms.shook_hands and running.settings == settings):
                return running
        return None

    async def _free(self) -> _Running:
        for running in self._plugin.running:
            free = running.settings is None or running.connection.terms.extended
            if free or isinstance(self._plugin.found, Attached):
                return running
        started = _Running(await self._pool.start(self._plugin.origin, self._plugin.found))
        if self._plugin.origin.parameter is not None:
            try:
                await started.connection.parameterize(self._plugin.origin.parameter)
            except BaseException:
                await started.connection.close()
                raise
        self._plugin.running.append(started)
        return started
