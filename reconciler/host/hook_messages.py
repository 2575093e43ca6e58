"""Hooks on the wire: which ones a resource has, and what each is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi.runtime.proto import alias_pb2, resource_pb2

from reconciler.contract.wire import write_map, write_value
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan.hooks import Moment, Occasion

_FIELDS: Final = {moment: moment.name.lower() for moment in Moment}


def read_binding(binding: Any) -> dict[str, tuple[str, ...]]:
    """Names of hooks by moment, of a ResourceHooksBinding."""
    return {
        moment.value: tuple(getattr(binding, field)) for moment, field in _FIELDS.items() if getattr(binding, field)
    }


def write_binding(hooks: Mapping[str, tuple[str, ...]]) -> resource_pb2.RegisterResourceRequest.ResourceHooksBinding:
    """The binding that `read_binding` reads."""
    binding = resource_pb2.RegisterResourceRequest.ResourceHooksBinding()
    for moment, field in _FIELDS.items():
        getattr(binding, field).extend(hooks.get(moment.value, ()))
    return binding


def hook_request(occasion: Occasion) -> resource_pb2.ResourceHookRequest:
    """What a hook is told: inputs checked, outputs of what was, and afterwards of what is."""
    request = resource_pb2.ResourceHookRequest(**_identity(occasion), **_sides(occasion))
    if occasion.is_after and occasion.new is not None:
        request.new_outputs.CopyFrom(write_map(occasion.new.outputs))
    return request


def error_request(occasion: Occasion) -> resource_pb2.ErrorHookRequest:
    """What an error hook is told."""
    return resource_pb2.ErrorHookRequest(
        failed_operation=occasion.operation, errors=occasion.errors, **_identity(occasion), **_sides(occasion)
    )


def _identity(occasion: Occasion) -> dict[str, Any]:
    subject = occasion.subject
    return {"urn": subject.urn, "id": subject.id, "name": urns.name(subject.urn), "type": subject.type}


def _sides(occasion: Occasion) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if occasion.old is not None:
        fields["old_inputs"] = write_map(occasion.old.inputs)
        fields["old_outputs"] = write_map(occasion.old.outputs)
        fields["old_options"] = _options(occasion.old)
    if occasion.new is not None:
        fields["new_inputs"] = write_map(occasion.new.inputs)
        fields["new_options"] = _options(occasion.new)
    return fields


def _options(resource: Recorded) -> resource_pb2.ResourceOptions:
    """The options of a resource, as far as state keeps them."""
    timeouts = {name: f"{seconds:g}s" for name, seconds in resource.custom_timeouts.items()}
    options = resource_pb2.ResourceOptions(
        depends_on=resource.dependencies,
        protect=resource.protect,
        ignore_changes=resource.ignore_changes,
        replace_on_changes=resource.replace_on_changes,
        aliases=[alias_pb2.Alias(urn=urn) for urn in resource.aliases],
        provider=resource.provider,
        custom_timeouts=resource_pb2.RegisterResourceRequest.CustomTimeouts(**timeouts) if timeouts else None,
        retain_on_delete=resource.retain_on_delete,
        deleted_with=resource.deleted_with,
        additional_secret_outputs=resource.additional_secret_outputs,
        hooks=write_binding(resource.resource_hooks),
        hide_diff=resource.hide_diff,
        replace_with=resource.replace_with,
        replacement_trigger=(
            None if resource.replacement_trigger is None else write_value(resource.replacement_trigger)
        ),
        parent=resource.parent,
    )
    # A keyword of Python's, so the field cannot be given by name.
    setattr(options, "import", resource.import_id)
    return options
