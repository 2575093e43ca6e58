"""The `flowforge` command: the laptop sandbox, and previews in pull requests."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from reconciler import errors
from reconciler.sandbox import process
from reconciler.sandbox.settings import PORTS, STATE_VARIABLE, port_variable, read_settings

_NAMES = {"snowflake": "Snowflake", "aws": "AWS", "prefect": "Prefect"}
_PORTS_HELP = "\n".join(f"  {port_variable(name):34} {_NAMES[name]}, default {port}" for name, port in PORTS.items())


# The backspace keeps click from folding the lines.
_FIRST_STEPS = """\b
First steps:
  flowforge sandbox up        start Snowflake, AWS and Prefect on this machine
  pulumi up                   provision the stack that is selected
  flowforge sandbox status    see what runs, and where
"""


# command -> the module that has it as `command`; imported when it is used.
_LATER = {"comment": "reconciler.cli.comment", "browse": "reconciler.cli.browse"}


class Commands(click.Group):
    """The sandbox's commands, and those that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In teaching order."""
        return [*super().list_commands(ctx), *_LATER]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module."""
        if cmd_name not in _LATER:
            return super().get_command(ctx, cmd_name)
        try:
            command = importlib.import_module(_LATER[cmd_name]).command
        except ModuleNotFoundError as error:
            raise click.UsageError(f"{cmd_name} needs {error.name}: `pip install 'reconciler[browse]'`", ctx) from error
        assert isinstance(command, click.Command), f"{cmd_name} is a command"
        return command


@click.group(cls=Commands, epilog=_FIRST_STEPS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reconciler", message="%(version)s")
def main() -> None:
    """A data platform on Snowflake, AWS and Prefect, with a sandbox to run all of it on a laptop."""


@main.group(
    epilog=f"\b\nEnvironment:\n{_PORTS_HELP}\n  {STATE_VARIABLE:34} where state is kept, default .sandbox",
)
def sandbox() -> None:
    """Local servers for Snowflake, AWS and Prefect, on loopback only.

    They speak the real protocols, so ordinary clients work with them. Their
    state is kept in `.sandbox/` of the project and survives `down`, a crash
    and a restart of the machine; only `reset` deletes it.

    Prefect is the real server, web interface included. Every work pool of
    type `process` gets a worker within seconds of its creation.
    """


@sandbox.command()
def up() -> None:
    """Start the sandbox and wait until all of it is healthy. Running already is fine."""
    # A killed `make up` must not leave half a sandbox either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        running, started = process.up(read_settings(os.environ, Path.cwd()), _print_event)
    except errors.SandboxError as error:
        sys.exit(_explain(error))
    except KeyboardInterrupt:
        click.echo("interrupted: what was started is stopped", err=True)
        sys.exit(130)
    if not started:
        click.echo(f"the sandbox is up already (pid {running.pid})")
    for line in _table(running):
        click.echo(line)


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show what runs, and where. Exits with 1 when the sandbox is down or not healthy."""
    try:
        running = process.find_running(read_settings(os.environ, Path.cwd()))
    except errors.SandboxError as error:
        sys.exit(_explain(error))
    if as_json:
        described = {
            "running": running is not None,
            "pid": running.pid if running else None,
            "state_dir": running.state_dir if running else None,
            "services": running.services if running else {},
        }
        click.echo(json.dumps(described, indent=2))
    elif running is None:
        click.echo("the sandbox is down; start it with `flowforge sandbox up`")
    else:
        for line in _table(running):
            click.echo(line)
    sys.exit(0 if running is not None and running.is_healthy else 1)


@sandbox.command()
def down() -> None:
    """Stop the sandbox. Its state is kept. Stopped already is fine."""
    try:
        ran = process.down(read_settings(os.environ, Path.cwd()))
    except errors.SandboxError as error:
        sys.exit(_explain(error))
    click.echo("the sandbox is stopped; its state is kept" if ran else "the sandbox was not running")


@sandbox.command()
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Stop the sandbox and delete everything in it: the next `up` starts empty.

    Stacks that were deployed into it still list their objects afterwards:
    `pulumi up --refresh` makes them again.
    """
    try:
        settings = read_settings(os.environ, Path.cwd())
        if not yes:
            click.confirm(f"Delete all databases, buckets, flow runs and so on in {settings.state_dir}?", abort=True)
        process.reset(settings)
    except errors.SandboxError as error:
        sys.exit(_explain(error))
    click.echo("the sandbox is empty; start it with `flowforge sandbox up`")


def _print_event(event: process.Event) -> None:
    name = _NAMES.get(event.service, event.service)
    if event.state == "starting":
        note = f" ({event.note})" if event.note else ""
        click.echo(f"  {name:10} starting on port {event.port}{note}")
    else:
        click.echo(f"  {name:10} ready after {event.seconds:.1f} s   {event.url}")


def _table(running: process.Running) -> list[str]:
    header = ("service", "url", "state", "pid", "uptime", "counters")
    rows = [header, *(_row(name, service) for name, service in running.services.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    prefect = running.services.get("prefect")
    if prefect is not None:
        lines.append(f"Prefect's web interface: {str(prefect['url']).removesuffix('/api')}")
    return lines


def _row(name: str, service: Mapping[str, object]) -> tuple[str, ...]:
    counters = service["counters"]
    counted = ", ".join(f"{count} {word}" for word, count in counters.items()) if isinstance(counters, dict) else ""
    restarts = f"{service['restarts']} restarts" if service["restarts"] else ""
    remarks = ", ".join(remark for remark in (counted, restarts, str(service["problem"])) if remark)
    uptime_s = float(str(service["uptime_s"]))
    return (name, str(service["url"]), str(service["state"]), str(service["pid"]), _duration(uptime_s), remarks)


def _duration(seconds: float) -> str:
    """A duration for people.

    >>> _duration(3725)
    '1h02m'
    """
    if seconds < 60:
        return f"{seconds:.0f}s"
    minutes = int(seconds // 60)
    return f"{minutes}m{int(seconds % 60):02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def _explain(error: errors.SandboxError) -> int:
    click.echo(f"error: {error}", err=True)
    if hint := error.hint or error.help:
        click.echo(f"hint: {hint}", err=True)
    return 1


if __name__ == "__main__":
    main()
