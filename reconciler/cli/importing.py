"""`pulumi import`: what its line asks for, and the code that it prints in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from reconciler import errors
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation
from reconciler.cli.runs import import_flags
from reconciler.cli.wishes import Wishes
from reconciler.deploy.options import Kind

if TYPE_CHECKING:
    from reconciler.plan.imports import ImportFile

_PLEASE = """
Please copy the following code into your Pulumi program. Until it is there, the program does not ask for what was
imported, and the next `pulumi up` {follows}.
"""
_DELETES = "deletes it"
_FAILS = "fails, since what is imported is protected: nothing deletes it until `protect` is gone from the program"


@click.command(name="import", cls=Command, epilog="Example: pulumi import aws:s3/bucket:Bucket raw my-bucket --yes")
@click.argument("inline", metavar="[TYPE NAME ID]", nargs=-1)
@flag("--file", "-f", type=click.Path(dir_okay=False), default="", help="A JSON file that names the resources.")
@flag("--out", "-o", type=click.Path(dir_okay=False), default="", help="Write the generated code to this file.")
@flag("--generate-code/--no-generate-code", default=True, help="Print code that declares what was imported.")
@flag("--protect/--no-protect", default=True, help="Protect what is imported against deletion.")
@flag("--parent", default="", metavar="NAME=URN", help="The parent, and what the generated code calls it.")
@flag("--provider", default="", metavar="NAME=URN", help="The provider, and what the generated code calls it.")
@flag("--properties", multiple=True, metavar="NAME,...", help="The inputs to take over; all without it.")
@flag("--from", "converter", default="", hidden=True)
@flag("--generate-resources", default="", hidden=True)
@import_flags
@click.pass_obj
def import_(  # what click hands over is checked by its flags
    invocation: Invocation,
    /,
    inline: tuple[str, ...],
    file: str,
    out: str,
    generate_code: bool,
    protect: bool,
    parent: str,
    provider: str,
    properties: tuple[str, ...],
    converter: str,
    generate_resources: str,
    **given: object,
) -> int:
    """Take objects that exist into the stack, and print the code that declares them.

    TYPE is a type token, such as aws:s3/bucket:Bucket, NAME the resource's name in the stack, and ID the provider's own
    name of the object. Several resources go into a file, see --file.
    """
    if converter or generate_resources:
        name = "--from" if converter else "--generate-resources"
        raise errors.UsageError(f"{name} is not in this version", hint="it needs a converter; name the ids with --file")
    if file and (inline or parent or provider or properties):
        raise errors.UsageError("a resource on the line and --file cannot be given together")
    from reconciler.cli.import_files import read_import_file  # nor is this

    wanted = read_import_file(invocation.directory / file) if file else _inline(inline, parent, provider, properties)
    wishes = Wishes(kind=Kind.IMPORT, imports=wanted, protect_imports=protect, **given)  # type: ignore[arg-type]  # click has checked each by its flag

    from reconciler.cli.conductor import carry_out  # The engine is not paid for by `--help`.

    code = carry_out(invocation, wishes)
    if generate_code and not wishes.preview_only:
        _tell_code(invocation, wishes, out)
    return code


def _inline(inline: Sequence[str], parent: str, provider: str, properties: Sequence[str]) -> ImportFile:
    from reconciler.plan.imports import parse_file

    if len(inline) != 3:
        raise errors.UsageError(
            "a resource is named by its TYPE, NAME and ID" + (f", and there are {len(inline)} words" if inline else ""),
            hint="pulumi import TYPE NAME ID, or pulumi import --file FILE",
        )
    token, name, id = inline
    table = dict(_named(role, text) for role, text in (("parent", parent), ("provider", provider)) if text)
    if parent and provider and len(table) == 1:
        raise errors.UsageError("--parent and --provider must have different names")
    spec: dict[str, Any] = {"type": token, "name": name, "id": id}
    spec |= {role: _named(role, text)[0] for role, text in (("parent", parent), ("provider", provider)) if text}
    spec["properties"] = [one.strip() for text in properties for one in text.split(",") if one.strip()]
    return parse_file({"resources": [spec], "nameTable": table})


def _named(role: str, text: str) -> tuple[str, str]:
    """The name and the URN of `NAME=URN`; a URN alone is called by its role."""
    from reconciler.model import urns

    name, separator, urn = text.partition("=")
    if urns.is_urn(text):
        name, urn = role, text
    elif not (separator and name and urns.is_urn(urn)):
        raise errors.UsageError(f"--{role} {text}: expected NAME=URN", hint="`pulumi stack --show-urns` lists the URNs")
    return name, urn


def _tell_code(invocation: Invocation, wishes: Wishes, out: str) -> None:
    from reconciler.cli.import_files import project_python
    from reconciler.cli.imported_code import Imported, render_program
    from reconciler.cli.redact import Redactor
    from reconciler.cli.workspace import Workspace
    from reconciler.host.sdks import find_names
    from reconciler.plan.imports import resolve

    assert wishes.imports is not None, "an import knows what to import"
    workspace = Workspace(invocation, config_file=wishes.config_file)
    resources = {one.urn: one for one in workspace.load().snapshot.resources if not one.delete}
    asked = resolve(
        wishes.imports, project=workspace.project.name, stack=workspace.stack.stack, protect=wishes.protect_imports
    )
    found = [Imported(one, resources[one.urn]) for one in asked if one.urn in resources]
    # What was refused, since its name is another object's, is not what was asked for.
    imported = [one for one in found if one.asked.id in (one.recorded.id, one.recorded.import_id)]
    tokens = [one.recorded.type for one in imported if one.recorded.custom]
    names = find_names(project_python(workspace), tokens)
    # By value the config's secrets alone: a service may hold for secret what it shows elsewhere, a user's login name.
    configured = Redactor()
    configured.learn_values(workspace.config(checks=False).structured)
    text = render_program(imported, names, lambda text: configured.mask(text) != text)
    if out:
        (invocation.directory / out).write_text(text, encoding="utf-8")
    elif text and not wishes.as_json:
        follows = _FAILS if any(one.recorded.protect for one in imported) else _DELETES
        invocation.terminal.write(f"{_PLEASE.format(follows=follows)}\n{text}")
