"""How do flags behave, and which ones do all commands share?

Names are upstream's. Every flag can also come from `PULUMI_OPTION_<NAME>`, a
boolean one may be written `--yes=false`, and a flag of a later version is
refused in one line rather than ignored.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import ParamSpec, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

# Where shared flags are kept in the context that all commands of one line share.
SHARED = "flag."

P = ParamSpec("P")
R = TypeVar("R")

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

# Letters of a command's first sentence in a list of commands: it is folded there, and not cut.
_WHOLE = 200
_YES = ("true", "1", "t")
_NO = ("false", "0", "f")

# Upstream's flags that this version does not have, and what is missing.
_LATER_VALUES = {
    "--attach-debugger": "it waits for no debugger",
    "--tracing": "it writes no traces; --logtostderr tells what is done",
    "--profiling": "it writes no profiles",
    "--remote-git-branch": "it needs Pulumi Cloud",
}
_LATER_SWITCHES = {
    "--strict": "only `pulumi up` keeps to its preview",
    "--remote": "it needs Pulumi Cloud",
}


class Flag(click.Option):
    """An option that `PULUMI_OPTION_<NAME>` may set; a list there is comma-separated."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The variable named after the long form."""
        long = max(self.opts, key=len)
        self.envvar = f"PULUMI_OPTION_{long.lstrip('-').replace('-', '_').upper()}"
        return super().resolve_envvar_value(ctx)

    def value_from_envvar(self, ctx: click.Context) -> str | Sequence[str] | None:
        """Lists as CSV, as upstream reads them."""
        if self.multiple and (text := self.resolve_envvar_value(ctx)) is not None:
            return next(csv.reader([text]), [])
        given: str | Sequence[str] | None = super().value_from_envvar(ctx)
        return given


class Duration(click.ParamType[float]):
    """A span of time, as Go writes them; seconds.

    >>> Duration().convert("1h5m", None, None)
    3900.0
    """

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds of a text."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        parts = _DURATION.findall(text)
        if "".join(number + unit for number, unit in parts) != text or not (parts or text == "0"):
            self.fail(f"{text!r} is no duration; write 90s, 10m or 1h30m", param, ctx)
        return sum(float(number) * _UNIT_S[unit] for number, unit in parts)


class SharedFlag(Flag):
    """A flag that every verb takes; helps list it apart."""


class _Reading(click.Command):
    """Switches may be given a value (`--yes=true`, `--refresh=false`); helps have shared flags at their end."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Rewrite switches with a value before click sees them."""
        return super().parse_args(ctx, plain_switches(self.get_params(ctx), args))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verb's own flags, what is below it, then what all verbs share."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            # An argument without a word on it stands in the usage line already.
            if (record := parameter.get_help_record(ctx)) is not None and any(record[1:]):
                (shared if isinstance(parameter, SharedFlag) else own).append(record)
        if own:
            with formatter.section("Options"):
                formatter.write_dl(own)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)
        with formatter.section("Options of every command"):
            formatter.write_dl(shared)


class Command(_Reading):
    """A verb."""


class Group(_Reading, click.Group):
    """A command with commands below it."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command below this one with the whole first sentence of its help."""
        below = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(_WHOLE)) for name, command in below if command and not command.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def later_commands(self) -> Sequence[str] | Mapping[str, str]:
        """Upstream's commands below this one that this version does not have; as a map, with what is missing."""
        return ()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say what a command that does not exist may have meant."""
        later = self.later_commands()
        if args and args[0] in later:
            why = f": {later[args[0]]}" if isinstance(later, Mapping) else ""
            raise click.UsageError(f"'{ctx.command_path} {args[0]}' is not in this version{why}", ctx)
        if args and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(unknown_command(ctx.command_path, args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Rewrite switches with a value before click sees them."""
        return super().parse_args(ctx, plain_switches(self.get_params(ctx), args))


def unknown_command(parent: str, name: str, known: Sequence[str]) -> str:
    """What to say of a command that does not exist.

    >>> unknown_command("pulumi", "stak", ["stack", "up"])
    'unknown command "stak" for "pulumi"; did you mean "stack"?'
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    question = f'; did you mean "{close[0]}"?' if close else ""
    return f'unknown command "{name}" for "{parent}"{question}'


def plain_switches(parameters: Sequence[click.Parameter], arguments: Sequence[str]) -> list[str]:
    """`--yes=true` as `--yes`, and `--yes=false` left out, or as its opposite; `-v=9` as `-v 9`; nothing after `--`."""
    letters = {
        name
        for one in parameters
        if isinstance(one, click.Option) and not one.is_flag
        for name in one.opts
        if len(name) == 2
    }
    options = [one for one in parameters if isinstance(one, click.Option) and one.is_flag]
    switches = {name for one in options for name in one.opts}
    opposites = {name: one.secondary_opts[0] for one in options if one.secondary_opts for name in one.opts}
    kept: list[str] = []
    for index, argument in enumerate(arguments):
        if argument == "--":
            return [*kept, *arguments[index:]]
        name, sign, value = argument.partition("=")
        if name in letters and sign:
            kept += (name, value)
        elif name in switches and value.lower() in _YES:
            kept.append(name)
        elif name in opposites and value.lower() in _NO:
            kept.append(opposites[name])
        elif not (name in switches and value.lower() in _NO):
            kept.append(argument)
    return kept


def flag(*names: str, **attributes: object) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that adds one flag."""
    return click.option(*names, cls=Flag, **attributes)


def stack_flag(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--stack`, which a command and its group both take."""
    return flag(
        "--stack", "-s", expose_value=False, callback=_remember, shell_complete=_stacks, help="The stack to work on."
    )(command)


def json_flag(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--json`, and `--output json`, which means the same."""
    command = flag("--json", "-j", "as_json", is_flag=True, callback=_is_json, help="Print JSON.")(command)
    return flag(
        "--output",
        type=click.Choice(["default", "json"]),
        is_eager=True,
        hidden=True,
        expose_value=False,
        callback=_keep_output,
    )(command)


def yes_flag(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--yes`."""
    return flag("--yes", "-y", is_flag=True, help="Go ahead without asking.")(command)


def secrets_flag(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--show-secrets`."""
    return flag("--show-secrets", is_flag=True, help="Show secret values in plain text.")(command)


def later_flags(command: Callable[P, R]) -> Callable[P, R]:
    """Recognise the flags of later versions, to refuse them clearly."""
    return later_flags_without()(command)


def later_flags_without(*taken: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same, but for those that the verb has."""

    def add(command: Callable[P, R]) -> Callable[P, R]:
        for name in _LATER_VALUES:
            command = flag(name, hidden=True, expose_value=False, multiple=True, callback=_refuse)(command)
        for name in _LATER_SWITCHES:
            if name not in taken:
                command = flag(name, is_flag=True, hidden=True, expose_value=False, callback=_refuse)(command)
        return command

    return add


def global_flags(command: Callable[P, R]) -> Callable[P, R]:
    """Add the flags that may stand before or after any verb."""
    return global_flags_without()(command)


def global_flags_without(*taken: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same, but for those whose name means something else to the verb."""

    def add(command: Callable[P, R]) -> Callable[P, R]:
        for names, attributes in reversed(_GLOBALS):
            if names[0] not in taken:
                option = click.option(*names, cls=SharedFlag, expose_value=False, callback=_remember, **attributes)
                command = option(command)
        return command

    return add


def _stacks(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    # Only a shell that completes asks, and what answers stands above the flags.
    found: list[CompletionItem] = import_module("reconciler.cli.completion").complete_stacks(ctx, parameter, incomplete)
    return found


def _remember(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    """Keep a shared flag where every command finds it; a verb's own spelling wins over its group's."""
    if _is_given(ctx, parameter):
        ctx.meta[f"{SHARED}{parameter.name}"] = value


def _keep_output(ctx: click.Context, _parameter: click.Parameter, value: object) -> None:
    ctx.meta["output"] = value


def _is_json(ctx: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    return value or ctx.meta.get("output") == "json"


def _refuse(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    if value and _is_given(ctx, parameter):
        name = max(parameter.opts, key=len)
        raise click.UsageError(f"{name} is not in this version: {(_LATER_VALUES | _LATER_SWITCHES)[name]}", ctx)


def _is_given(ctx: click.Context, parameter: click.Parameter) -> bool:
    given = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    return ctx.get_parameter_source(parameter.name or "") in given


_GLOBALS: tuple[tuple[tuple[str, ...], dict[str, object]], ...] = (
    (
        ("--cwd", "-C"),
        {"help": "Run as if started in this directory.", "type": click.Path(exists=True, file_okay=False)},
    ),
    (
        ("--color",),
        {"help": "Colour: always, never, raw or auto.", "type": click.Choice(["always", "never", "raw", "auto"])},
    ),
    (("--non-interactive",), {"is_flag": True, "help": "Never ask, never redraw."}),
    (
        ("--lock-wait",),
        {"type": Duration(), "help": "Wait so long for a lock that another run holds, such as 90s or 10m."},
    ),
    (("--disable-integrity-checking",), {"is_flag": True, "help": "Work on a state that breaks its own rules."}),
    (("--fully-qualify-stack-names", "-Q"), {"is_flag": True, "help": "Show stacks as organization/project/stack."}),
    (("--emoji", "-e"), {"is_flag": True, "hidden": True}),
    (("--logtostderr",), {"is_flag": True, "help": "Write the developers' log to stderr."}),
    (("--logflow",), {"is_flag": True, "hidden": True}),
    (("--verbose", "-v"), {"type": int, "help": "How much the developers' log says, 0 to 9."}),
)
