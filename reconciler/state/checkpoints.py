"""Snapshots to and from state files (version 3, or 4 with features) and exports.

A file is read in two steps: `read_checkpoint` checks its form and says who
keeps its secrets; `decode_snapshot` then needs that keeper. Keys that we do
not know are carried along.

Source: facts/engine-contract.md §5.1 (field order, omissions), §5.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler import errors
from reconciler.model import codec
from reconciler.model.resources import Recorded
from reconciler.state.extensions import EXTENSIONS, collected, handed_out
from reconciler.state.json_fields import array, find_object, string, strings
from reconciler.state.resource_records import decode_pending, decode_resource, encode_pending, encode_resource
from reconciler.state.snapshots import Snapshot

# The engine whose file format and command line this one speaks.
ENGINE_VERSION: Final = "v3.260.0"

FEATURES: Final = frozenset(
    {
        "refreshBeforeUpdate",
        "views",
        "hooks",
        "taint",
        "replaceWith",
        "snippets-prototype",
        "extensionParameterization",
        "byteString",
    }
)
_NEWEST_VERSION: Final = 4
_DEPLOYMENT_KEYS: Final = frozenset(
    {"manifest", "secrets_providers", "resources", "pending_operations", "metadata", EXTENSIONS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A state file or an export whose form was checked, with its resources still encoded.

    Attributes:
        stack: `organization/<project>/<stack>`; "" in exports.
        deployment: the `latest` or `deployment` object; None in a stack that was never saved.
        secrets_provider: `{"type", "state"}`; None where nobody keeps secrets.
        config, extra: parts of the file that we carry along unread.
    """

    stack: str = ""
    deployment: Mapping[str, object] | None = None
    secrets_provider: Mapping[str, object] | None = None
    config: object = None
    extra: Mapping[str, object] = field(default_factory=dict)


def read_checkpoint(text: str | bytes) -> Checkpoint:
    """Check a state file's form; versions 0 to 4.

    Raises:
        CheckpointFormatError: empty, cut short, not JSON, of another version or feature, or with a wrong magic.
    """
    data = _read_versioned(text)
    inner = data.get("checkpoint")
    if not isinstance(inner, dict):
        raise errors.CheckpointFormatError("it has no 'checkpoint'")
    deployment = find_object(inner, "latest")
    codec.check_depth([value for key, value in inner.items() if key != "latest"])
    return Checkpoint(
        stack=string(inner, "stack"),
        deployment=deployment,
        secrets_provider=_secrets_provider(deployment),
        config=inner.get("config"),
        extra={key: value for key, value in inner.items() if key not in ("stack", "config", "latest")},
    )


def read_export(text: str | bytes) -> Checkpoint:
    """Check the form of what `stack export` wrote.

    Raises:
        CheckpointFormatError: as `read_checkpoint`.
    """
    data = _read_versioned(text)
    deployment = find_object(data, "deployment")
    if deployment is None:
        raise errors.CheckpointFormatError("it has no 'deployment'")
    return Checkpoint(deployment=deployment, secrets_provider=_secrets_provider(deployment))


def decode_snapshot(checkpoint: Checkpoint, cipher: codec.Cipher | None) -> Snapshot:
    """Decode a file's resources.

    Args:
        cipher: None where the file holds no ciphertexts.

    Raises:
        CheckpointFormatError: a resource or value is malformed.
        DecryptError: a secret cannot be decrypted; the detail names the resource.
    """
    deployment = checkpoint.deployment
    if deployment is None:
        return Snapshot()
    codec.check_depth([value for key, value in deployment.items() if key not in ("resources", "pending_operations")])
    extensions = find_object(deployment, EXTENSIONS) or {}
    return Snapshot(
        resources=tuple(
            handed_out(decode_resource(item, cipher), extensions) for item in array(deployment, "resources")
        ),
        pending=tuple(
            replace(operation, resource=handed_out(operation.resource, extensions))
            for operation in (decode_pending(item, cipher) for item in array(deployment, "pending_operations"))
        ),
        metadata=find_object(deployment, "metadata") or {},
        extra={key: value for key, value in deployment.items() if key not in _DEPLOYMENT_KEYS},
    )


def render_checkpoint(
    checkpoint: Checkpoint,
    snapshot: Snapshot | None,
    cipher: codec.Cipher | None,
    *,
    time: str,
    version: str = ENGINE_VERSION,
) -> str:
    """The text of a state file, to the byte as the official engine writes it.

    Args:
        checkpoint: names the stack and its secrets provider; its `deployment` is not used.
        snapshot: None writes a stack that was never saved.
        time: RFC 3339; when the file is written.
    """
    inner: dict[str, object] = {"stack": checkpoint.stack}
    if checkpoint.config is not None:
        inner["config"] = checkpoint.config
    features: tuple[str, ...] = ()
    if snapshot is not None:
        features = features_of(snapshot)
        inner["latest"] = _deployment(snapshot, cipher, checkpoint.secrets_provider, time, version)
    return codec.render_json(_versioned(features) | {"checkpoint": inner | dict(checkpoint.extra)})


def render_export(
    snapshot: Snapshot,
    cipher: codec.Cipher | None,
    secrets_provider: Mapping[str, object] | None,
    *,
    time: str,
    version: str = ENGINE_VERSION,
) -> str:
    """The text of `stack export`; without a cipher, secrets are shown."""
    deployment = _deployment(snapshot, cipher, secrets_provider, time, version)
    return codec.render_json(_versioned(features_of(snapshot)) | {"deployment": deployment}, indent=4)


def features_of(snapshot: Snapshot) -> tuple[str, ...]:
    """What a reader of the file must understand, sorted."""
    resources = [*snapshot.resources, *(operation.resource for operation in snapshot.pending)]
    uses: Mapping[str, Callable[[Recorded], object]] = {
        "byteString": lambda one: codec.has_byte_string(one.inputs) or codec.has_byte_string(one.outputs),
        "extensionParameterization": lambda one: "extensionRef" in one.extra,
        "hooks": lambda one: one.resource_hooks,
        "refreshBeforeUpdate": lambda one: one.refresh_before_update,
        "replaceWith": lambda one: one.replace_with,
        "snippets-prototype": lambda one: "snippetID" in one.extra,
        "taint": lambda one: one.taint,
        "views": lambda one: one.view_of,
    }
    parts = {"extensionParameterization": EXTENSIONS, "snippets-prototype": "snippets"}
    return tuple(
        feature
        for feature, is_used in uses.items()
        if parts.get(feature) in snapshot.extra or any(is_used(resource) for resource in resources)
    )


def _read_versioned(text: str | bytes) -> dict[str, object]:
    if not text.strip():
        raise errors.CheckpointFormatError("it is empty", hint="a copy of the previous content ends in .bak")
    try:
        data = codec.parse_json(text)
    except errors.CheckpointFormatError as error:
        hint = "a copy of the previous content ends in .bak"
        raise errors.CheckpointFormatError(error.detail, hint=hint) from error
    if not isinstance(data, dict):
        raise errors.CheckpointFormatError("it is not an object")
    version = data.get("version", 0)
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version <= _NEWEST_VERSION:
        raise errors.CheckpointFormatError(
            f"it is of version {version!r}; versions up to {_NEWEST_VERSION} are known",
            hint="a newer engine wrote it: use that one, or export with it",
        )
    unknown = sorted(set(strings(data, "features")) - FEATURES)
    if unknown:
        raise errors.CheckpointFormatError(f"it needs features that are not known: {', '.join(unknown)}")
    deployment = data.get("deployment")
    checkpoint = data.get("checkpoint")
    latest = checkpoint.get("latest") if isinstance(checkpoint, dict) else None
    for part in (deployment, latest):
        if isinstance(part, dict):
            _check_magic(part)
    return data


def _check_magic(deployment: Mapping[str, object]) -> None:
    manifest = find_object(deployment, "manifest") or {}
    if string(manifest, "magic") != _magic(string(manifest, "version")):
        raise errors.CheckpointFormatError("its manifest's magic does not belong to its version")


def _magic(version: str) -> str:
    return hashlib.sha256(version.encode("utf-8")).hexdigest() if version else ""


def _versioned(features: tuple[str, ...]) -> dict[str, object]:
    return {"version": 4, "features": list(features)} if features else {"version": 3}


def _deployment(
    snapshot: Snapshot,
    cipher: codec.Cipher | None,
    secrets_provider: Mapping[str, object] | None,
    time: str,
    version: str,
) -> dict[str, object]:
    data: dict[str, object] = {"manifest": {"time": time, "magic": _magic(version), "version": version}}
    if secrets_provider is not None:
        data["secrets_providers"] = dict(secrets_provider)
    resources = [encode_resource(resource, cipher) for resource in snapshot.resources]
    pending = [encode_pending(operation, cipher) for operation in snapshot.pending]
    begun = [resource for operation in pending if isinstance(resource := operation["resource"], dict)]
    extensions = collected([*resources, *begun])
    if resources:
        data["resources"] = resources
    if pending:
        data["pending_operations"] = pending
    if extensions:
        data[EXTENSIONS] = extensions
    return data | {"metadata": dict(snapshot.metadata)} | dict(snapshot.extra)


def _secrets_provider(deployment: Mapping[str, object] | None) -> Mapping[str, object] | None:
    provider = find_object(deployment, "secrets_providers") if deployment is not None else None
    return provider or None
