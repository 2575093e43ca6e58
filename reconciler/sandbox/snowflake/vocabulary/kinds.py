"""Which kinds the sandbox has, what properties and privileges each takes, and where its names live.

Anything that is not here is refused as unsupported. Source: Snowflake SQL
reference, CREATE statements; Access control privileges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.catalog.sql import Scope
from reconciler.sandbox.snowflake.vocabulary import parameters
from reconciler.sandbox.snowflake.vocabulary.properties import TEXT, Property, Sort, choice

FLAG: Final = Property(Sort.FLAG, False)
NAME: Final = Property(Sort.NAME, None)
TEXTS: Final = Property(Sort.TEXTS, None)

SIZES: Final[Mapping[str, str]] = {
    "XSMALL": "X-Small",
    "X-SMALL": "X-Small",
    "SMALL": "Small",
    "MEDIUM": "Medium",
    "LARGE": "Large",
    "XLARGE": "X-Large",
    "X-LARGE": "X-Large",
    **dict.fromkeys(("XXLARGE", "X2LARGE", "2X-LARGE", "2XLARGE"), "2X-Large"),
    **dict.fromkeys(("XXXLARGE", "X3LARGE", "3X-LARGE", "3XLARGE"), "3X-Large"),
    **dict.fromkeys(("X4LARGE", "4X-LARGE", "4XLARGE"), "4X-Large"),
    **dict.fromkeys(("X5LARGE", "5X-LARGE", "5XLARGE"), "5X-Large"),
    **dict.fromkeys(("X6LARGE", "6X-LARGE", "6XLARGE"), "6X-Large"),
}
"""What WAREHOUSE_SIZE takes -> what SHOW WAREHOUSES prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxKind:
    """One kind of object.

    Attributes:
        words: as CREATE spells it.
        plural: as SHOW and GRANT … ON ALL spell it.
        namespace: names are unique per container within it (tables and views share one).
        grant_word: as GRANT … ON spells it.
        privileges: what can be granted on it.
        modifiers: words between CREATE and the kind, or after the name, that it knows.
        show_word: the object's domain in SHOW GRANTS.
    """

    words: str
    plural: str
    scope: Scope
    properties: Mapping[str, Property] = field(default_factory=dict)
    namespace: str = ""
    grant_word: str = ""
    privileges: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()

    @property
    def create_privilege(self) -> str:
        """The privilege, on the container, to create one."""
        return f"CREATE {self.granted_as}"

    @property
    def granted_as(self) -> str:
        """The word of GRANT … ON; STORAGE INTEGRATION is granted as INTEGRATION."""
        return self.grant_word or self.words

    @property
    def names_in(self) -> str:
        """The namespace of its names."""
        return self.namespace or self.words


_CREATED_IN_SCHEMAS: Final = (
    "ALERT, AUTHENTICATION POLICY, CORTEX SEARCH SERVICE, DATASET, DYNAMIC TABLE, EVENT TABLE, EXTERNAL TABLE,"
    " FILE FORMAT, FUNCTION, GIT REPOSITORY, ICEBERG TABLE, IMAGE REPOSITORY, MASKING POLICY, MATERIALIZED VIEW,"
    " MODEL, NETWORK RULE, NOTEBOOK, PASSWORD POLICY, PIPE, PROCEDURE, ROW ACCESS POLICY, SECRET, SEQUENCE,"
    " SERVICE, SESSION POLICY, SNAPSHOT, STAGE, STREAM, STREAMLIT, TABLE, TAG, TASK, TEMPORARY TABLE, VIEW"
)
_SCHEMA_CREATES: Final = tuple(f"CREATE {kind}" for kind in _CREATED_IN_SCHEMAS.split(", "))

_FILE_FORMAT: Final[Mapping[str, Property]] = {
    "TYPE": choice("PARQUET", default="PARQUET", fixed=True),
    "COMPRESSION": choice("AUTO", "LZO", "SNAPPY", "NONE", default="AUTO"),
    "SNAPPY_COMPRESSION": FLAG,
    "BINARY_AS_TEXT": Property(Sort.FLAG, True),
    "USE_LOGICAL_TYPE": FLAG,
    "TRIM_SPACE": FLAG,
    "USE_VECTORIZED_SCANNER": FLAG,
    "REPLACE_INVALID_CHARACTERS": FLAG,
    "NULL_IF": Property(Sort.TEXTS, ["\\N"]),
    "COMMENT": TEXT,
}

_ON_ACCOUNT: Final = (
    "CREATE ACCOUNT, CREATE API INTEGRATION, CREATE COMPUTE POOL, CREATE DATABASE, CREATE EXTERNAL VOLUME,"
    " CREATE FAILOVER GROUP, CREATE INTEGRATION, CREATE NETWORK POLICY, CREATE REPLICATION GROUP, CREATE ROLE,"
    " CREATE SHARE, CREATE USER, CREATE WAREHOUSE, APPLY AGGREGATION POLICY, APPLY AUTHENTICATION POLICY,"
    " APPLY MASKING POLICY, APPLY PASSWORD POLICY, APPLY ROW ACCESS POLICY, APPLY SESSION POLICY, APPLY TAG,"
    " ATTACH POLICY, AUDIT, BIND SERVICE ENDPOINT, EXECUTE ALERT, EXECUTE DATA METRIC FUNCTION,"
    " EXECUTE MANAGED ALERT, EXECUTE MANAGED TASK, EXECUTE TASK, IMPORT SHARE, MANAGE ACCOUNT SUPPORT CASES,"
    " MANAGE EVENT SHARING, MANAGE GRANTS, MANAGE USER SUPPORT CASES, MANAGE WAREHOUSES, MODIFY LOG LEVEL,"
    " MODIFY METRIC LEVEL, MODIFY SESSION LOG LEVEL, MODIFY SESSION TRACE LEVEL, MODIFY TRACE LEVEL, MONITOR,"
    " MONITOR EXECUTION, MONITOR SECURITY, MONITOR USAGE, OVERRIDE SHARE RESTRICTIONS, PURCHASE DATA EXCHANGE"
    " LISTING, RESOLVE ALL"
)
ACCOUNT: Final = SandboxKind(
    words="ACCOUNT", plural="ACCOUNTS", scope=Scope.ACCOUNT, privileges=tuple(_ON_ACCOUNT.split(", "))
)

KINDS: Final = (
    ACCOUNT,
    SandboxKind(
        words="DATABASE",
        plural="DATABASES",
        scope=Scope.ACCOUNT,
        properties={"COMMENT": TEXT, **parameters.CONTAINER},
        privileges=(
            "APPLYBUDGET",
            "CREATE DATABASE ROLE",
            "CREATE SCHEMA",
            "MODIFY",
            "MONITOR",
            "REFERENCE_USAGE",
            "USAGE",
        ),
        modifiers=("TRANSIENT",),
    ),
    SandboxKind(
        words="SCHEMA",
        plural="SCHEMAS",
        scope=Scope.DATABASE,
        properties={"COMMENT": TEXT, "PIPE_EXECUTION_PAUSED": FLAG, **parameters.CONTAINER},
        privileges=("ADD SEARCH OPTIMIZATION", "APPLYBUDGET", *_SCHEMA_CREATES, "MODIFY", "MONITOR", "USAGE"),
        modifiers=("TRANSIENT",),
    ),
    SandboxKind(
        words="WAREHOUSE",
        plural="WAREHOUSES",
        scope=Scope.ACCOUNT,
        properties={
            "WAREHOUSE_TYPE": Property(
                Sort.CHOICE, "STANDARD", {"STANDARD": "STANDARD", "SNOWPARK-OPTIMIZED": "SNOWPARK-OPTIMIZED"}
            ),
            "WAREHOUSE_SIZE": Property(Sort.CHOICE, "X-Small", SIZES),
            "MAX_CLUSTER_COUNT": Property(Sort.INTEGER, 1, minimum=1),
            "MIN_CLUSTER_COUNT": Property(Sort.INTEGER, 1, minimum=1),
            "SCALING_POLICY": choice("STANDARD", "ECONOMY", default="STANDARD"),
            "AUTO_SUSPEND": Property(Sort.INTEGER, 600),
            "AUTO_RESUME": Property(Sort.FLAG, True),
            "INITIALLY_SUSPENDED": Property(Sort.FLAG, False, fixed=True),
            "RESOURCE_MONITOR": NAME,
            "COMMENT": TEXT,
            "ENABLE_QUERY_ACCELERATION": FLAG,
            "QUERY_ACCELERATION_MAX_SCALE_FACTOR": Property(Sort.INTEGER, 8),
            "RESOURCE_CONSTRAINT": Property(Sort.TEXT, None),
            "GENERATION": choice("1", "2"),
            **parameters.WAREHOUSE,
        },
        privileges=("APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"),
    ),
    SandboxKind(words="ROLE", plural="ROLES", scope=Scope.ACCOUNT, properties={"COMMENT": TEXT}),
    SandboxKind(words="DATABASE ROLE", plural="DATABASE ROLES", scope=Scope.DATABASE, properties={"COMMENT": TEXT}),
    SandboxKind(
        words="USER",
        plural="USERS",
        scope=Scope.ACCOUNT,
        properties={
            "TYPE": choice("PERSON", "SERVICE", "LEGACY_SERVICE"),
            "PASSWORD": Property(Sort.TEXT, None),
            "LOGIN_NAME": Property(Sort.TEXT, None),
            "DISPLAY_NAME": Property(Sort.TEXT, None),
            "FIRST_NAME": Property(Sort.TEXT, None),
            "MIDDLE_NAME": Property(Sort.TEXT, None),
            "LAST_NAME": Property(Sort.TEXT, None),
            "EMAIL": Property(Sort.TEXT, None),
            "MUST_CHANGE_PASSWORD": FLAG,
            "DISABLED": FLAG,
            "DAYS_TO_EXPIRY": Property(Sort.INTEGER, None),
            "MINS_TO_UNLOCK": Property(Sort.INTEGER, None),
            "DEFAULT_WAREHOUSE": NAME,
            "DEFAULT_NAMESPACE": NAME,
            "DEFAULT_ROLE": NAME,
            # Every new user has all its roles at once since bundle 2024_08.
            "DEFAULT_SECONDARY_ROLES": Property(Sort.TEXTS, ["ALL"]),
            "RSA_PUBLIC_KEY": Property(Sort.TEXT, None),
            "RSA_PUBLIC_KEY_2": Property(Sort.TEXT, None),
            "COMMENT": TEXT,
            **parameters.USER,
        },
        privileges=("MONITOR",),
    ),
    SandboxKind(
        words="NETWORK POLICY",
        plural="NETWORK POLICIES",
        scope=Scope.ACCOUNT,
        properties={
            "ALLOWED_IP_LIST": TEXTS,
            "BLOCKED_IP_LIST": TEXTS,
            "ALLOWED_NETWORK_RULE_LIST": TEXTS,
            "BLOCKED_NETWORK_RULE_LIST": TEXTS,
            "COMMENT": TEXT,
        },
        privileges=("USAGE",),
    ),
    SandboxKind(
        words="STORAGE INTEGRATION",
        plural="STORAGE INTEGRATIONS",
        scope=Scope.ACCOUNT,
        namespace="INTEGRATION",
        grant_word="INTEGRATION",
        properties={
            "TYPE": choice("EXTERNAL_STAGE", fixed=True),
            "STORAGE_PROVIDER": choice("S3", fixed=True),
            "ENABLED": FLAG,
            "STORAGE_ALLOWED_LOCATIONS": TEXTS,
            "STORAGE_BLOCKED_LOCATIONS": TEXTS,
            "STORAGE_AWS_ROLE_ARN": TEXT,
            "STORAGE_AWS_EXTERNAL_ID": Property(Sort.TEXT, None),
            "STORAGE_AWS_OBJECT_ACL": Property(Sort.TEXT, None),
            "USE_PRIVATELINK_ENDPOINT": FLAG,
            "COMMENT": TEXT,
        },
        privileges=("USAGE", "USE_ANY_ROLE"),
    ),
    SandboxKind(
        words="STAGE",
        plural="STAGES",
        scope=Scope.SCHEMA,
        properties={
            "URL": Property(Sort.TEXT, None),
            "STORAGE_INTEGRATION": NAME,
            "CREDENTIALS": Property(Sort.GROUP, None),
            "ENCRYPTION": Property(Sort.GROUP, None),
            "DIRECTORY": Property(Sort.GROUP, None),
            "FILE_FORMAT": Property(Sort.GROUP, None),
            "COPY_OPTIONS": Property(Sort.GROUP, None),
            "AWS_ACCESS_POINT_ARN": Property(Sort.TEXT, None),
            "USE_PRIVATELINK_ENDPOINT": FLAG,
            "COMMENT": TEXT,
        },
        privileges=("READ", "USAGE", "WRITE"),
    ),
    SandboxKind(
        words="FILE FORMAT",
        plural="FILE FORMATS",
        scope=Scope.SCHEMA,
        properties=_FILE_FORMAT,
        privileges=("USAGE",),
    ),
    SandboxKind(
        words="TABLE",
        plural="TABLES",
        scope=Scope.SCHEMA,
        properties={
            "COMMENT": TEXT,
            "CHANGE_TRACKING": FLAG,
            "ENABLE_SCHEMA_EVOLUTION": FLAG,
            "CLUSTER_BY": TEXTS,
            **parameters.TABLE,
        },
        privileges=(
            "APPLYBUDGET",
            "DELETE",
            "EVOLVE SCHEMA",
            "INSERT",
            "REFERENCES",
            "SELECT",
            "TRUNCATE",
            "UPDATE",
        ),
        modifiers=("TRANSIENT",),
    ),
    SandboxKind(
        words="VIEW",
        plural="VIEWS",
        scope=Scope.SCHEMA,
        namespace="TABLE",
        properties={"COMMENT": TEXT, "CHANGE_TRACKING": FLAG},
        privileges=("REFERENCES", "SELECT"),
        modifiers=("SECURE",),
    ),
)

BY_WORDS: Final[Mapping[str, SandboxKind]] = {kind.words: kind for kind in KINDS}
BY_PLURAL: Final[Mapping[str, SandboxKind]] = {kind.plural: kind for kind in KINDS}
BY_GRANT_WORD: Final[Mapping[str, SandboxKind]] = {kind.granted_as: kind for kind in KINDS}

PHRASES: Final = tuple(sorted(BY_WORDS, key=lambda words: -len(words)))
"""Kinds as words, longest first, so that DATABASE ROLE is tried before DATABASE."""
PLURAL_PHRASES: Final = tuple(sorted(BY_PLURAL, key=lambda words: -len(words)))
GRANT_PHRASES: Final = tuple(sorted(BY_GRANT_WORD, key=lambda words: -len(words)))
