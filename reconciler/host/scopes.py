"""What a resource takes from its parent where the program does not say: providers, and three options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.model import urns


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a registered resource hands down."""

    options: dict[str, Any]
    providers: dict[str, str]


class Scopes:
    """The registered resources of one program run, as parents."""

    def __init__(self) -> None:
        self._scopes: dict[str, _Scope] = {}

    def enter(self, urn: str, request: Any) -> Any:
        """Note a registration; gives it with what it takes from its parent filled in.

        `protect`, `retainOnDelete` and `deletedWith` come from the parent where they are unset.
        """
        parent = self._scopes.get(request.parent)
        if parent is not None:
            request = _filled(request, parent.options)
        providers = {**(parent.providers if parent is not None else {}), **request.providers}
        if request.provider:
            # Of a component it stands for its children; of a custom resource for those of the same package.
            package = urns.package(urns.type_token(urns.parse_reference(request.provider).urn))
            providers[package] = request.provider
        self._scopes[urn] = _Scope(_options(request), providers)
        return request

    def providers(self, urn: str) -> dict[str, str]:
        """Package -> the provider that a registered resource hands down."""
        return dict(self._scopes[urn].providers)

    def provider(self, urn: str, package: str) -> str:
        """The provider that a registered resource and what is below it use for a package; "" for the default one."""
        scope = self._scopes.get(urn)
        return scope.providers.get(package, "") if scope is not None else ""


def _options(request: Any) -> dict[str, Any]:
    """The options that descendants take, as far as they are set."""
    options = {field: getattr(request, field) for field in ("protect", "retainOnDelete") if request.HasField(field)}
    return options | ({"deletedWith": request.deletedWith} if request.deletedWith else {})


def _filled(request: Any, inherited: dict[str, Any]) -> Any:
    missing = {field: value for field, value in inherited.items() if field not in _options(request)}
    if not missing:
        return request
    filled = type(request)()
    filled.CopyFrom(request)
    for field, value in missing.items():
        setattr(filled, field, value)
    return filled
