"""`pulumi config`: the values that a stack's program is given."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.config_flags import config_file_flag, config_workspace, path_flag
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
        return ["get", "set", "rm", "set-all", "rm-all", "cp", "refresh", "env"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a verb, and import it if it is one of those apart."""
        from reconciler.cli import config_copies

        apart = {"cp": config_copies.cp, "refresh": config_copies.refresh, "env": config_copies.env}
        names = {"remove": "rm", "remove-all": "rm-all", "copy": "cp", "environment": "env"}
        name = names.get(cmd_name, cmd_name)
        return apart.get(name) or super().get_command(ctx, name)

    def later_commands(self) -> tuple[str, ...]:
        """Upstream's verbs that this version does not have."""
        return ("edit", "pin", "restore", "web")


@click.group(cls=ConfigVerbs, invoke_without_command=True, epilog="Example: pulumi config --stack dev --json")
@flags.stack_flag
@config_file_flag
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
    workspace = config_workspace(ctx)
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


@config.command(cls=Command, epilog="Example: pulumi config get --path tags.owner")
@click.argument("key")
@path_flag
@config_file_flag
@flags.stack_flag
@flags.json_flag
@flags.global_flags
@click.pass_context
def get(ctx: click.Context, key: str, is_path: bool, as_json: bool) -> None:
    """Print one value, in plain text if it is secret."""
    from reconciler.model.codec import render_json
    from reconciler.project.config_keys import parse_key_path

    workspace = config_workspace(ctx)
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
@flag("--type", "kind", type=click.Choice(["string", "bool", "int", "float"]), help="Store it as a value of this type.")
@path_flag
@config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def set_value(
    ctx: click.Context, key: str, value: str | None, secret: bool, plaintext: bool, kind: str | None, is_path: bool
) -> None:
    """Set a value: from the line, from stdin when it is no terminal, else asked for."""
    if secret and plaintext:
        raise errors.UsageError("--secret and --plaintext exclude each other")
    workspace = config_workspace(ctx)
    if value is None:
        value = _read_value(ctx.obj, secret)
    elif secret and workspace.terminal.interactive:
        workspace.terminal.warn("warning: the value is in your shell's history; leave it out to be asked for it")
    if kind is not None and not secret:
        if not plaintext:
            _refuse_open_secret(key, value)
        workspace.stack_file.set(key, typed(key, value, kind), path=is_path, as_is=True)
    else:
        _set(workspace, key, value, secret=secret, plaintext=plaintext, path=is_path)
    workspace.stack_file.write()


def typed(key: str, value: str, kind: str) -> object:
    """A value of a type: `string`, `bool`, `int` or `float`.

    Raises:
        UsageError: the text is none of that type.
    """
    try:
        match kind:
            case "bool" if value.lower() in ("true", "false"):
                return value.lower() == "true"
            case "int":
                return int(value)
            case "float" if math.isfinite(number := float(value)):
                return number
            case "string":
                return value
    except ValueError:
        pass
    raise errors.UsageError(f"the value of '{key}' is not of the type {kind}", hint="leave --type out to store a text")


def _read_value(invocation: Invocation, secret: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.read().removesuffix("\n").removesuffix("\r")
    return invocation.terminal.ask_secret("value: ") if secret else invocation.terminal.ask("value: ")


def _set(workspace: Workspace, key: str, value: str, *, secret: bool, plaintext: bool, path: bool) -> None:
    from reconciler.project.stack_files import Secure

    if not (secret or plaintext):
        _refuse_open_secret(key, value)
    stored = Secure(workspace.config_secrets.encrypt(value)) if secret else value
    workspace.stack_file.set(key, stored, path=path)


def _refuse_open_secret(key: str, value: str) -> None:
    if looks_like_secret(key, value):
        raise errors.UsageError(
            f"config value for '{key}' looks like a secret;"
            " rerun with --secret to encrypt it, or --plaintext if you meant to store in plaintext"
        )


@config.command("set-all", cls=Command, epilog="Example: pulumi config set-all --plaintext size=L --secret token=x")
@flag("--secret", "secrets", multiple=True, metavar="KEY=VALUE", help="A value to encrypt.")
@flag("--plaintext", "plaintexts", multiple=True, metavar="KEY=VALUE", help="A value to store readable.")
@flag("--json", "document", default="", metavar="JSON", help="Values as `pulumi config --json` prints them.")
@path_flag
@config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def set_all(
    ctx: click.Context, secrets: tuple[str, ...], plaintexts: tuple[str, ...], document: str, is_path: bool
) -> None:
    """Set several values at once: all of them or, when one is wrong, none."""
    if document and (secrets or plaintexts or is_path):
        raise errors.UsageError("--json takes the place of --secret, --plaintext and --path")
    workspace = config_workspace(ctx)
    for key, given, is_secret in _described_values(document) if document else ():
        _put(workspace, key, given, secret=is_secret)
    for pairs, secret in ((secrets, True), (plaintexts, False)):
        for pair in pairs:
            key, value = split_pair(pair)
            _set(workspace, key, value, secret=secret, plaintext=not secret, path=is_path)
    workspace.stack_file.write()


def _described_values(document: str) -> Iterator[tuple[str, object, bool]]:
    """Key, data and whether it is secret, of what `config --json` prints."""
    from reconciler.model import codec

    try:
        data = codec.parse_json(document)
    except errors.CheckpointFormatError as error:
        raise errors.UsageError(f"--json is not JSON: {error.detail}") from error
    for key, entry in data.items() if isinstance(data, dict) else [("", None)]:
        if not isinstance(entry, dict) or not isinstance(entry.get("value", ""), str):
            raise errors.UsageError(
                f"--json has no value for {key!r}",
                hint='it looks like {"project:key": {"value": "text", "secret": false}}',
            )
        if "value" not in entry and "objectValue" not in entry:
            raise errors.UsageError(f"the value of {key!r} is not shown", hint="`pulumi config --json --show-secrets`")
        yield key, entry.get("objectValue", entry.get("value")), entry.get("secret") is True


def _put(workspace: Workspace, key: str, value: object, *, secret: bool) -> None:
    from reconciler.model import codec
    from reconciler.project.stack_files import Secure

    if secret:
        text = value if isinstance(value, str) else codec.render_json(value)
        value = Secure(workspace.config_secrets.encrypt(text))
    workspace.stack_file.set(key, value)


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
@path_flag
@config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def rm(ctx: click.Context, key: str, is_path: bool) -> None:
    """Remove a value."""
    workspace = config_workspace(ctx)
    workspace.stack_file.remove(key, path=is_path)
    workspace.stack_file.write()


@config.command("rm-all", cls=Command, epilog="Example: pulumi config rm-all size token")
@click.argument("keys", nargs=-1, required=True)
@path_flag
@config_file_flag
@flags.stack_flag
@flags.global_flags
@click.pass_context
def rm_all(ctx: click.Context, keys: tuple[str, ...], is_path: bool) -> None:
    """Remove several values at once."""
    workspace = config_workspace(ctx)
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
