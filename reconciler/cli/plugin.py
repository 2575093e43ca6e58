"""`pulumi plugin`: what is installed, and putting a plugin there from a file or folder. Nothing is downloaded."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Group, flag
from reconciler.cli.invocation import Invocation

_UNITS = ("B", "kB", "MB", "GB", "TB")
_KILO = 1000


class _Plugins(Group):
    def later_commands(self) -> tuple[str, ...]:
        """Upstream's commands that this version does not have."""
        return ("run",)


@click.group(cls=_Plugins, epilog="Example: pulumi plugin install resource shop 1.2.0 --file dist/shop.tar.gz")
@flags.global_flags
def plugin() -> None:
    """Provider plugins: list, install and remove them."""


@plugin.command(name="ls", epilog="Example: pulumi plugin ls --json")
@flag("--project", "-p", is_flag=True, help="Only what the project names in its Pulumi.yaml.")
@flags.json_flag
@flags.global_flags
@click.pass_obj
def list_plugins(invocation: Invocation, as_json: bool, project: bool) -> None:
    """List the plugins below PULUMI_HOME."""
    from reconciler.cli.tables import ago, json_time, render_table
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json
    from reconciler.providers.plugins import cache

    workspace = Workspace(invocation)
    found = cache.installed(workspace.home.folder)
    if project:
        named = {source.name for source in workspace.project.plugins} | set(workspace.project.packages)
        found = tuple(one for one in found if one.name in named)
    if as_json:
        data = [
            {
                "name": one.name,
                "kind": one.kind,
                "version": one.version,
                "size": one.size_bytes,
                "installTime": json_time(one.installed_s),
                "lastUsedTime": json_time(one.last_used_s),
            }
            for one in found
        ]
        invocation.terminal.write(render_json(data, indent=2) + "\n")
        return
    now = time.time()
    rows = [
        (
            one.name,
            one.kind,
            one.version,
            _size(one.size_bytes),
            ago(now - one.installed_s),
            ago(now - one.last_used_s),
        )
        for one in found
    ]
    total = _size(sum(one.size_bytes for one in found))
    table = render_table(("NAME", "KIND", "VERSION", "SIZE", "INSTALLED", "LAST USED"), rows)
    invocation.terminal.write(f"{table}\nTOTAL plugin cache size: {total}\n")


@plugin.command(epilog="Example: pulumi plugin install resource shop 1.2.0 --file ../shop-provider")
@click.argument("kind", type=click.Choice(["analyzer", "converter", "language", "resource", "tool"]))
@click.argument("name")
@click.argument("version")
@flag("--file", "-f", type=click.Path(exists=True, path_type=Path), help="A folder, an archive or the plugin's binary.")
@flag("--reinstall", is_flag=True, help="Also when this version is installed already.")
@flag("--server", default="", hidden=True)
@flags.global_flags
@click.pass_obj
def install(
    invocation: Invocation,
    *,
    kind: str,
    name: str,
    version: str,
    file: Path | None,
    reinstall: bool,
    server: str,  # noqa: ARG001  # where it would be downloaded from
) -> None:
    """Install a plugin from this machine."""
    from reconciler.cli.workspace import Workspace
    from reconciler.providers.plugins import cache

    home = Workspace(invocation).home.folder
    wanted = (kind, name, version.removeprefix("v"))
    is_there = any((one.kind, one.name, one.version) == wanted for one in cache.installed(home))
    if file is None and (reinstall or not is_there):
        raise errors.UsageError("this version downloads no plugins", hint="--file names a folder, archive or binary")
    folder = cache.install(home, kind, name, version, file, again=reinstall) if file is not None else None
    told = f"installed in {folder}" if folder else "is installed already; --reinstall puts it there anew"
    invocation.terminal.write(f"[{kind} plugin {name}-{version.removeprefix('v')}] {told}\n")


@plugin.command(name="rm", epilog="Example: pulumi plugin rm resource shop 1.2.0 --yes")
@click.argument("kind", required=False)
@click.argument("name", required=False)
@click.argument("version", required=False)
@flag("--all", "-a", "all_", is_flag=True, help="Remove every plugin.")
@flags.yes_flag
@flags.global_flags
@click.pass_obj
def remove(
    invocation: Invocation, kind: str | None, name: str | None, version: str | None, all_: bool, yes: bool
) -> None:
    """Remove plugins: of a kind, of a name, of one version or of a range of them."""
    from reconciler.cli.workspace import Workspace
    from reconciler.providers.plugins import cache

    if not kind and not all_:
        raise errors.UsageError("say which plugins to remove", hint="KIND [NAME [VERSION]], or --all")
    is_wanted = _version_filter(version)
    chosen = [
        one
        for one in cache.installed(Workspace(invocation).home.folder)
        if kind in (None, one.kind) and name in (None, one.name) and is_wanted(one.version)
    ]
    terminal = invocation.terminal
    for one in chosen:
        terminal.write(f"  {one.kind} {one.name}-{one.version}\n")
    if chosen and not (yes or invocation.skips_confirmations):
        if not terminal.interactive:
            raise errors.UsageError(
                "`plugin rm` in non-interactive mode must be told that it may go ahead", hint="--yes"
            )
        if terminal.ask(f"Remove {len(chosen)} plugin(s)? [yes/no] (no): ").strip().lower() not in ("y", "yes"):
            raise errors.CancelledError("the plugins stay")
    cache.remove(chosen)
    terminal.write(f"removed {len(chosen)} plugin(s)\n" if chosen else "no plugins found to remove\n")


def _version_filter(version: str | None) -> Callable[[str], bool]:
    """Is a version the one, or in the range, that was named?

    >>> [one for one in ("1.2.0", "1.9.0", "2.0.0") if _version_filter(">=1.2.1 <2.0.0")(one)]
    ['1.9.0']
    """
    from reconciler.model import versions

    if not version:
        return lambda _: True
    try:
        wanted = versions.parse_range(version.removeprefix("v"))
    except ValueError as error:
        raise errors.UsageError(f"{version!r} is neither a version nor a range: {error}") from error
    return lambda found: wanted.has(versions.parse_version(found))


def _size(count: int) -> str:
    """Bytes in the unit that leaves one to four digits.

    >>> _size(5_300_000)
    '5.3 MB'
    """
    value, unit = float(count), 0
    while value >= _KILO and unit < len(_UNITS) - 1:
        value, unit = value / _KILO, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} B"
