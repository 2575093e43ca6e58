"""Asks a plugin for the schema of its package: start it, make it serve the package, GetSchema, end it.

Source: facts/engine-contract.md §7; proto/pulumi/provider.proto, GetSchema and Parameterize.
"""

from __future__ import annotations

from collections.abc import Sequence

from pulumi.runtime.proto import provider_pb2

from reconciler.contract.protocol import Origin
from reconciler.providers.plugins.discovery import Found
from reconciler.providers.plugins.pool import Plugins


async def read_schema(plugins: Plugins, origin: Origin, found: Found, arguments: Sequence[str] = ()) -> str:
    """The JSON text of a package's schema.

    Args:
        arguments: what makes the plugin serve another package, as `pulumi package add` takes them.

    Raises:
        ProviderError: the plugin does not start, or has no schema.
    """
    connection = await plugins.start(origin, found)
    try:
        request = provider_pb2.GetSchemaRequest(version=0)
        if arguments:
            given = provider_pb2.ParameterizeRequest.ParametersArgs(args=arguments)
            made = await connection.call(
                "Parameterize", provider_pb2.ParameterizeRequest(args=given), provider_pb2.ParameterizeResponse
            )
            request = provider_pb2.GetSchemaRequest(
                version=0, subpackage_name=made.name, subpackage_version=made.version
            )
        return (await connection.call("GetSchema", request, provider_pb2.GetSchemaResponse)).schema
    finally:
        await connection.close()
        await plugins.close()
