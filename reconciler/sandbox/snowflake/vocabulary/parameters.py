"""Parameters of databases, schemas, warehouses and users: defaults, and which kind has which.

Source: Snowflake SQL reference, Parameters. Defaults as documented at Snowflake's
release of mid 2026; descriptions are left out.
"""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.snowflake.vocabulary.properties import Kept, Property, Sort

_FLAGS: Final[dict[str, bool]] = {
    "ABORT_DETACHED_QUERY": False,
    "AUTOCOMMIT": True,
    "CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX": False,
    "CLIENT_RESULT_COLUMN_CASE_INSENSITIVE": False,
    "CLIENT_SESSION_KEEP_ALIVE": False,
    "ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION": True,
    "ERROR_ON_NONDETERMINISTIC_MERGE": True,
    "ERROR_ON_NONDETERMINISTIC_UPDATE": False,
    "JDBC_TREAT_DECIMAL_AS_INT": True,
    "JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC": False,
    "JDBC_USE_SESSION_TIMEZONE": True,
    "NOORDER_SEQUENCE_AS_DEFAULT": True,
    "ODBC_TREAT_DECIMAL_AS_INT": False,
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "STRICT_JSON_OUTPUT": False,
    "TIMESTAMP_DAY_IS_ALWAYS_24H": False,
    "TRANSACTION_ABORT_ON_ERROR": False,
    "USE_CACHED_RESULT": True,
}
_INTEGERS: Final[dict[str, int]] = {
    "CLIENT_MEMORY_LIMIT": 1536,
    "CLIENT_PREFETCH_THREADS": 4,
    "CLIENT_RESULT_CHUNK_SIZE": 160,
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": 3600,
    "JSON_INDENT": 2,
    "LOCK_TIMEOUT": 43200,
    "MULTI_STATEMENT_COUNT": 1,
    "ROWS_PER_RESULTSET": 0,
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 0,
    "STATEMENT_TIMEOUT_IN_SECONDS": 172800,
    "TWO_DIGIT_CENTURY_START": 1970,
    "WEEK_OF_YEAR_POLICY": 0,
    "WEEK_START": 0,
}
_TEXTS: Final[dict[str, str]] = {
    "BINARY_INPUT_FORMAT": "HEX",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "CLIENT_TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_LTZ",
    "DATE_INPUT_FORMAT": "AUTO",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "GEOGRAPHY_OUTPUT_FORMAT": "GeoJSON",
    "GEOMETRY_OUTPUT_FORMAT": "GeoJSON",
    "LOG_EVENT_LEVEL": "OFF",
    "LOG_LEVEL": "OFF",
    "QUERY_TAG": "",
    "S3_STAGE_VPCE_DNS_NAME": "",
    "SEARCH_PATH": "$current, $public",
    "SIMULATED_DATA_SHARING_CONSUMER": "",
    "TIMESTAMP_INPUT_FORMAT": "AUTO",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
    "TIMEZONE": "America/Los_Angeles",
    "TIME_INPUT_FORMAT": "AUTO",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TRACE_LEVEL": "OFF",
    "TRANSACTION_DEFAULT_ISOLATION_LEVEL": "READ COMMITTED",
    "UNSUPPORTED_DDL_ACTION": "ignore",
}

_DEFAULTS: Final[dict[str, Kept]] = {**_FLAGS, **_INTEGERS, **_TEXTS}


def _declared(default: Kept) -> Property:
    sort = Sort.FLAG if isinstance(default, bool) else Sort.INTEGER if isinstance(default, int) else Sort.TEXT
    return Property(sort, default, parameter=True)


SESSION: Final[dict[str, Property]] = {name: _declared(default) for name, default in sorted(_DEFAULTS.items())}
"""What ALTER SESSION SET and ALTER USER SET take."""

USER: Final[dict[str, Property]] = {
    **SESSION,
    "ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR": _declared(False),
    "NETWORK_POLICY": Property(Sort.NAME, None, parameter=True),
    "PREVENT_UNLOAD_TO_INTERNAL_STAGES": _declared(False),
}

CONTAINER: Final[dict[str, Property]] = {
    name: _declared(default)
    for name, default in (
        ("CATALOG", ""),
        ("DATA_RETENTION_TIME_IN_DAYS", 1),
        ("DEFAULT_DDL_COLLATION", ""),
        ("DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU", ""),
        ("DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU", ""),
        ("ENABLE_CONSOLE_OUTPUT", False),
        ("EXTERNAL_VOLUME", ""),
        ("LOG_EVENT_LEVEL", "OFF"),
        ("LOG_LEVEL", "OFF"),
        ("MAX_DATA_EXTENSION_TIME_IN_DAYS", 14),
        ("QUOTED_IDENTIFIERS_IGNORE_CASE", False),
        ("REPLACE_INVALID_CHARACTERS", False),
        ("STORAGE_SERIALIZATION_POLICY", "OPTIMIZED"),
        ("SUSPEND_TASK_AFTER_NUM_FAILURES", 10),
        ("TASK_AUTO_RETRY_ATTEMPTS", 0),
        ("TRACE_LEVEL", "OFF"),
        ("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE", "Medium"),
        ("USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS", 30),
        ("USER_TASK_TIMEOUT_MS", 3600000),
    )
}
"""What databases and schemas take, and tables inherit."""

WAREHOUSE: Final[dict[str, Property]] = {
    "MAX_CONCURRENCY_LEVEL": Property(Sort.INTEGER, 8, parameter=True, minimum=1),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": _declared(0),
    "STATEMENT_TIMEOUT_IN_SECONDS": _declared(172800),
}

TABLE: Final[dict[str, Property]] = {
    name: CONTAINER[name] for name in ("DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS")
}
