"""`pulumi install`: what the project's program imports, and the plugins that the project names."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace


@click.command(cls=Command, epilog="Example: pulumi install --no-plugins")
@flag("--no-plugins", is_flag=True, help="Leave plugins alone.")
@flag("--no-dependencies", is_flag=True, help="Leave the program's packages alone.")
@flag("--reinstall", is_flag=True, help="Also what is installed already.")
@flag("--use-language-version-tools", is_flag=True, hidden=True)
@flag("--parallel", type=int, hidden=True)
@flags.global_flags
@click.pass_obj
def install(
    invocation: Invocation,
    *,
    no_plugins: bool,
    no_dependencies: bool,
    reinstall: bool,
    use_language_version_tools: bool,
    parallel: int | None,  # noqa: ARG001  # nothing is downloaded by us, so nothing in parallel
) -> None:
    """Install what the program imports, by the project's toolchain, and look for the plugins it names."""
    from reconciler.cli.workspace import Workspace

    if use_language_version_tools:
        raise errors.UsageError(
            "--use-language-version-tools is not in this version",
            hint="make the wanted Python the project's virtualenv",
        )
    workspace = Workspace(invocation)
    if not no_dependencies:
        _install_dependencies(workspace, again=reinstall)
    if not no_plugins:
        _find_plugins(workspace)


def _install_dependencies(workspace: Workspace, *, again: bool) -> None:
    from reconciler.host.dependencies import installing_commands

    project, terminal = workspace.project, workspace.terminal
    if project.runtime != "python":
        raise errors.ProjectError(
            f"programs in {project.runtime!r} are not in this version", file=str(project.path), key="runtime"
        )
    folder = project.program if project.program.is_dir() else project.program.parent
    terminal.write("Installing dependencies...\n")
    sys.stdout.flush()
    for command in installing_commands(project.folder, folder, project.runtime_options, again=again):
        code = subprocess.run(command, cwd=folder, check=False).returncode
        if code:
            raise errors.ProjectError(
                f"`{' '.join(command)}` ended with exit code {code}", file=str(project.path), hint="it says why above"
            )
    terminal.write("Finished installing dependencies\n")


def _find_plugins(workspace: Workspace) -> None:
    """Nothing is downloaded: a plugin that is not there is an error that says where to put it."""
    from reconciler import provisioning
    from reconciler.providers.plugins.discovery import find_plugin, is_named

    project = workspace.project
    places = provisioning.plugin_places(project, workspace.home.folder, workspace.environment, {})
    named = dict.fromkeys((source.name, source.version) for source in project.plugins if source.kind == "providers")
    for package, version in named:
        if package not in provisioning.PROVIDERS or is_named(package, places):
            find_plugin(package, version, places)
            workspace.terminal.write(f"[resource plugin {package}] is there\n")
