"""Transforms: the program's functions that see, and may change, what is registered and what is invoked.

A resource's own come first, then its ancestors', nearest first, then the
stack's. They work on the request as the wire has it, so that whatever reads it
afterwards needs not know of them.
"""

from __future__ import annotations

from typing import Any

from pulumi.runtime.proto import alias_pb2, callback_pb2, resource_pb2

from reconciler.contract.output_values import dependencies
from reconciler.host.callbacks import Callbacks


class Transforms:
    """The transforms of one program run."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._stack: list[callback_pb2.Callback] = []
        self._invokes: list[callback_pb2.Callback] = []
        self._own: dict[str, tuple[callback_pb2.Callback, ...]] = {}
        self._built_elsewhere: dict[str, tuple[callback_pb2.Callback, ...]] = {}
        self._parents: dict[str, str] = {}

    def add_to_stack(self, callback: callback_pb2.Callback) -> None:
        """From now on, for every resource."""
        self._stack.append(callback)

    def add_to_invokes(self, callback: callback_pb2.Callback) -> None:
        """From now on, for every invoke."""
        self._invokes.append(callback)

    async def of_resource(self, urn: str, request: Any) -> Any:
        """The registration as its transforms leave it; their own for its descendants are remembered.

        Raises:
            ProgramError: a transform raised.
        """
        # Who builds a remote component registers it once more, and knows nothing of its transforms.
        own = self._built_elsewhere.pop(urn, tuple(request.transforms))
        if request.remote:
            self._built_elsewhere[urn] = own
        self._own[urn] = own
        self._parents[urn] = request.parent
        chain = (*own, *self._inherited(request.parent), *self._stack)
        if not chain:
            return request
        properties, options = request.object, _read_options(request)
        for callback in chain:
            answer = await self._callbacks.call(
                callback,
                resource_pb2.TransformRequest(
                    type=request.type,
                    name=request.name,
                    custom=request.custom,
                    parent=request.parent,
                    properties=properties,
                    options=options,
                ),
                resource_pb2.TransformResponse.FromString,
            )
            properties = answer.properties
            # Without options in the answer they stay as they were.
            options = answer.options if answer.HasField("options") else options
        return _written(request, properties, options, recomputes=bool(request.transforms))

    async def of_invoke(self, request: Any) -> Any:
        """The invoke as the stack's invoke transforms leave it.

        Raises:
            ProgramError: a transform raised.
        """
        if not self._invokes:
            return request
        args = request.args
        options = resource_pb2.TransformInvokeOptions(
            provider=request.provider, plugin_download_url=request.pluginDownloadURL, version=request.version
        )
        options.plugin_checksums.update(request.pluginChecksums)
        for callback in self._invokes:
            answer = await self._callbacks.call(
                callback,
                resource_pb2.TransformInvokeRequest(token=request.tok, args=args, options=options),
                resource_pb2.TransformInvokeResponse.FromString,
            )
            args = answer.args
            options = answer.options if answer.HasField("options") else options
        changed = _copy(request)
        changed.args.CopyFrom(args)
        changed.provider = options.provider
        changed.pluginDownloadURL = options.plugin_download_url
        changed.version = options.version
        changed.pluginChecksums.clear()
        changed.pluginChecksums.update(options.plugin_checksums)
        return changed

    def _inherited(self, parent: str) -> list[callback_pb2.Callback]:
        found: list[callback_pb2.Callback] = []
        while parent:
            found.extend(self._own.get(parent, ()))
            parent = self._parents.get(parent, "")
        return found


def _read_options(request: Any) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions(
        depends_on=request.dependencies,
        protect=request.protect if request.HasField("protect") else None,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=[*request.aliases, *(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)],
        provider=request.provider,
        custom_timeouts=request.customTimeouts if request.HasField("customTimeouts") else None,
        plugin_download_url=request.pluginDownloadURL,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        additional_secret_outputs=request.additionalSecretOutputs,
        providers=request.providers,
        plugin_checksums=request.pluginChecksums,
        hooks=request.hooks,
        hide_diff=request.hideDiffs,
        replace_with=request.replace_with,
        replacement_trigger=request.replacement_trigger if request.HasField("replacement_trigger") else None,
    )
    # A keyword of Python's, so the field cannot be given by name.
    setattr(options, "import", request.importId)
    return options


_LISTS = {
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "additionalSecretOutputs": "additional_secret_outputs",
    "hideDiffs": "hide_diff",
    "replace_with": "replace_with",
    "aliases": "aliases",
}
_TEXTS = {
    "version": "version",
    "provider": "provider",
    "pluginDownloadURL": "plugin_download_url",
    "deletedWith": "deleted_with",
    "importId": "import",
}
_MESSAGES = {
    "customTimeouts": "custom_timeouts",
    "hooks": "hooks",
    "replacement_trigger": "replacement_trigger",
}
_FLAGS = {"protect": "protect", "retainOnDelete": "retain_on_delete", "deleteBeforeReplace": "delete_before_replace"}


def _written(request: Any, properties: Any, options: Any, *, recomputes: bool) -> Any:
    """The request with what the transforms left in it.

    `recomputes`: dependencies are those that the last answer tells. Pulumi's engine does so only where
    the resource itself carries transforms.
    """
    changed = _copy(request)
    changed.object.CopyFrom(properties)
    for field, option in _LISTS.items():
        changed.ClearField(field)
        getattr(changed, field).extend(getattr(options, option))
    del changed.aliasURNs[:]
    for field, option in _TEXTS.items():
        setattr(changed, field, getattr(options, option))
    for field, option in (_MESSAGES | _FLAGS).items():
        changed.ClearField(field)
        if options.HasField(option) and option in _FLAGS.values():
            setattr(changed, field, getattr(options, option))
        elif options.HasField(option):
            getattr(changed, field).CopyFrom(getattr(options, option))
    changed.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    for field, option in (("providers", "providers"), ("pluginChecksums", "plugin_checksums")):
        changed.ClearField(field)
        getattr(changed, field).update(getattr(options, option))
    if recomputes:
        _recompute_dependencies(changed, request, options)
    return changed


def _recompute_dependencies(changed: Any, request: Any, options: Any) -> None:
    told = {name: dependencies(value) for name, value in changed.object.fields.items()}
    del changed.dependencies[:]
    changed.dependencies.extend(sorted({*options.depends_on, *(urn for urns in told.values() for urn in urns)}))
    changed.propertyDependencies.clear()
    for name, value in changed.object.fields.items():
        if not told[name] and value == request.object.fields.get(name):
            # Untouched, and told without its origin: it still comes from where the program said.
            kept = request.propertyDependencies[name].urns if name in request.propertyDependencies else ()
            changed.propertyDependencies[name].urns.extend(kept)
        else:
            changed.propertyDependencies[name].urns.extend(sorted(told[name]))


def _copy(request: Any) -> Any:
    copied = type(request)()
    copied.CopyFrom(request)
    return copied
