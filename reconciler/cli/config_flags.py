"""Flags that every verb of `pulumi config` takes, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from reconciler.cli.flags import flag

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace


def config_file_flag(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--config-file`. The group takes it and so does each verb: of the two, the one that is given counts."""
    return flag(
        "--config-file",
        type=click.Path(dir_okay=False),
        expose_value=False,
        callback=_remember_config_file,
        help="Use this file for the stack's config.",
    )(command)


def _remember_config_file(ctx: click.Context, _parameter: click.Parameter, file: str | None) -> None:
    if file:
        ctx.meta["config_file"] = file


def path_flag(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--path`."""
    return flag("--path", "is_path", is_flag=True, help="The key is a path: `tags.owner`, `zones[0]`.")(command)


def config_workspace(ctx: click.Context) -> Workspace:
    """The workspace of a config verb."""
    from reconciler.cli.workspace import Workspace  # The backend is not paid for by `--help`.

    return Workspace(ctx.obj, config_file=str(ctx.meta.get("config_file") or ""))
