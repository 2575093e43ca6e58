"""`pulumi config`: the values that a stack's program is given."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, Group, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace
    from reconciler.model.values import Value

_SECRET_NAME = re.compile(r"secret|passw(or)?d|passphrase|token|api[-_]?key|private[-_]?key|credential", re.IGNORECASE)
_NAMES_SOMETHING = re.compile(r"arn:|[a-z][a-z0-9+.-]*://|\d+(\.\d+)?$|true$|false$", re.IGNORECASE)
_RANDOM_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_RANDOM_BITS_PER_LETTER = 4.0


class ConfigVerbs(Group):
    """The verbs below `config`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In teaching order."""
        return ["get", "set", "rm", "set-all", "rm-all"]

    def later_commands(self) -> tuple[str, ...]:
        """Upstream's verbs that this version does not have."""
        return ("cp", "env", "refresh")


def _config_file_flag(command: Callable[..., None]) -> Callable[..., None]:
    # The group takes it and so does each verb: of the two, the one that is given counts.
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


@click.group(cls=ConfigVerbs, invoke_without_command=True, epilog="Example: pulumi config --stack dev --json")
@flags.stack_flag
@_config_file_flag
@flags.secrets_flag
@flags.json_flag
@flags.global_flags
@click.pass_context
def config(ctx: click.Context, show_secrets: bool, as_json: bool) -> None:
    """List the stack's config, or change it."""
    if ctx.invoked_subcommand is not None:
        return
    from reconciler.cli.tables import render_table
    from reconciler.model.codec import render_json
    from reconciler.project.config_keys import short_key

    invocation: Invocation = ctx.obj
    workspace = _workspace(ctx)
    values = workspace.config_values(blind=not show_secrets)
    if as_json:
        data = {key: described(value, show_secrets=show_secrets) for key, value in values.items()}
        invocation.terminal.write(render_json(data, indent=2) + "\n")
        return
    rows = [
        (short_key(key, workspace.project.name), shown(value, show_secrets=show_secrets))
        for key, value in values.items()
    ]
    invocation.terminal.write(render_table(("KEY", "VALUE"), rows))


def _workspace(ctx: click.Context) -> Workspace:
    from reconciler.cli.workspace import Workspace  # The backend is not paid for by `--help`.

    return Workspace(ctx.obj, config_file=str(ctx.meta.get("config_file") or ""))


def _path_flag(command: Callable[..., None]) -> Callable[..., None]:
    return flag("--path", "is_path", is_flag=True, help="The key is a path: `tags.owner`, `zones[0]`.")(command)


@config.command(cls=Command, epilog="Example: pulumi config get --path tags.owner")
@click.argument("key")
@_path_flag
@_config_file_flag
@flags.stack_flag
@flags.json_flag
@flags.global_flags
@click.pass_context
def get(ctx: click.Context, key: str, is_path: bool, as_json: bool) -> None:
    """Print one value, in plain text if it is secret."""
    from reconciler.model.codec import render_json
    from reconciler.project.config_keys import parse_key_path

    workspace = _workspace(ctx)
    value = workspace.config_value(key, path=is_path)
    if value is None:
        raise errors.ReconcilerError(
            f"configuration key '{key}' not found for stack '{workspace.stack.stack}'",
            hint=f"`pulumi config set {key} VALUE` sets it",
        )
    if as_json:
        full, steps = parse_key_path(key, workspace.project.name) if is_path else (workspace.full_key(key), ())
        name: dict[str, object] = {"name": full if not steps else key}
        workspace.terminal.write(render_json({**name, **described(value, show_secrets=True)}, indent=2) + "\n")
    else:
        workspace.terminal.write(shown(value, show_secrets=True) + "\n")


@config.command("set", cls=Command, epilog="Example: echo $PASSWORD | pulumi config set --secret password")
@click.argument("key")
@click.argument("value", required=False)
@flag("--secret", is_flag=True, help="Encrypt the value.")
@flag("--plaintext", is_flag=True, help="Store the value readable, though it looks like a secret.")
@_path_flag
@_config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def set_value(ctx: click.Context, key: str, value: str | None, secret: bool, plaintext: bool, is_path: bool) -> None:
    """Set a value: from the line, from stdin when it is no terminal, else asked for."""
    if secret and plaintext:
        raise errors.UsageError("--secret and --plaintext exclude each other")
    workspace = _workspace(ctx)
    if value is None:
        value = _read_value(ctx.obj, secret)
    elif secret and workspace.terminal.interactive:
        workspace.terminal.warn("warning: the value is in your shell's history; leave it out to be asked for it")
    _set(workspace, key, value, secret=secret, plaintext=plaintext, path=is_path)
    workspace.stack_file.write()


def _read_value(invocation: Invocation, secret: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.read().removesuffix("\n").removesuffix("\r")
    return invocation.terminal.ask_secret("value: ") if secret else invocation.terminal.ask("value: ")


def _set(workspace: Workspace, key: str, value: str, *, secret: bool, plaintext: bool, path: bool) -> None:
    from reconciler.project.stack_files import Secure

    if not (secret or plaintext) and looks_like_secret(key, value):
        raise errors.UsageError(
            f"config value for '{key}' looks like a secret;"
            " rerun with --secret to encrypt it, or --plaintext if you meant to store in plaintext"
        )
    stored = Secure(workspace.config_secrets.encrypt(value)) if secret else value
    workspace.stack_file.set(key, stored, path=path)


@config.command("set-all", cls=Command, epilog="Example: pulumi config set-all --plaintext size=L --secret token=x")
@flag("--secret", "secrets", multiple=True, metavar="KEY=VALUE", help="A value to encrypt.")
@flag("--plaintext", "plaintexts", multiple=True, metavar="KEY=VALUE", help="A value to store readable.")
@_path_flag
@_config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def set_all(ctx: click.Context, secrets: tuple[str, ...], plaintexts: tuple[str, ...], is_path: bool) -> None:
    """Set several values at once: all of them or, when one is wrong, none."""
    workspace = _workspace(ctx)
    for pairs, secret in ((secrets, True), (plaintexts, False)):
        for pair in pairs:
            key, value = split_pair(pair)
            _set(workspace, key, value, secret=secret, plaintext=not secret, path=is_path)
    workspace.stack_file.write()


def split_pair(pair: str) -> tuple[str, str]:
    """The two sides of `key=value`.

    Raises:
        UsageError: there is no `=`.
    """
    key, separator, value = pair.partition("=")
    if not separator:
        raise errors.UsageError(f"{pair!r} is not KEY=VALUE")
    return key, value


@config.command(cls=Command, epilog="Example: pulumi config rm --path tags.owner")
@click.argument("key")
@_path_flag
@_config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def rm(ctx: click.Context, key: str, is_path: bool) -> None:
    """Remove a value."""
    workspace = _workspace(ctx)
    workspace.stack_file.remove(key, path=is_path)
    workspace.stack_file.write()


@config.command("rm-all", cls=Command, epilog="Example: pulumi config rm-all size token")
@click.argument("keys", nargs=-1, required=True)
@_path_flag
@_config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def rm_all(ctx: click.Context, keys: tuple[str, ...], is_path: bool) -> None:
    """Remove several values at once."""
    workspace = _workspace(ctx)
    for key in keys:
        workspace.stack_file.remove(key, path=is_path)
    workspace.stack_file.write()


def shown(value: Value, *, show_secrets: bool) -> str:
    """A value in one cell: text as it is, objects as JSON."""
    from reconciler.model.values import mask, reveal
    from reconciler.project.config import render_value

    return render_value(reveal(value) if show_secrets else mask(value))


def described(value: Value, *, show_secrets: bool) -> Mapping[str, object]:
    """A value as `--json` has it: text, the object besides where it is one, and whether it is secret."""
    from reconciler.model import codec
    from reconciler.model.values import has_secret, mask, reveal

    secret = has_secret(value)
    opened = reveal(value) if show_secrets else mask(value)
    text = shown(value, show_secrets=show_secrets)
    # A secret that is not shown has no value at all: a reader must not take the mask for it.
    data: dict[str, object] = {} if secret and not show_secrets and isinstance(opened, str) else {"value": text}
    if isinstance(opened, (Mapping, tuple)):
        data["objectValue"] = codec.encode(opened, None)
    return data | {"secret": secret}


def looks_like_secret(key: str, value: str) -> bool:
    """Would a careful reader take this for a secret? By its name, or because it looks random.

    >>> looks_like_secret("dbPassword", "hunter2"), looks_like_secret("size", "XSMALL")
    (True, False)
    """
    if "PRIVATE KEY-----" in value:
        return True
    if not value or _NAMES_SOMETHING.match(value):
        return False
    if _SECRET_NAME.search(key.rpartition(":")[2]):
        return True
    kinds = (any(map(str.islower, value)), any(map(str.isupper, value)), any(map(str.isdigit, value)))
    return _RANDOM_TOKEN.fullmatch(value) is not None and all(kinds) and _bits(value) >= _RANDOM_BITS_PER_LETTER


def _bits(text: str) -> float:
    """Shannon's entropy per letter."""
    shares = [text.count(letter) / len(text) for letter in set(text)]
    return -sum(share * math.log2(share) for share in shares)
