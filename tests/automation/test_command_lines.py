"""Every command line that the SDK can build, for every public method and option, is one that this CLI reads.

No process is started: the SDK's arguments are taken from it and given to our parser. What the commands then
do, the other modules of this folder show, and the last test here that they show it of every method.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import click
import pytest
from pulumi import automation
from semver import VersionInfo

from reconciler.cli import main
from reconciler.model import versions

# Options that are refused by name: parameter -> what the refusal says.
REFUSED = {
    "tracing": "--tracing is not in this version",
    "attach_debugger": "--attach-debugger is not in this version",
    "ai": "needs Pulumi Cloud",
    "language": "needs Pulumi Cloud",
    "remote_stack_config": "needs Pulumi Cloud",
}
# Methods that start no command of their own: files, hooks, facts.
WITHOUT_COMMAND = {
    *("project_settings", "save_project_settings", "stack_settings", "save_stack_settings"),
    *("serialize_args_for_op", "post_command_callback"),
}
# What is asked for by a parameter, where its annotation does not say it.
GIVEN = {
    "workspace": None,
    "key": "key",
    "value": automation.ConfigValue("-v", secret=True),
    "config": {"a": automation.ConfigValue("1"), "b": automation.ConfigValue("--b", secret=True)},
    "config_json": '{"a": {"value": "1", "secret": false}}',
    "state": automation.Deployment(version=3, deployment={}),
    "resources": [{"type": "t:i:T", "name": "n", "id": "i"}],
    "name_table": {"parent": "urn"},
    "kind": "resource",
    "color": "never",
    "secrets_provider": "passphrase",
    "page_size": 3,
    "page": 2,
    "version": "1.0.0",
}


class Told(BaseException):
    """The SDK wants to run a command; no handler of its own stops this on the way out."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments


class Teller(automation.PulumiCommand):
    """Tells which command line it was to run; the SDK's own way of adding `--non-interactive` included."""

    def __init__(self) -> None:
        self.command, self.version = "pulumi", VersionInfo.parse(versions.CONTRACT)

    def run(self, args, cwd, additional_env, on_output=None, on_error=None):
        raise Told(["--non-interactive", *args])


def methods() -> dict[str, object]:
    """The public methods of both classes: `Class.method` -> function."""
    return {
        f"{kind.__name__}.{name}": member
        for kind in (automation.LocalWorkspace, automation.Stack)
        for name, member in inspect.getmembers(kind, inspect.isroutine)
        if not name.startswith("_")
    }


def value_for(parameter: inspect.Parameter, name: str) -> object:
    if name == "set_tag" and parameter.name == "value":
        return "value"
    if name == "new" and parameter.name == "config":
        return ["a=b"]
    if parameter.name in GIVEN:
        return GIVEN[parameter.name]
    if isinstance(parameter.default, bool):
        return True
    for word, value in (
        ("OnOutput", lambda *_: None),
        ("Callable", lambda *_: None),
        ("list[", ["one", "two"]),
        ("bool", True),
        ("int", 3),
        ("str", "word"),
    ):
        if word in str(parameter.annotation):
            return value
    raise AssertionError(f"{name} has a parameter that this suite does not know: {parameter}")


def command_line(name: str, folder: Path, *, refused: str = "") -> list[str]:
    """What the SDK runs first when the method is given every option (of those refused, this one alone)."""
    workspace = automation.LocalWorkspace(work_dir=str(folder), pulumi_command=Teller())
    method = methods()[name]
    short = name.partition(".")[2]
    positional, named = [], {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name in REFUSED and parameter.name != refused:
            continue
        if parameter.name == "self":
            continue
        given = workspace if parameter.name == "workspace" else value_for(parameter, short)
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += ["one", "two"]
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.default is parameter.empty:
            positional.append(given)
        else:
            named[parameter.name] = given
    if name.startswith("Stack.") and short not in ("create", "select", "create_or_select"):
        stack = automation.Stack.__new__(automation.Stack)
        stack.name, stack.workspace = "dev", workspace
        method = getattr(stack, short)
    elif name.startswith("LocalWorkspace."):
        method = getattr(workspace, short)
    with pytest.raises(Told) as told:
        method(*positional, **named)
    return told.value.arguments


def read(arguments: list[str]) -> click.Context:
    """The command of a line, with its flags read; it is not run."""
    context = main.pulumi.make_context("pulumi", list(arguments))
    while isinstance(context.command, click.Group) and (rest := [*context._protected_args, *context.args]):
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


@pytest.mark.parametrize("name", [name for name in methods() if name.partition(".")[2] not in WITHOUT_COMMAND])
def test_a_method_with_all_its_options_is_understood(name, tmp_path):
    arguments = command_line(name, tmp_path)

    context = read(arguments)

    assert context.command_path.split()[1] == arguments[1]


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name, method in methods().items()
        for option in REFUSED
        if option in inspect.signature(method).parameters
    ],
)
def test_an_option_that_this_version_does_not_have_is_refused_by_its_name(name, option, tmp_path):
    arguments = command_line(name, tmp_path, refused=option)

    with pytest.raises(click.UsageError) as raised:
        read(arguments)

    assert REFUSED[option] in raised.value.format_message()


def test_every_public_method_is_called_by_this_suite():
    called = {
        node.attr
        for path in Path(__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    functions = {name for name, one in inspect.getmembers(automation, inspect.isfunction) if not name.startswith("_")}

    missing = {name for name in (*methods(), *functions) if name.rpartition(".")[2] not in called}

    assert missing == set()
