"""Import files on disk: reading one, filling in what it leaves open, writing one for what a preview would create."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler import errors
from reconciler.cli.invocation import Invocation
from reconciler.cli.wishes import Wishes
from reconciler.cli.workspace import Workspace
from reconciler.deploy.events import Event, StepDone
from reconciler.host.sdks import Release, find_releases
from reconciler.host.virtualenvs import find_interpreter
from reconciler.model import urns
from reconciler.plan.imports import PLACEHOLDER, Import, ImportFile, parse_file, resolve
from reconciler.plan.steps import Op


def read_import_file(path: Path) -> ImportFile:
    """What an import file asks for.

    Raises:
        UsageError: it cannot be read, or is no such file.
    """
    try:
        return parse_file(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"could not read import file {path}: {error}") from error


def find_imports(workspace: Workspace, wishes: Wishes) -> tuple[Import, ...]:
    """What the run is to import; where nobody names a provider, by the one that the project's SDK asks for.

    Raises:
        UsageError: names that mean nothing, or too much.
    """
    if wishes.imports is None:
        return ()
    imports = resolve(
        wishes.imports, project=workspace.project.name, stack=workspace.stack.stack, protect=wishes.protect_imports
    )
    packages = {urns.package(one.type) for one in imports if not (one.version or one.provider or one.component)}
    releases = find_releases(project_python(workspace), sorted(packages)) if packages else {}
    return tuple(_released(one, releases.get(urns.package(one.type))) for one in imports)


def _released(wanted: Import, release: Release | None) -> Import:
    if release is None or wanted.version or wanted.provider or wanted.component:
        return wanted
    return dataclasses.replace(wanted, version=release.version, url=wanted.url or release.server)


def project_python(workspace: Workspace) -> Path | None:
    """The Python that the project asks for; None for the one that runs this."""
    project = workspace.project
    return find_interpreter(project.folder, project.program, project.runtime_options)


def write_import_file(invocation: Invocation, path: str, seen: Sequence[Event]) -> None:
    """Write an import file for what a preview would create, with a placeholder for each id.

    Raises:
        UsageError: something would be created by a provider that is to be created itself.
    """
    data = json.dumps(_import_file(seen), indent=4, ensure_ascii=False)
    (invocation.directory / path).write_text(f"{data}\n", encoding="utf-8")


def _import_file(seen: Sequence[Event]) -> Mapping[str, object]:
    done = [event for event in seen if isinstance(event, StepDone)]
    providers = {event.step.urn: event.step.subject for event in done if urns.is_provider_type(event.step.subject.type)}
    made = [event.step for event in done if event.step.op is Op.CREATE and event.step.subject.type != urns.STACK_TYPE]
    new_providers = {step.urn for step in made if step.urn in providers}
    created = [step.subject for step in made if step.urn not in providers]
    # What the file calls each resource; names of the stack that several have get their type, then a number.
    calls: dict[str, str] = {}

    def call(urn: str) -> str:
        if urn not in calls:
            name = urns.name(urn)
            token = urns.type_token(urn).rpartition(":")[2]
            tried = [name, f"{name}{token[:1].upper()}{token[1:]}"]
            tried += (f"{tried[1]}{number}" for number in range(2, len(calls) + 3))
            calls[urn] = next(one for one in tried if one not in calls.values())
        return calls[urn]

    for resource in created:
        call(resource.urn)
    ours = {resource.urn for resource in created}
    table: dict[str, str] = {}
    listed: list[dict[str, object]] = []
    for resource in created:
        spec: dict[str, object] = {"type": resource.type, "name": call(resource.urn)}
        if resource.custom:
            spec["id"] = PLACEHOLDER
        if resource.parent and urns.type_token(resource.parent) != urns.STACK_TYPE:
            spec["parent"] = call(resource.parent)
            if resource.parent not in ours:
                table[call(resource.parent)] = resource.parent
        if resource.provider:
            urn = urns.parse_reference(resource.provider).urn
            inputs = providers[urn].inputs if urn in providers else {}
            if not urns.name(urn).startswith("default"):
                if urn in new_providers:
                    raise errors.UsageError(
                        f"{resource.urn} cannot be imported: its provider {urn} is not there yet",
                        hint="make the provider first: `pulumi up --target` with its URN",
                    )
                spec["provider"] = call(urn)
                table[call(urn)] = urn
            if isinstance(version := inputs.get("version"), str):
                spec["version"] = version
        if not resource.custom:
            spec |= {"component": True} | ({"remote": True} if resource.provider else {})
        if call(resource.urn) != urns.name(resource.urn):
            spec["logicalName"] = urns.name(resource.urn)
        listed.append(spec)
    return ({"nameTable": table} if table else {}) | {"resources": listed}
