"""`pulumi schema check`: is a package's schema one that SDKs can be made of?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.exits import Exit
from reconciler.cli.flags import Group
from reconciler.cli.invocation import Invocation


@click.group(cls=Group, epilog="Example: pulumi schema check schema.json")
@flags.global_flags
def schema() -> None:
    """Schemas of packages."""


@schema.command(epilog="Example: pulumi schema check schema.json")
@click.argument("file", metavar="FILE")
@flags.global_flags
@click.pass_obj
def check(invocation: Invocation, file: str) -> int:
    """Say what is wrong with a schema, JSON or YAML; `-` reads the standard input."""
    from reconciler.contract.package_schemas import violations

    findings = violations(read_schema_file(file, invocation.directory))
    for finding in findings:
        invocation.terminal.write(f"error: {finding.pointer or '/'}: {finding.message}\n")
    if findings:
        many = len(findings)
        invocation.terminal.warn(
            f"error: schema validation failed: {many} {'thing is' if many == 1 else 'things are'} wrong"
        )
        return Exit.ERROR
    return Exit.OK


def read_schema_file(file: str, directory: Path) -> object:
    """The data of a schema file.

    Raises:
        UsageError: it cannot be read, or is neither JSON nor YAML.
    """
    path = directory / file
    try:
        text = sys.stdin.read() if file == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.UsageError(f"could not read {file}: {error}") from error
    return parse_schema(text, file)


def parse_schema(text: str, source: str) -> object:
    """The data of a schema's text.

    Raises:
        UsageError: it is neither JSON nor YAML.
    """
    if not source.endswith((".yaml", ".yml")):
        try:
            return json.loads(text)
        except ValueError as error:
            raise errors.UsageError(f"{source} is no JSON: {error}") from error
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data: object = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise errors.UsageError(f"{source} is no YAML: {error}") from error
    return data
