"""Stacks of the oldest layout, in which they have no project, brought into the present one.

A stack's project is the one that its resources name. Each file is in its new place before the old one goes:
killed at any moment, the upgrade can be run again.

Source: pulumi/pulumi pkg/backend/diy/backend.go, Upgrade; facts/engine-contract.md §5.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler import errors
from reconciler.backend.compression import Compression, compression_of, pack, unpack
from reconciler.backend.references import ORGANIZATION, StackReference, parse_reference
from reconciler.backend.stores import Store, names, read
from reconciler.model import codec, urns
from reconciler.state.checkpoints import read_checkpoint

_LAYOUT = b"version: 1\n"
_ENDINGS = tuple(f".json{compression}" for compression in Compression)


@dataclass(frozen=True, slots=True)
class OldStack:
    """A stack of the old layout. `project`: what its resources say, "" when it has none."""

    name: str
    key: str
    project: str


def old_stacks(store: Store) -> tuple[OldStack, ...]:
    """The stacks without a project, by name.

    Raises:
        CheckpointFormatError: one of them is damaged; the detail names the file.
    """
    return tuple(_old_stack(store, name) for name in names(store, "stacks") if name.endswith(_ENDINGS))


def _old_stack(store: Store, file: str) -> OldStack:
    key = f"stacks/{file}"
    try:
        deployment = read_checkpoint(unpack(read(store, key) or b"")).deployment or {}
    except errors.CheckpointFormatError as error:
        raise errors.CheckpointFormatError(f"{store.locate(key)}: {error.detail}", hint=error.hint) from error
    resources = deployment.get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    urn = first.get("urn") if isinstance(first, Mapping) else None
    project = urns.project(urn) if isinstance(urn, str) and urns.is_urn(urn) else ""
    return OldStack(file.removesuffix(compression_of(file)).removesuffix(".json"), key, project)


def upgrade(store: Store, projects: Mapping[str, str]) -> tuple[StackReference, ...]:
    """Move stacks, their history and backups below their projects; gives where they are now.

    Args:
        projects: stack -> project, for those without resources. Stacks that have no project at all stay.

    Raises:
        StackLockedError: somebody works on one of them.
        StackExistsError: its project has a stack of that name.
        UsageError: a project's name cannot be one.
    """
    moving = {stack: parse_reference(f"{ORGANIZATION}/{project}/{stack.name}", "")
              for stack in old_stacks(store) if (project := stack.project or projects.get(stack.name, ""))}  # fmt: skip
    for stack, new in moving.items():
        _refuse(store, stack, new)
    # Before any stack moves: one that moved is not seen in the old layout.
    if read(store, "meta.yaml") is None:
        store.create("meta.yaml", _LAYOUT)
    for stack, new in moving.items():
        for old_key, new_key in _moves(store, stack, new):
            content = read(store, old_key)
            if content is not None:
                store.write(new_key, _named(content, old_key, new) if old_key == stack.key else content)
        store.remove(*(old_key for old_key, _new_key in _moves(store, stack, new)))
    return tuple(moving.values())


def _refuse(store: Store, stack: OldStack, new: StackReference) -> None:
    if locks := names(store, f"locks/{stack.name}"):
        holders = [f"{store.locate(f'locks/{stack.name}/{name}')}" for name in locks]
        raise errors.StackLockedError(holders, hint="wait for its owner, or remove the file if it is gone")
    there = next((name for name in names(store, f"stacks/{new.project}") if name in _files(new.stack)), None)
    if there is not None and read(store, f"stacks/{new.project}/{there}") != _expected(store, stack, new):
        raise errors.StackExistsError(str(new), hint="rename one of the two with the version that made it")


def _files(stack: str) -> tuple[str, ...]:
    return tuple(f"{stack}{ending}" for ending in _ENDINGS)


def _expected(store: Store, stack: OldStack, new: StackReference) -> bytes:
    return _named(read(store, stack.key) or b"", stack.key, new)


def _moves(store: Store, stack: OldStack, new: StackReference) -> Iterator[tuple[str, str]]:
    """Old and new key of all that a stack has; its file is the last."""
    for area in ("history", "backups"):
        for name in names(store, f"{area}/{stack.name}"):
            yield f"{area}/{stack.name}/{name}", f"{area}/{new.project}/{new.stack}/{name}"
    for ending in (".bak", ""):
        yield f"{stack.key}{ending}", f"stacks/{new.project}/{stack.key.removeprefix('stacks/')}{ending}"


def _named(content: bytes, key: str, new: StackReference) -> bytes:
    """A stack file that names its stack in full."""
    data = codec.parse_json(unpack(content))
    if isinstance(data, dict) and isinstance(inner := data.get("checkpoint"), dict):
        data = data | {"checkpoint": inner | {"stack": str(new)}}
    return pack(codec.render_json(data).encode(), compression_of(key))
