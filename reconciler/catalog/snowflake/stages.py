"""Stages: internal ones, and external ones on Amazon S3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from reconciler.catalog import spec, sql, sqltext
from reconciler.catalog.snowflake.file_format import FORMATS, INLINE_FORMAT, is_default_format, render_inline
from reconciler.model.values import PropertyMap, Value


def _is_set(value: Value) -> bool:
    return value not in (None, "", "default")


def _same_where_set(left: Value, right: Value) -> bool:
    """Do two blocks agree in what the first one sets? What the program leaves out is not compared."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return not left and not right
    return all(_same_value(value, right.get(name)) for name, value in left.items() if _is_set(value))


def _same_value(left: Value, right: Value) -> bool:
    if isinstance(left, Mapping):
        return _same_where_set(left, right if right is not None else {})
    if isinstance(left, tuple):
        return left == right
    return str(left).upper() == str(right).upper()


def _same_directory(left: Value, right: Value) -> bool:
    """`refreshOnCreate` acts once and is not reported."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        left = {name: value for name, value in left.items() if name != "refreshOnCreate"}
    elif not left and isinstance(right, Mapping):
        return str(right.get("enable")).lower() != "true"
    return _same_where_set(left, right)


def _same_format(left: Value, right: Value) -> bool:
    if not left:
        return is_default_format(right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        if left.get("formatName") or right.get("formatName"):
            return sqltext.same_name(left.get("formatName"), right.get("formatName"))
        if set(left) - set(right):
            return False
    return _same_where_set(left, right)


def _directory_moves(wanted: Value, live: Value) -> bool:
    """A topic is fixed at creation, and auto refresh cannot go back to the server's default."""
    wanted = wanted if isinstance(wanted, Mapping) else {}
    live = live if isinstance(live, Mapping) else {}
    return bool(wanted.get("awsSnsTopic")) and wanted.get("awsSnsTopic") != live.get("awsSnsTopic")


def _render_directory(value: Value) -> str:
    if not isinstance(value, Mapping):
        return "DIRECTORY = (ENABLE = FALSE)"
    keys = (("enable", "ENABLE"), ("refreshOnCreate", "REFRESH_ON_CREATE"), ("autoRefresh", "AUTO_REFRESH"))
    clauses = [f"{key} = {str(value[name]).upper()}" for name, key in keys if _is_set(value.get(name))]
    topic = value.get("awsSnsTopic")
    if topic:
        clauses.append(f"AWS_SNS_TOPIC = {sqltext.literal(str(topic))}")
    return f"DIRECTORY = ({' '.join(clauses)})"


def _alter_directory(alter: str, _live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    kept = (
        {name: value for name, value in wanted.items() if name in ("enable", "autoRefresh")}
        if isinstance(wanted, Mapping)
        else None
    )
    return (sql.Statement(f"{alter} SET {_render_directory(kept)}"),)


def _observe_directory(observation: sql.Observation) -> Value:
    find = observation.find_property
    live: dict[str, Value] = {
        "enable": find("DIRECTORY.ENABLE") == "true",
        "autoRefresh": find("DIRECTORY.AUTO_REFRESH") or "false",
    }
    topic = find("DIRECTORY.AWS_SNS_TOPIC")
    return {**live, "awsSnsTopic": topic} if topic else live


def _observe_format(observation: sql.Observation) -> Value:
    find = observation.find_property
    name = find("STAGE_FILE_FORMAT.FORMAT_NAME")
    if name:
        return {"formatName": name}
    title = (find("STAGE_FILE_FORMAT.TYPE") or "CSV").lower()
    options: dict[str, Value] = {}
    for field in FORMATS.get(title, ()):
        text = find(f"STAGE_FILE_FORMAT.{field.sent_as or spec.snake(field.name).upper()}")
        if text is not None:
            options[field.name] = _parse_list(text) if isinstance(field.type, spec.ListOf) else text
    return {title: options}


def _parse_list(text: str) -> Value:
    """DESCRIBE STAGE prints lists as `[a, b]` or as JSON."""
    try:
        return tuple(str(item) for item in json.loads(text))
    except ValueError:
        return tuple(part.strip() for part in text.strip("[]").split(",") if part.strip())


def _urls(observation: sql.Observation) -> tuple[Value, ...]:
    text = observation.find_property("STAGE_LOCATION.URL")
    found = _parse_list(text) if text else ()
    return found if isinstance(found, tuple) else ()


def _describe(observation: sql.Observation) -> tuple[PropertyMap, ...]:
    """Source: the public SDK's StageExternalS3DescribeOutput; DESCRIBE STAGE. Empty when it was not read."""
    if not observation.described:
        return ()
    find = observation.find_property
    directory: PropertyMap = {
        "enable": find("DIRECTORY.ENABLE") == "true",
        "autoRefresh": find("DIRECTORY.AUTO_REFRESH") == "true",
        "awsSnsTopic": find("DIRECTORY.AWS_SNS_TOPIC") or "",
        "directoryNotificationChannel": find("DIRECTORY.DIRECTORY_NOTIFICATION_CHANNEL") or "",
        "lastRefreshedOn": find("DIRECTORY.LAST_REFRESHED_ON") or "",
    }
    told: dict[str, Value] = {"directoryTables": (directory,)}
    live = _observe_format(observation)
    if isinstance(live, Mapping):
        told["fileFormats"] = (_pluralised(live),)
    if _urls(observation):
        told["locations"] = (
            {"urls": _urls(observation), "awsAccessPointArn": find("STAGE_LOCATION.AWS_ACCESS_POINT_ARN") or ""},
        )
        told["privatelinks"] = ({"usePrivatelinkEndpoint": find("PRIVATELINK.USE_PRIVATELINK_ENDPOINT") == "true"},)
    return (told,)


def _pluralised(live: Mapping[str, Value]) -> Mapping[str, Value]:
    if "formatName" in live:
        return {"formatName": live["formatName"]}
    return {f"{title}s" if title != "json" else "jsons": (options,) for title, options in live.items()}


def _render_internal_encryption(value: Value) -> str:
    kind = "SNOWFLAKE_SSE" if isinstance(value, Mapping) and value.get("snowflakeSse") is not None else "SNOWFLAKE_FULL"
    return f"ENCRYPTION = (TYPE = '{kind}')"


def _render_s3_encryption(value: Value) -> str:
    if isinstance(value, Mapping):
        cse, kms = value.get("awsCse"), value.get("awsSseKms")
        if isinstance(cse, Mapping):
            return f"ENCRYPTION = (TYPE = 'AWS_CSE' MASTER_KEY = {sqltext.literal(str(cse['masterKey']))})"
        if isinstance(kms, Mapping):
            key = kms.get("kmsKeyId")
            told = f" KMS_KEY_ID = {sqltext.literal(str(key))}" if key else ""
            return f"ENCRYPTION = (TYPE = 'AWS_SSE_KMS'{told})"
        if value.get("awsSseS3") is not None:
            return "ENCRYPTION = (TYPE = 'AWS_SSE_S3')"
    return "ENCRYPTION = (TYPE = 'NONE')"


def _render_credentials(value: Value) -> str:
    keys = (
        ("awsKeyId", "AWS_KEY_ID"),
        ("awsSecretKey", "AWS_SECRET_KEY"),
        ("awsToken", "AWS_TOKEN"),
        ("awsRole", "AWS_ROLE"),
    )
    value = value if isinstance(value, Mapping) else {}
    clauses = [f"{key} = {sqltext.literal(str(value[name]))}" for name, key in keys if _is_set(value.get(name))]
    return f"CREDENTIALS = ({' '.join(clauses)})"


def _is_cleared(wanted: Value, _live: Value) -> bool:
    return not _is_set(wanted)


def _leaves_amazon(wanted: Value, _live: Value) -> bool:
    return str(wanted).startswith("s3compat://")


def _check_s3(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    if inputs.get("storageIntegration") and inputs.get("credentials"):
        return (("credentials", "conflicts with storageIntegration: a stage takes one of the two"),)
    return ()


_DIRECTORY_FIELDS: Final = (
    spec.Field("enable", spec.FLAG, required=True),
    spec.Field("autoRefresh", spec.TriState()),
    spec.Field("refreshOnCreate", spec.TriState()),
)
_EMPTY: Final = spec.Block(())
_FILE_FORMAT: Final = sql.Property(
    "fileFormat",
    INLINE_FORMAT,
    read_from=sql.ReadFrom.DESCRIBE,
    render=render_inline,
    observe=_observe_format,
    same=_same_format,
)
_COLUMNS: Final = sql.columns(
    "created_on",
    "name",
    "database_name",
    "schema_name",
    "url",
    "has_credentials:flag",
    "has_encryption_key:flag",
    "owner",
    "comment",
    "region",
    "type",
    "cloud",
    "storage_integration",
    "endpoint",
    "owner_role_type",
    "directory_enabled:flag",
)
_INTERNAL_FIELDS = (
    sql.DATABASE,
    sql.SCHEMA,
    sql.NAME,
    sql.COMMENT,
    # Neither SHOW nor DESCRIBE tells how an internal stage is encrypted.
    sql.Property(
        "encryption",
        spec.Block((spec.Field("snowflakeFull", _EMPTY), spec.Field("snowflakeSse", _EMPTY))),
        change=spec.Change.REPLACE,
        shown_as=None,
        render=_render_internal_encryption,
    ),
    sql.Property(
        "directory",
        spec.Block(_DIRECTORY_FIELDS[:2]),
        read_from=sql.ReadFrom.DESCRIBE,
        render=_render_directory,
        alter=_alter_directory,
        observe=_observe_directory,
        same=_same_directory,
    ),
    _FILE_FORMAT,
)
_S3_FIELDS = (
    sql.DATABASE,
    sql.SCHEMA,
    sql.NAME,
    sql.COMMENT,
    sql.Property("url", required=True, replaces_when=_leaves_amazon),
    sql.reference("storageIntegration", "INTEGRATION", replaces_when=_is_cleared),
    sql.Property(
        "credentials",
        spec.Block(
            tuple(spec.Field(n, secret=n != "awsRole") for n in ("awsKeyId", "awsRole", "awsSecretKey", "awsToken"))
        ),
        shown_as=None,
        can_unset=False,
        render=_render_credentials,
    ),
    sql.Property(
        "encryption",
        spec.Block(
            (
                spec.Field("awsCse", spec.Block((spec.Field("masterKey", required=True, secret=True),))),
                spec.Field("awsSseKms", spec.Block((spec.Field("kmsKeyId"),))),
                spec.Field("awsSseS3", _EMPTY),
                spec.Field("none", _EMPTY),
            )
        ),
        shown_as=None,
        can_unset=False,
        render=_render_s3_encryption,
    ),
    sql.Property(
        "awsAccessPointArn",
        read_from=sql.ReadFrom.DESCRIBE,
        shown_as="STAGE_LOCATION.AWS_ACCESS_POINT_ARN",
        replaces_when=_is_cleared,
    ),
    sql.Property(
        "usePrivatelinkEndpoint",
        spec.TriState(),
        default="false",
        read_from=sql.ReadFrom.DESCRIBE,
        shown_as="PRIVATELINK.USE_PRIVATELINK_ENDPOINT",
    ),
    sql.Property(
        "directory",
        spec.Block((*_DIRECTORY_FIELDS, spec.Field("awsSnsTopic"))),
        read_from=sql.ReadFrom.DESCRIBE,
        render=_render_directory,
        alter=_alter_directory,
        observe=_observe_directory,
        same=_same_directory,
        replaces_when=_directory_moves,
    ),
    _FILE_FORMAT,
)

_STAGE_TYPE = spec.Output("stageType", shown_as="type", doc="INTERNAL or EXTERNAL, as SHOW prints it.")

STAGE_INTERNAL = sql.SqlKind(
    token="snowflake:index/stageInternal:StageInternal",
    words="STAGE",
    scope=sql.Scope.SCHEMA,
    source="Snowflake SQL reference: CREATE STAGE (internal), ALTER STAGE, SHOW STAGES, DESCRIBE STAGE",
    autoname=sql.AUTONAME,
    fields=_INTERNAL_FIELDS,
    outputs=(*sql.outputs(_INTERNAL_FIELDS, describe=True), _STAGE_TYPE),
    describe=_describe,
    has_unset=False,
    shows=_COLUMNS,
)

STAGE_EXTERNAL_S3 = sql.SqlKind(
    token="snowflake:index/stageExternalS3:StageExternalS3",
    words="STAGE",
    scope=sql.Scope.SCHEMA,
    source="Snowflake SQL reference: CREATE STAGE (external, Amazon S3), ALTER STAGE, SHOW STAGES, DESCRIBE STAGE",
    autoname=sql.AUTONAME,
    fields=_S3_FIELDS,
    outputs=(*sql.outputs(_S3_FIELDS, describe=True), _STAGE_TYPE, spec.Output("cloud", shown_as="cloud", doc="AWS.")),
    describe=_describe,
    has_unset=False,
    check=_check_s3,
    shows=_COLUMNS,
)
