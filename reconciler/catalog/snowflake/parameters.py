"""Snowflake parameters that objects carry: fields shared by databases, schemas and users.

A parameter is managed where the program sets it; dropping it unsets it, so that
the object inherits again.
Source: Snowflake SQL reference, "Parameters"; names and types as the public SDK has them.
"""

from __future__ import annotations

from typing import Final

from reconciler.catalog import spec, sql

_LEVELS: Final = spec.OneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF")
_COUNT: Final = spec.Integer(minimum=0)

SERVER_PARAMETERS: Final = (
    sql.parameter("logEventLevel", _LEVELS, style=sql.Style.STRING),
    sql.parameter("logLevel", _LEVELS, style=sql.Style.STRING),
    sql.parameter("traceLevel", spec.OneOf("ALWAYS", "ON_EVENT", "PROPAGATE", "OFF"), style=sql.Style.STRING),
    sql.parameter("quotedIdentifiersIgnoreCase", spec.FLAG),
)
"""Parameters of databases, schemas and users alike."""

CONTAINER_PARAMETERS: Final = (
    sql.parameter("catalog", spec.Ref("CATALOG INTEGRATION"), style=sql.Style.NAME),
    sql.parameter("dataRetentionTimeInDays", spec.Integer(minimum=0, maximum=90, unit="days")),
    sql.parameter("defaultDdlCollation"),
    sql.parameter("defaultNotebookComputePoolCpu"),
    sql.parameter("defaultNotebookComputePoolGpu"),
    sql.parameter("enableConsoleOutput", spec.FLAG),
    sql.parameter("externalVolume", spec.Ref("EXTERNAL VOLUME"), style=sql.Style.NAME),
    sql.parameter("maxDataExtensionTimeInDays", spec.Integer(minimum=0, maximum=90, unit="days")),
    sql.parameter("replaceInvalidCharacters", spec.FLAG),
    sql.parameter("storageSerializationPolicy", spec.OneOf("COMPATIBLE", "OPTIMIZED")),
    sql.parameter("suspendTaskAfterNumFailures", _COUNT),
    sql.parameter("taskAutoRetryAttempts", _COUNT),
    sql.parameter("userTaskManagedInitialWarehouseSize"),
    sql.parameter("userTaskMinimumTriggerIntervalInSeconds", spec.Integer(minimum=0, unit="s")),
    sql.parameter("userTaskTimeoutMs", spec.Integer(minimum=0, unit="ms")),
    *SERVER_PARAMETERS,
)
"""The 19 parameters of a database, which its schemas inherit."""

_SESSION_FLAGS: Final = (
    "abortDetachedQuery",
    "autocommit",
    "clientMetadataRequestUseConnectionCtx",
    "clientResultColumnCaseInsensitive",
    "clientSessionKeepAlive",
    "enableUnloadPhysicalTypeOptimization",
    "errorOnNondeterministicMerge",
    "errorOnNondeterministicUpdate",
    "jdbcTreatDecimalAsInt",
    "jdbcTreatTimestampNtzAsUtc",
    "jdbcUseSessionTimezone",
    "noorderSequenceAsDefault",
    "odbcTreatDecimalAsInt",
    "strictJsonOutput",
    "transactionAbortOnError",
    "useCachedResult",
)
_SESSION_NUMBERS: Final = (
    "clientMemoryLimit",
    "clientPrefetchThreads",
    "clientResultChunkSize",
    "clientSessionKeepAliveHeartbeatFrequency",
    "jsonIndent",
    "lockTimeout",
    "multiStatementCount",
    "rowsPerResultset",
    "statementQueuedTimeoutInSeconds",
    "statementTimeoutInSeconds",
    "twoDigitCenturyStart",
    "weekOfYearPolicy",
    "weekStart",
)
_SESSION_TEXTS: Final = (
    "binaryInputFormat",
    "binaryOutputFormat",
    "clientTimestampTypeMapping",
    "dateInputFormat",
    "dateOutputFormat",
    "geographyOutputFormat",
    "geometryOutputFormat",
    "queryTag",
    "s3StageVpceDnsName",
    "searchPath",
    "simulatedDataSharingConsumer",
    "timeInputFormat",
    "timeOutputFormat",
    "timestampInputFormat",
    "timestampLtzOutputFormat",
    "timestampNtzOutputFormat",
    "timestampOutputFormat",
    "timestampTypeMapping",
    "timestampTzOutputFormat",
    "timezone",
    "transactionDefaultIsolationLevel",
    "unsupportedDdlAction",
)

SESSION_PARAMETERS: Final = (
    *(sql.parameter(name, spec.FLAG) for name in _SESSION_FLAGS),
    *(sql.parameter(name, _COUNT) for name in _SESSION_NUMBERS),
    *(sql.parameter(name) for name in _SESSION_TEXTS),
    sql.parameter("timestampDayIsAlways24h", spec.FLAG, sent_as="TIMESTAMP_DAY_IS_ALWAYS_24H"),
    *SERVER_PARAMETERS,
)
"""Session parameters that a user carries into every session."""
