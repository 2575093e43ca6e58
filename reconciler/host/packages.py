"""The packages that a program registered, by the reference that its requests name them with."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from reconciler import errors
from reconciler.contract.protocol import Parameter
from reconciler.deploy.packages import Package, extension_ref
from reconciler.model import versions


class Packages:
    """Packages of one program run."""

    def __init__(self) -> None:
        self._by_ref: dict[str, Package] = {}
        self._refs: dict[tuple[str, ...], str] = {}
        self._extensions: dict[str, Parameter] = {}
        # Found good: an SDK names the same one with each request.
        self._versions = {""}

    def register(self, request: Any) -> str:
        """The reference of a RegisterPackage request; equal requests have equal references."""
        checksums = {platform: digest.hex() for platform, digest in request.checksums.items()}
        if request.HasField("parameterization"):
            own = request.parameterization
            package = Package(
                name=own.name,
                version=own.version,
                url=_url(request.download_url),
                checksums=checksums,
                plugin=request.name,
                plugin_version=request.version,
                parameter=base64.b64encode(own.value).decode(),
            )
        else:
            url = _url(request.download_url)
            package = Package(name=request.name, version=request.version, url=url, checksums=checksums)
        if request.HasField("extension"):
            # Served by the base package's own providers, each of which is told of the extension.
            own = request.extension
            extension = Parameter(name=own.name, version=own.version, value=own.value)
            ref = extension_ref(extension)
            self._extensions[ref] = extension
        else:
            ref = self._refs.setdefault(package.key, str(uuid.uuid4()))
        self._by_ref[ref] = package
        return ref

    def extension(self, request: Any) -> Parameter | None:
        """The extension of its package that a request needs, if any."""
        return self._extensions.get(request.packageRef)

    def of(self, request: Any, name: str) -> Package:
        """The package that a request means: the one it refers to, else the one it describes.

        Raises:
            PlanError: nothing was registered under its reference, or it names a version that is none.
        """
        if request.version not in self._versions:
            self._versions.add(_checked(request.version))
        if not request.packageRef:
            checksums = {platform: digest.hex() for platform, digest in request.pluginChecksums.items()}
            url = _url(request.pluginDownloadURL)
            return Package(name=name, version=request.version, url=url, checksums=checksums)
        if request.packageRef not in self._by_ref:
            raise errors.PlanError(f"there is no package {request.packageRef}; it was not registered in this run")
        return self._by_ref[request.packageRef]


def _checked(version: str) -> str:
    try:
        versions.parse_version(version)
    except ValueError as error:
        raise errors.InvalidRequestError(f"version: {error}") from error
    return version


def _url(text: str) -> str:
    # With the slash and without it is one source, and must be one default provider.
    return text.removesuffix("/")
