"""Our snowflake provider as a plugin of any Pulumi engine, in place of the public one."""

from reconciler.providers.serving import server

server.main("reconciler.providers.snowflake.provider:SnowflakeProvider")
