"""`pulumi config cp`, `refresh` and `env`: config from another place than the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.config_flags import config_file_flag, config_workspace, path_flag
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace

# Records of edits of the state say nothing of config.
_WITHOUT_CONFIG = ("import", "rename")


@click.command(cls=Command, epilog="Example: pulumi config cp --dest prod")
@click.argument("key", required=False)
@flag("--dest", "-d", required=True, metavar="STACK", help="The stack to copy to.")
@path_flag
@config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def cp(ctx: click.Context, key: str | None, dest: str, is_path: bool) -> None:
    """Copy one value, or all, to another stack's config; secrets are encrypted anew for it."""
    from reconciler.cli.workspace import Workspace

    source = config_workspace(ctx)
    target = Workspace(ctx.obj, stack_name=dest)
    if source.stack == target.stack:
        raise errors.UsageError("current stack and destination stack are the same")

    def moved(ciphertext: str) -> str:
        return target.config_secrets.encrypt(source.config_secrets.decrypt(ciphertext))

    if key is not None:
        value = source.stack_file.get(key, path=is_path)
        if value is None:
            raise errors.ReconcilerError(
                f"configuration key '{key}' not found for stack '{source.stack.stack}'",
                hint="`pulumi config` lists what it has",
            )
        target.stack_file.set(key, _converted(value, moved), path=is_path)
    else:
        for name, value in source.stack_file.entries().items():
            target.stack_file.set(name, _converted(value, moved))
    target.stack_file.write()


def _converted(value: object, change: Callable[[str], str]) -> object:
    """Plain config data with each ciphertext in it changed."""
    from reconciler.project.stack_files import SECURE, Secure, is_secure

    def nested(item: object) -> object:
        if is_secure(item) and isinstance(item, Mapping):
            return {SECURE: change(str(item[SECURE]))}
        if isinstance(item, Mapping):
            return {key: nested(inner) for key, inner in item.items()}
        return [nested(inner) for inner in item] if isinstance(item, list) else item

    new = nested(value)
    return Secure(str(new[SECURE])) if is_secure(new) and isinstance(new, Mapping) else new


@click.command(cls=Command, epilog="Example: pulumi config refresh --stack prod")
@flag("--force", "-f", is_flag=True, help="Overwrite the config file without a copy of it.")
@config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def refresh(ctx: click.Context, force: bool) -> None:
    """Make the config file say what the stack's last update was given."""
    workspace = config_workspace(ctx)
    config = _last_config(workspace)
    file = workspace.stack_file
    declared = workspace.project.config
    for key in file.entries():
        if key not in config:
            file.remove(key)
    present = file.entries()
    for key, value in config.items():
        # A default of the project is recorded with what the stack sets itself.
        if key in present or not (key in declared and declared[key].fallback == value):
            file.set(key, _converted(value, lambda ciphertext: ciphertext))
    _keep_keeper(workspace)
    if file.path.exists() and not force:
        backup = _free(file.path)
        shutil.copy2(file.path, backup)
        workspace.terminal.write(f"backed up existing configuration file to {backup}\n")
    file.write()
    workspace.terminal.write(f"refreshed configuration for stack '{workspace.stack.stack}'\n")


def _last_config(workspace: Workspace) -> Mapping[str, object]:
    """Plain data of the config of the latest run, by full key."""
    from reconciler.model import codec

    for record in workspace.backend.history(workspace.stack):
        config = record.get("config")
        if record.get("kind") not in _WITHOUT_CONFIG and isinstance(config, Mapping):
            break
    else:
        raise errors.BackendError("no previous deployment", hint="`pulumi up` makes one")

    def parsed(text: str) -> object:
        if not text.startswith(("{", "[")):
            return text
        try:
            return codec.parse_json(text)
        except errors.CheckpointFormatError:
            return text

    found: dict[str, object] = {}
    for key, value in config.items():
        text = value.get("secure") if isinstance(value, Mapping) else value
        if isinstance(value, Mapping) and isinstance(text, str) and text:
            found[key] = parsed(text) if text.startswith(("{", "[")) else {"secure": text}
        elif isinstance(value, str):
            found[key] = parsed(value)
    return found


def _keep_keeper(workspace: Workspace) -> None:
    """Say in the file who keeps the secrets, as the state has it."""
    from reconciler.state.secrets import encrypted_key_of, salt_of, url_of

    provider = workspace.backend.read(workspace.stack).checkpoint.secrets_provider
    if provider is not None:
        workspace.stack_file.set_keeper(
            salt=salt_of(provider), provider=url_of(provider), encrypted_key=encrypted_key_of(provider)
        )


def _free(path: Path) -> Path:
    backup = path.with_name(f"{path.name}.bak")
    while backup.exists():
        backup = backup.with_name(f"{backup.name}.bak")
    return backup


@click.command(
    cls=Command,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False},
    epilog="Example: pulumi config set region eu-west-1",
)
@click.argument("verb", nargs=-1, type=click.UNPROCESSED)
@flags.global_flags
@click.pass_obj
def env(_invocation: Invocation, verb: tuple[str, ...]) -> None:
    """Environments are of Pulumi Cloud (ESC): not available with stacks in a store of one's own."""
    raise errors.UsageError(
        f"`config env{''.join(f' {word}' for word in verb[:1])}` needs Pulumi ESC, which is part of Pulumi Cloud",
        hint="with a backend of your own, keep values in Pulumi.<stack>.yaml: `pulumi config set`, `pulumi config cp`",
    )
