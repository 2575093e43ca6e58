"""A stack under another name: its state, history and tags.

The new one is whole before anything of the old one goes: killed between the two, both are there.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler import errors
from reconciler.backend import edits, operations
from reconciler.backend.history import UpdateRecord, history_folder
from reconciler.backend.references import StackReference
from reconciler.backend.stacks import Backend
from reconciler.backend.stores import names, read
from reconciler.state import integrity, surgery
from reconciler.state.secrets import SecretsManager

KIND = "rename"
_REFERENCE_TYPE = "pulumi:pulumi:StackReference"


def rename_stack(
    backend: Backend, old: StackReference, new: StackReference, secrets: SecretsManager | None
) -> edits.Edited:
    """Rename a stack, in the URNs of its state too; the old file is kept as `.bak`.

    Raises:
        StackExistsError: there is one of the new name.
        StackNotFoundError, StackLockedError, StateError: as `edits.opened`.
    """
    if backend.has_stack(new):
        raise errors.StackExistsError(new.stack, hint="choose another name, or remove that one: `pulumi stack rm`")
    with edits.opened(backend, old, secrets) as opened:
        stored = backend.read(old)
        snapshot = surgery.rename_stack(opened.snapshot, new.project, new.stack)
        backend.create_stack(new, stored.checkpoint.secrets_provider)
        with backend.lock(new):
            empty = backend.read(new)
            template = replace(empty, content=b"", checkpoint=replace(stored.checkpoint, stack=str(new)))
            content = backend.render(template, snapshot, secrets)
            backend.replace_file(new, empty, content)
            backend.store.remove(f"{empty.key}.bak")
            _copy_history(backend, old, new)
            if tags := backend.tags(old):
                backend.write_tags(new, tags)
            now_s = backend.now_ns() // operations.NANOSECONDS
            message = f"stack rename {old} to {new}"
            record = UpdateRecord(kind=KIND, start_s=now_s, end_s=now_s, result="succeeded", message=message)
            backend.append_history(new, record, content)
            backend.forget_stack(old, stored)
        return edits.Edited(
            snapshot=snapshot,
            changed=True,
            backup=backend.store.locate(f"{stored.key}.bak"),
            findings=integrity.violations(snapshot),
            notes=opened.notes,
        )


def _copy_history(backend: Backend, old: StackReference, new: StackReference) -> None:
    for name in names(backend.store, history_folder(old)):
        if name.startswith(f"{old.stack}-"):
            content = read(backend.store, f"{history_folder(old)}/{name}") or b""
            backend.store.write(f"{history_folder(new)}/{new.stack}{name[len(old.stack) :]}", content)


def referring_stacks(backend: Backend, stack: StackReference) -> tuple[StackReference, ...]:
    """The other stacks whose programs read the outputs of this one; a damaged stack tells nothing."""
    found: list[StackReference] = []
    for other in backend.stacks():
        try:
            resources = (backend.read(other).checkpoint.deployment or {}).get("resources")
        except errors.ReconcilerError:
            continue
        if other != stack and isinstance(resources, list) and any(_names(one, stack, other) for one in resources):
            found.append(other)
    return tuple(found)


def _names(resource: object, stack: StackReference, reader: StackReference) -> bool:
    if not isinstance(resource, dict) or resource.get("type") != _REFERENCE_TYPE:
        return False
    inputs = resource.get("inputs")
    named = inputs.get("name") if isinstance(inputs, dict) else resource.get("id")
    short = {stack.stack, f"organization/{stack.stack}"} if reader.project == stack.project else set()
    return named in {str(stack), *short}
