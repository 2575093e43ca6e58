"""What a record looks like when resources that it names go by other URNs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.model.resources import Recorded
from reconciler.model.values import PropertyMap, ResourceReference, Secret, Value


def renamed(resource: Recorded, names: Mapping[str, str]) -> Recorded:
    """A record with the URNs that it names replaced, in references inside its values too; its own URN stays."""

    def new(urn: str) -> str:
        return names.get(urn, urn)

    provider_urn, separator, provider_id = resource.provider.rpartition("::")
    return replace(
        resource,
        parent=new(resource.parent),
        provider=f"{new(provider_urn)}{separator}{provider_id}",
        dependencies=tuple(dict.fromkeys(map(new, resource.dependencies))),
        property_dependencies={
            name: tuple(dict.fromkeys(map(new, listed))) for name, listed in resource.property_dependencies.items()
        },
        deleted_with=new(resource.deleted_with),
        replace_with=tuple(dict.fromkeys(map(new, resource.replace_with))),
        view_of=new(resource.view_of),
        inputs=_map(resource.inputs, names),
        outputs=_map(resource.outputs, names),
    )


def _map(properties: PropertyMap, names: Mapping[str, str]) -> PropertyMap:
    return {name: _value(value, names) for name, value in properties.items()}


def _value(value: Value, names: Mapping[str, str]) -> Value:
    match value:
        case ResourceReference():
            return replace(value, urn=names.get(value.urn, value.urn))
        case Secret():
            return Secret(_value(value.value, names))
        case tuple():
            return tuple(_value(item, names) for item in value)
        case Mapping():
            return _map(value, names)
        case _:
            return value
