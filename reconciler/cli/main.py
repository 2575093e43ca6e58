"""The `pulumi` command: finds the verb, imports it, runs it, turns what it raises into text and an exit code.

Each verb lives in a module of its own that is imported when the verb is used:
`pulumi version` must not pay for the engine.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

import click

from reconciler.cli import exits
from reconciler.cli.flags import Group, global_flags
from reconciler.cli.invocation import Invocation

# verb -> module and attribute, in the order in which `--help` lists them.
_VERBS = {
    "new": "new:new",
    "up": "runs:up",
    "preview": "runs:preview",
    "refresh": "runs:refresh",
    "destroy": "runs:destroy",
    "import": "importing:import_",
    "watch": "watch:watch",
    "cancel": "cancel:cancel",
    "stack": "stack:stack",
    "config": "config:config",
    "state": "state:state",
    "policy": "policy:policy",
    "login": "login:login",
    "logout": "login:logout",
    "whoami": "login:whoami",
    "plugin": "plugin:plugin",
    "package": "package:package",
    "schema": "schema:schema",
    "install": "install:install",
    "org": "org:org",
    "gen-completion": "completion:gen_completion",
    "about": "about:about",
    "version": "about:version",
    "help": "helping:show_help",
}
_ALIASES = {"update": "up", "pre": "preview", "down": "destroy", "dn": "destroy"}
_CLOUD = "it needs Pulumi Cloud"
# Upstream's verbs that this version does not have, and what is missing.
_LATER = {
    "ai": _CLOUD,
    "console": "it needs Pulumi Cloud's pages; `flowforge browse` shows a stack's state",
    "convert": "it converts no programs of other tools; `pulumi import` takes over what they made",
    "deployment": _CLOUD,
    "do": _CLOUD,
    "env": "environments are of Pulumi Cloud; `pulumi config` keeps a stack's values",
    "logs": "no provider here keeps logs of what it manages",
    "neo": _CLOUD,
    "template": "it needs Pulumi Cloud; `pulumi new FOLDER` takes a template from a folder",
    "view-trace": "it keeps no traces",
}


class Verbs(Group):
    """The verbs, each imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In teaching order, not by name."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module."""
        place = _VERBS.get(_ALIASES.get(cmd_name, cmd_name))
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(f"reconciler.cli.{module}"), attribute)
        assert isinstance(command, click.Command), f"{place} is a verb"
        return command

    def later_commands(self) -> Mapping[str, str]:
        """Upstream's verbs that this version does not have."""
        return _LATER


# The backspace keeps click from folding the lines.
_FIRST_STEPS = """\b
First steps, in a folder with a Pulumi.yaml:
  pulumi login --local             keep stacks below your home folder
  pulumi stack init dev            make a stack
  pulumi config set region x       configure it
  pulumi preview                   see what would happen
  pulumi up                        make it so
"""


@click.group(
    cls=Verbs, epilog=_FIRST_STEPS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(message="%(version)s", version="", expose_value=False, hidden=True)
@global_flags
@click.pass_context
def pulumi(ctx: click.Context) -> None:
    """Deploy what a Pulumi program declares, with nothing but Python."""
    ctx.obj = Invocation(ctx.meta, os.environ)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Prints errors on stderr, never raises."""
    with _apart_from_programs():
        return _run(arguments)


@contextmanager
def _apart_from_programs() -> Iterator[None]:
    """A program that runs in this process, and what it starts, print on the file descriptors 1 and 2; we do not."""
    before = sys.stdout, sys.stderr
    try:
        own = _duplicate(sys.stdout), _duplicate(sys.stderr)
    except io.UnsupportedOperation:
        # Who calls us has put something else there, which is apart already.
        yield
        return
    sys.stdout, sys.stderr = own
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in own:
            # The reader may have gone.
            with suppress(BrokenPipeError):
                stream.close()


def _duplicate(stream: TextIO) -> TextIO:
    """The same stream, on a file descriptor of its own."""
    stream.flush()
    return os.fdopen(
        os.dup(stream.fileno()),
        "w",
        buffering=1 if stream.line_buffering else -1,
        encoding=stream.encoding,
        errors=stream.errors,
    )


def _run(arguments: Sequence[str]) -> int:
    context: dict[str, object] = {}
    try:
        with pulumi.make_context("pulumi", list(arguments)) as ctx:
            context = ctx.meta
            code = pulumi.invoke(ctx)
            return int(code) if isinstance(code, int) else exits.Exit.OK
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{error.format_message()}\n")
        return exits.Exit.CONFIGURATION
    except click.ClickException as error:
        return _usage(error)
    except click.Abort:
        sys.stderr.write("error: The operation was cancelled\n")
        return exits.Exit.CANCELLED
    except BrokenPipeError:
        # The reader has gone (`pulumi stack ls | head`): nothing is wrong, and there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.Exit.ERROR
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the last line of defence: told, never raised
        return _failed(error, context)


def _usage(error: click.ClickException) -> int:
    sys.stderr.write(f"error: {error.format_message()}\n")
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "pulumi"
    if "not in this version" not in error.format_message():
        sys.stderr.write(f"  hint: `{command} --help` shows what it takes\n")
    return exits.Exit.CONFIGURATION


def _failed(error: BaseException, context: dict[str, object]) -> int:
    from reconciler.cli.explain import render_error  # Errors are rare: what renders them is not paid for before.
    from reconciler.cli.redact import Redactor

    redactor = context.get("redactor")
    sys.stdout.flush()
    text = render_error(error, redactor if isinstance(redactor, Redactor) else Redactor())
    sys.stderr.write(f"{text}\n")
    return exits.of_error(error)


def main() -> None:
    """The console script."""
    # The library is to be silent on the person's terminal; it reads this when it is loaded.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # Its handlers of fork run in each child that is started while a call is under way, and may crash it there.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    if "_PULUMI_COMPLETE" in os.environ:
        pulumi.main(prog_name="pulumi")  # A shell asks how a line may go on; never returns.
    _open_closed_streams()
    code = run(sys.argv[1:])
    # The interpreter looks for garbage once more when it ends; after a large run that takes longer than it is worth.
    gc.freeze()
    sys.exit(code)


def _open_closed_streams() -> None:
    """Lead streams that were closed (`pulumi up >&-`) nowhere: else the next file that is opened is taken for them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free one, since those before it are open.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


if __name__ == "__main__":
    main()
