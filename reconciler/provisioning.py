"""Which provider serves a package, and where its plugins are: our own, those that run as plugins, and who goes first.

Knows the providers and nothing of runs: `wiring` hands it what a run has.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler import errors
from reconciler.contract.protocol import Origin, Provider
from reconciler.deploy import events
from reconciler.host.virtualenvs import find_interpreter
from reconciler.project.files import Project
from reconciler.providers.plugins.discovery import TRUST_OPTION, TRUST_VARIABLE, Places, is_named
from reconciler.providers.pulumi import provider as builtin

if TYPE_CHECKING:
    from reconciler.providers.plugins.engine import Said
    from reconciler.providers.plugins.pool import Plugins

Emit = Callable[[events.Event], None]

PROVIDERS: Final[Mapping[str, str]] = {
    "aws": "reconciler.providers.aws.provider:AwsProvider",
    "prefect": "reconciler.providers.prefect.provider:PrefectProvider",
    "snowflake": "reconciler.providers.snowflake.provider:SnowflakeProvider",
}
"""Package -> the class of its provider; imported when first asked for."""


def plugin_places(project: Project, home: Path, environment: Mapping[str, str], config: Mapping[str, str]) -> Places:
    """Where a project's provider plugins are, and what they are told.

    Args:
        home: `PULUMI_HOME`.
        config: the stack's effective configuration, secrets in plain.
    """
    options = project.runtime_options
    trusts = options.get(TRUST_OPTION) is True or environment.get(TRUST_VARIABLE, "").lower() in ("1", "true")
    return Places(
        project_paths={
            "@".join(filter(None, (plugin.name, plugin.version))): project.folder / plugin.path
            # What `plugins` says comes first, and wins over what `packages` says.
            for plugin in reversed(project.plugins)
            if plugin.kind == "providers" and plugin.path
        },
        home=home,
        program=project.program if project.program.is_dir() else project.program.parent,
        environment={
            **environment,
            "PULUMI_PROJECT": project.name,
            "PULUMI_CONFIG": json.dumps(dict(config)),
            **{f"PULUMI_RUNTIME_{name.upper()}": str(value) for name, value in options.items()},
        },
        interpreter=_interpreter(project),
        find_interpreter=find_interpreter,
        trusts_state=trusts,
    )


def _interpreter(project: Project) -> str:
    """The Python of dynamic providers, which are of the program and run where it runs."""
    try:
        return str(find_interpreter(project.folder, project.program, project.runtime_options) or sys.executable)
    except errors.ProjectError:
        # Who runs the program will hear of it; a destroy need not.
        return sys.executable


class OwnProviders:
    """The providers that come with the reconciler, then those that run as plugins; one that is named goes first.

    Args:
        refer: reads another stack's outputs.
    """

    def __init__(self, refer: builtin.Refer, plugins: LazyPlugins | None = None) -> None:
        self._refer = refer
        self._plugins = plugins

    def create(self, origin: Origin) -> Provider:
        """A fresh provider of a package; its module is imported the first time.

        Raises:
            ConfigureError: there is none, or what it stands on is not installed.
        """
        package = origin.plugin
        if package == "pulumi":
            return builtin.BuiltinProvider(self._refer)
        place = PROVIDERS.get(package)
        if self._plugins is not None and (place is None or self._plugins.is_named(package)):
            return self._plugins.create(origin)
        if place is None:
            raise errors.ConfigureError(
                f"there is no provider for package '{package}' (there are: {', '.join(PROVIDERS)})",
                hint="this run looks for no plugins",
            )
        if origin.renamed and self._plugins is not None:
            # Another environment needs another process: the SDKs below read it where nobody can hand them one.
            return self._plugins.serve(origin, place)
        module, _, name = place.partition(":")
        try:
            created: Provider = getattr(importlib.import_module(module), name)()
        except ImportError as error:
            raise errors.ConfigureError(
                f"the {package} provider needs {error.name}", hint=f"pip install 'reconciler[{package}]'"
            ) from error
        return created

    async def cancel(self) -> None:
        """The person stopped the run."""
        if self._plugins is not None:
            await self._plugins.cancel()

    async def close(self) -> None:
        """End the plugins' processes."""
        if self._plugins is not None:
            await self._plugins.close()


class LazyPlugins:
    """The plugins of a run, and gRPC with them, imported when a package of theirs is asked for."""

    def __init__(self, places: Places, emit: Emit) -> None:
        self._places = places
        self._emit = emit
        self._plugins: Plugins | None = None

    def is_named(self, package: str) -> bool:
        """Is a plugin wanted where there is a provider of our own?"""
        return is_named(package, self._places)

    def create(self, origin: Origin) -> Provider:
        """A provider that runs as a plugin."""
        return self._started().create(origin)

    def serve(self, origin: Origin, place: str) -> Provider:
        """A provider of our own, run as a plugin."""
        return self._started().serve(origin, place)

    async def cancel(self) -> None:
        if self._plugins is not None:
            await self._plugins.cancel()

    def kill(self) -> None:
        """End the processes at once; may be called by a signal handler."""
        if self._plugins is not None:
            self._plugins.kill()

    async def close(self) -> None:
        if self._plugins is not None:
            await self._plugins.close()

    def _started(self) -> Plugins:
        if self._plugins is None:
            from reconciler.providers.plugins.pool import Plugins

            self._plugins = Plugins(self._places, self._tell)
        return self._plugins

    def _tell(self, said: Said) -> None:
        if (diagnostic := diagnosed(said)) is not None:
            self._emit(diagnostic)


def diagnosed(said: Said) -> events.Diagnostic | None:
    """What a plugin said as an event; None for what nobody is shown."""
    severity = events.Severity(said.severity)
    if severity is events.Severity.DEBUG:
        return None
    return events.Diagnostic(said.message, severity, said.urn, said.ephemeral, said.stream)
