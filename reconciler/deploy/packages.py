"""Which provider serves a package: its version, where its plugin comes from, the parameter that makes it of another.

Source: facts/engine-contract.md §1.6, §3.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.contract.protocol import Origin, Parameter
from reconciler.model.resources import EXTENSION, EXTENSION_REF, Recorded
from reconciler.model.values import EMPTY, PropertyMap

INTERNAL = "__internal"
"""The input of a provider resource that is the engine's own; no provider sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package.

    Attributes:
        plugin, plugin_version: of the base plugin, where `parameter` makes the package of it; else "".
        parameter: base64, "" for none.
        checksums: "os-arch" -> hex.
    """

    name: str
    version: str = ""
    url: str = ""
    checksums: Mapping[str, str] = field(default_factory=dict)
    plugin: str = ""
    plugin_version: str = ""
    parameter: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Packages with equal keys have one default provider."""
        sums = (part for pair in sorted(self.checksums.items()) for part in pair)
        return (self.name, self.version, self.url, self.plugin, self.plugin_version, self.parameter, *sums)

    @property
    def default_name(self) -> str:
        """The name of its default provider.

        >>> Package(name="x", version="1.2.0-rc.1", url="https://a.b/c").default_name
        'default_1_2_0_rc_1_https_/a.b/c'
        """
        version = "".join(character if character.isalnum() else "_" for character in self.version)
        segments = (re.sub(r"^[^A-Za-z_.]|[^A-Za-z0-9_.-]", "_", part) for part in self.url.split("/") if part)
        url = "/".join(segments)
        return "_".join(filter(None, ("default", version, url)))

    @property
    def internal(self) -> PropertyMap:
        """The engine's own input of its provider resources."""
        plain: dict[str, object] = {}
        if self.url:
            plain["pluginDownloadURL"] = self.url
        if self.checksums:
            plain["pluginChecksums"] = dict(sorted(self.checksums.items()))
        if self.parameter:
            plain |= {"name": self.plugin, "version": self.plugin_version, "parameterization": self.parameter}
        return plain  # type: ignore[return-value]  # texts and a map of texts

    def inputs(self, given: PropertyMap, renamed: Mapping[str, str]) -> PropertyMap:
        """The inputs of a provider resource of this package that a program registers.

        Args:
            renamed: variables of the environment that the provider sees under another name: new -> old.
        """
        version = {"version": self.version} if self.version else {}
        own = {"envVarMappings": dict(sorted(renamed.items()))} if renamed else {}
        return {**given, **version, INTERNAL: {**self.internal, **own}}


def extension_ref(extension: Parameter) -> str:
    """The reference of an extension, the same in every run.

    >>> extension_ref(Parameter(name="crds", version="1.0.0", value=b"x"))[:12]
    '6a2a3335df99'
    """
    return hashlib.sha256(
        b"\0".join((extension.name.encode(), extension.version.encode(), extension.value))
    ).hexdigest()


def extension_kept(extension: Parameter | None) -> dict[str, object]:
    """What state keeps of the extension that serves a resource, among `Recorded.extra`."""
    if extension is None:
        return {}
    value = base64.b64encode(extension.value).decode()
    kept = {"name": extension.name, "version": extension.version, "value": value}
    return {EXTENSION_REF: extension_ref(extension), EXTENSION: kept}


def extensions_of(resources: Iterable[Recorded]) -> dict[str, tuple[Parameter, ...]]:
    """Provider reference -> the extensions that its recorded resources need."""
    found: dict[str, dict[str, Parameter]] = {}
    for resource in resources:
        kept = resource.extra.get(EXTENSION)
        if isinstance(kept, Mapping) and resource.provider:
            value = base64.b64decode(str(kept.get("value", "")))
            extension = Parameter(name=str(kept.get("name", "")), version=str(kept.get("version", "")), value=value)
            found.setdefault(resource.provider, {})[extension_ref(extension)] = extension
    return {provider: tuple(extensions.values()) for provider, extensions in found.items()}


def origin_of(package: str, inputs: PropertyMap) -> Origin:
    """What serves a provider resource with these inputs."""
    version = _text(inputs, "version")
    internal = inputs.get(INTERNAL)
    own = internal if isinstance(internal, Mapping) else EMPTY
    parameter = _text(own, "parameterization")
    mappings = own.get("envVarMappings")
    renamed = mappings if isinstance(mappings, Mapping) else EMPTY
    pairs = tuple(sorted((new, old) for new, old in renamed.items() if isinstance(old, str)))
    if not parameter:
        return Origin(plugin=package, version=version, renamed=pairs)
    return Origin(
        plugin=_text(own, "name") or package,
        version=_text(own, "version"),
        parameter=Parameter(name=package, version=version, value=base64.b64decode(parameter)),
        renamed=pairs,
    )


def _text(properties: PropertyMap, name: str) -> str:
    value = properties.get(name)
    return value if isinstance(value, str) else ""
