"""`pulumi package`: what a provider plugin serves. SDKs are not generated here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Group, flag
from reconciler.cli.invocation import Invocation
from reconciler.cli.schema import parse_schema, read_schema_file

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace

_FILES = (".json", ".yaml", ".yml")


class _Packages(Group):
    def later_commands(self) -> Mapping[str, str]:
        """Upstream's commands that this version does not have."""
        sdks = "it makes no SDKs; install the package's own, such as `pip install pulumi-aws`"
        cloud = "it needs Pulumi Cloud"
        return {
            "add": sdks,
            "gen-sdk": sdks,
            "pack-sdk": sdks,
            "get-mapping": "it converts no programs",
            **dict.fromkeys(("delete", "ls", "list", "publish", "publish-sdk", "search"), cloud),
        }


@click.group(cls=_Packages, epilog="Example: pulumi package get-schema ./my-provider")
@flags.global_flags
def package() -> None:
    """Packages, as their plugins describe them."""


@package.command("get-schema", epilog="Example: pulumi package get-schema shop@1.2.0")
@click.argument("source", metavar="SOURCE")
@click.argument("parameters", nargs=-1)
@flags.global_flags
@click.pass_obj
def get_schema(invocation: Invocation, source: str, parameters: tuple[str, ...]) -> None:
    """Print a package's schema as JSON.

    SOURCE is a plugin (NAME or NAME@VERSION), the path of a plugin's folder or binary, or a schema file.
    PARAMETERS make some plugins serve another package.
    """
    data = _schema(invocation, source, parameters)
    invocation.terminal.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


@package.command(epilog="Example: pulumi package info ./my-provider --resource shop:index:Thing")
@click.argument("source", metavar="SOURCE")
@click.argument("parameters", nargs=-1)
@flag("--module", "-m", default="", help="Only what is in this module.")
@flag("--resource", "-r", default="", metavar="TOKEN", help="The properties of this resource.")
@flag("--function", "-f", default="", metavar="TOKEN", help="The arguments and results of this function.")
@flags.global_flags
@click.pass_obj
def info(
    invocation: Invocation, source: str, parameters: tuple[str, ...], module: str, resource: str, function: str
) -> None:
    """Tell what a package has: its modules, resources and functions."""
    data = _schema(invocation, source, parameters)
    lines = [f"{data.get('name')} {data.get('version') or ''}".rstrip()]
    lines += [str(data["description"]).strip()] if data.get("description") else []
    resources, functions = (_part(data, name) for name in ("resources", "functions"))
    if resource:
        spec = _chosen(resources, resource, "resource")
        lines += _described("Inputs", spec.get("inputProperties"), spec.get("requiredInputs"))
        lines += _described("Outputs", spec.get("properties"), spec.get("required"))
    elif function:
        spec = _chosen(functions, function, "function")
        for title, part in (("Arguments", spec.get("inputs")), ("Result", spec.get("outputs"))):
            if isinstance(part, Mapping):
                lines += _described(title, part.get("properties"), part.get("required"))
    else:
        for title, tokens in (("Resources", resources), ("Functions", functions)):
            chosen = [token for token in sorted(tokens) if not module or _module(token) == module]
            lines += [f"\n{title}: {len(chosen)}", *(f"  {token}" for token in chosen)]
    invocation.terminal.write("\n".join(lines) + "\n")


def _schema(invocation: Invocation, source: str, parameters: tuple[str, ...]) -> Mapping[str, Any]:
    path = invocation.directory / source
    if source.endswith(_FILES) and not path.is_dir():
        if parameters:
            raise errors.UsageError("a schema file takes no parameters")
        data = read_schema_file(source, invocation.directory)
    else:
        data = parse_schema(_ask(invocation, source, path, parameters), "the plugin's schema")
    if not isinstance(data, Mapping):
        raise errors.UsageError(f"{source} holds no package schema")
    return data


def _ask(invocation: Invocation, source: str, path: Path, parameters: tuple[str, ...]) -> str:
    import dataclasses

    from reconciler.cli.workspace import Workspace
    from reconciler.contract.protocol import Origin
    from reconciler.providers.plugins.discovery import find_plugin
    from reconciler.providers.plugins.pool import Plugins
    from reconciler.providers.plugins.schemas import read_schema

    places = _places(Workspace(invocation), invocation)
    name, _, version = source.partition("@")
    if path.exists() and ("/" in source or path.is_dir()):
        name, version = path.resolve().name.removeprefix("pulumi-resource-"), ""
        places = dataclasses.replace(places, project_paths={**places.project_paths, name: path.resolve()})
    found = find_plugin(name, version.removeprefix("v"), places)
    plugins = Plugins(places, lambda said: _tell(invocation, said.severity, said.message))
    return asyncio.run(read_schema(plugins, Origin(plugin=name, version=version), found, parameters))


def _places(workspace: Workspace, invocation: Invocation) -> Any:
    from reconciler import provisioning
    from reconciler.providers.plugins.discovery import Places

    home, environment = workspace.home.folder, workspace.environment
    project = workspace.find_project()
    if project is None:
        return Places(home=home, program=invocation.directory, environment=environment)
    return provisioning.plugin_places(project, home, environment, {})


def _tell(invocation: Invocation, severity: str, message: str) -> None:
    if severity in ("warning", "error"):
        invocation.terminal.warn(f"{severity}: {message}")


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    return part if isinstance(part, Mapping) else {}


def _module(token: str) -> str:
    middle = token.split(":")[1] if token.count(":") > 1 else ""
    return middle.split("/", 1)[0]


def _chosen(known: Mapping[str, Any], wanted: str, sort: str) -> Mapping[str, Any]:
    import difflib

    tokens = [token for token in known if wanted in (token, token.rpartition(":")[2])]
    if len(tokens) == 1 and isinstance(known[tokens[0]], Mapping):
        found: Mapping[str, Any] = known[tokens[0]]
        return found
    close = difflib.get_close_matches(wanted, known, n=1)
    raise errors.UsageError(
        f"there is no {sort} {wanted} in this package", hint=f"did you mean {close[0]}?" if close else ""
    )


def _described(title: str, properties: object, required: object) -> list[str]:
    if not isinstance(properties, Mapping) or not properties:
        return []
    musts = required if isinstance(required, list) else []
    lines = [f"\n{title}:"]
    for name, spec in properties.items():
        text = str(spec.get("description") or "").strip() if isinstance(spec, Mapping) else ""
        first = text.splitlines()[0] if text else ""
        lines.append(f"  {name}{'*' if name in musts else ''} ({_type(spec)}){f': {first}' if first else ''}")
    return lines


def _type(spec: object) -> str:
    if not isinstance(spec, Mapping):
        return "?"
    if "$ref" in spec:
        return str(spec["$ref"]).rpartition("/")[2]
    if "oneOf" in spec:
        return " | ".join(map(_type, spec["oneOf"]))
    if spec.get("type") == "array":
        return f"[{_type(spec.get('items'))}]"
    if spec.get("type") == "object":
        return f"{{{_type(spec.get('additionalProperties') or {'type': 'string'})}}}"
    return str(spec.get("type") or "?")
