"""What does an import file ask for: which objects, under which names, below which parents?

The file's names are its own: `nameTable` and the resources' `name` say what a `parent` or a `provider` means. Here
they become URNs. Pure; who reads the file is the command line, who imports is `deploy.importing`.

Source: facts/engine-contract.md §9.2; Pulumi docs, "Importing resources: bulk import operations".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler import errors
from reconciler.model import urns

PLACEHOLDER: Final = "<PLACEHOLDER>"
"""The id in a file that a preview wrote: the person puts the object's id in its place."""

_TEXTS: Final = {
    "type": "type",
    "name": "name",
    "id": "id",
    "parent": "parent",
    "provider": "provider",
    "version": "version",
    "pluginDownloadUrl": "url",
    "logicalName": "logical_name",
}
_SWITCHES: Final = ("component", "remote")
_NOT_SERVED: Final = ("parameterization", "extension")
_KNOWN: Final = frozenset({*_TEXTS, *_SWITCHES, *_NOT_SERVED, "properties", "inputs", "outputs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSpec:
    """One resource of an import file.

    Attributes:
        name: what other resources of the file, and the generated code, call it.
        parent, provider: names of the file; "" for none.
        logical_name: its name in the stack where that is not `name`; else "".
        properties: the inputs to take over; () for all.
    """

    type: str
    name: str
    id: str = ""
    parent: str = ""
    provider: str = ""
    version: str = ""
    url: str = ""
    properties: tuple[str, ...] = ()
    component: bool = False
    remote: bool = False
    logical_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """What an import file says. `name_table`: name -> URN of what the stack has already."""

    resources: tuple[ImportSpec, ...]
    name_table: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One resource to import, its names resolved.

    Attributes:
        parent, provider: URNs; "" for the stack, for the package's default provider.
        label: what generated code calls it. parent_label, provider_label: and these, "" for none.
    """

    urn: str
    type: str
    name: str
    id: str
    label: str
    protect: bool = True
    parent: str = ""
    parent_label: str = ""
    provider: str = ""
    provider_label: str = ""
    version: str = ""
    url: str = ""
    properties: tuple[str, ...] = ()
    component: bool = False
    remote: bool = False


def parse_file(data: object) -> ImportFile:
    """What the JSON of an import file says.

    Raises:
        UsageError: it is no import file; every finding is named.
    """
    if not isinstance(data, Mapping):
        raise _wrong(["the file is no JSON object"])
    table, listed = data.get("nameTable") or {}, data.get("resources")
    findings: list[str] = []
    if not isinstance(table, Mapping) or not all(isinstance(urn, str) and urns.is_urn(urn) for urn in table.values()):
        findings.append("'nameTable' must say the URN of each name")
        table = {}
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise _wrong([*findings, "'resources' must be a list of objects"])
    specs = [_parse_spec(index, item, findings) for index, item in enumerate(listed)]
    if not specs:
        findings.append("there are no resources in it")
    if findings:
        raise _wrong(findings)
    return ImportFile(resources=tuple(specs), name_table={str(name): str(urn) for name, urn in table.items()})


def resolve(file: ImportFile, *, project: str, stack: str, protect: bool) -> tuple[Import, ...]:
    """The resources of a file with their URNs, each after its parent.

    Raises:
        UsageError: a name means nothing or too much, or two resources would have one URN.
    """
    findings: list[str] = []
    named: dict[str, list[ImportSpec]] = {}
    for spec in file.resources:
        named.setdefault(spec.name, []).append(spec)
    table = dict(file.name_table)
    found: dict[str, Import] = {}
    waiting = list(file.resources)
    while waiting:
        ready = [spec for spec in waiting if spec.parent in table or not _is_below(spec, named)]
        if not ready:
            findings.append(f"the parents of {', '.join(_who(spec) for spec in waiting)} go round in a circle")
            break
        for spec in ready:
            findings += _unresolved(spec, file, named)
            one = _resolved(spec, table, project=project, stack=stack, protect=protect)
            if one.urn in found or one.urn in file.name_table.values():
                findings.append(f"{_who(spec)} would have the URN of another one: give it another name")
            found[one.urn] = one
            table.setdefault(spec.name, one.urn)
        waiting = [spec for spec in waiting if spec not in ready]
    if findings:
        raise _wrong(findings)
    return tuple(found.values())


def _parse_spec(index: int, item: Mapping[str, object], findings: list[str]) -> ImportSpec:
    texts = {ours: item.get(theirs) or "" for theirs, ours in _TEXTS.items()}
    switches = {name: item.get(name) or False for name in _SWITCHES}
    properties = item.get("properties") or []
    texts["name"] = texts["name"] or texts["logical_name"]
    who = f"resource '{texts['name']}'" if texts["name"] else f"resource {index}"
    is_list = isinstance(properties, list) and all(isinstance(name, str) for name in properties)
    if not all(isinstance(text, str) for text in texts.values()) or not is_list:
        findings.append(f"{who} has a value that is no text")
        return ImportSpec(type="", name="")
    if not all(isinstance(switch, bool) for switch in switches.values()):
        findings.append(f"{who}: 'component' and 'remote' are true or false")
    spec = ImportSpec(
        **texts,  # type: ignore[arg-type]  # texts, as was seen above
        properties=tuple(properties),  # type: ignore[arg-type]  # a list of texts, likewise
        component=switches["component"] is True,
        remote=switches["remote"] is True,
    )
    findings += (f"{who} {problem}" for problem in _problems(spec, item))
    return spec


def _problems(spec: ImportSpec, item: Mapping[str, object]) -> Iterator[str]:
    if not spec.type:
        yield "has no type"
    elif spec.type.count(":") < 2:
        yield f"has the type '{spec.type}', which is no type token (package:module:Type)"
    elif urns.is_provider_type(spec.type):
        yield "is a provider: providers cannot be imported"
    if not spec.name:
        yield "has no name"
    if spec.component and spec.id:
        yield "has an ID, but is marked as a component"
    if not spec.component and not spec.id:
        yield "has no ID"
    if spec.id == PLACEHOLDER:
        yield f"still has the ID {PLACEHOLDER}: put its own there"
    if spec.remote and not spec.component:
        yield "is marked as remote, but not as a component"
    for key in _NOT_SERVED:
        if item.get(key):
            yield f"has '{key}', which is not in this version"
    for key in sorted(set(item) - _KNOWN):
        yield f"has '{key}', which means nothing here"


def _is_below(spec: ImportSpec, named: Mapping[str, list[ImportSpec]]) -> bool:
    return bool(spec.parent) and spec.parent in named


def _unresolved(spec: ImportSpec, file: ImportFile, named: Mapping[str, list[ImportSpec]]) -> Iterator[str]:
    for role, name in (("parent", spec.parent), ("provider", spec.provider)):
        if name and name not in file.name_table and (role == "provider" or name not in named):
            yield f"the {role} '{name}' of {_who(spec)} has no entry in 'nameTable'"
        elif name and len(named.get(name, ())) > 1:
            yield f"{_who(spec)} has an ambiguous {role}"
    if spec.provider and spec.provider in file.name_table:
        token = urns.type_token(file.name_table[spec.provider])
        if not urns.is_provider_type(token) or urns.package(token) != urns.package(spec.type):
            yield f"the provider of {_who(spec)} is a {token}"


def _resolved(spec: ImportSpec, table: Mapping[str, str], *, project: str, stack: str, protect: bool) -> Import:
    parent = table.get(spec.parent, "") if spec.parent else ""
    name = spec.logical_name or spec.name
    return Import(
        urn=urns.build(stack, project, parent, spec.type, name),
        type=spec.type,
        name=name,
        id=spec.id,
        label=spec.name,
        protect=protect,
        parent=parent,
        parent_label=spec.parent,
        provider=table.get(spec.provider, "") if spec.provider else "",
        provider_label=spec.provider,
        version=spec.version.removeprefix("v"),
        url=spec.url,
        properties=spec.properties,
        component=spec.component,
        remote=spec.remote,
    )


def _who(spec: ImportSpec) -> str:
    return f"resource '{spec.name}' of type '{spec.type}'"


def _wrong(findings: list[str]) -> errors.UsageError:
    return errors.UsageError(
        f"nothing was imported: {'; '.join(findings)}",
        hint="`pulumi preview --import-file FILE` writes such a file for what the program would create",
    )
