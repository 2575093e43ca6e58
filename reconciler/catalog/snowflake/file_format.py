"""Parquet file formats, and the format options that stages take inline."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from reconciler.catalog import spec, sql, sqltext
from reconciler.model.values import PropertyMap, Value

_TRI: Final = spec.TriState()
_NULLS: Final = spec.ListOf(spec.TEXT)
_SENTINELS: Final = ("AUTO", "NONE")
_WORDS: Final = ("compression", "binaryFormat")


def _flags(*names: str) -> tuple[spec.Field, ...]:
    return tuple(spec.Field(name, _TRI) for name in names)


def _texts(*names: str) -> tuple[spec.Field, ...]:
    return tuple(spec.Field(name) for name in names)


NULL_IFS: Final = spec.Field("nullIfs", _NULLS, sent_as="NULL_IF")

FORMATS: Final[Mapping[str, tuple[spec.Field, ...]]] = {
    "avro": (*_texts("compression"), NULL_IFS, *_flags("replaceInvalidCharacters", "trimSpace")),
    "csv": (
        *_texts(
            "binaryFormat",
            "compression",
            "dateFormat",
            "encoding",
            "escape",
            "escapeUnenclosedField",
            "fieldDelimiter",
            "fieldOptionallyEnclosedBy",
            "fileExtension",
            "recordDelimiter",
            "timeFormat",
            "timestampFormat",
        ),
        *_flags(
            "emptyFieldAsNull",
            "errorOnColumnCountMismatch",
            "multiLine",
            "parseHeader",
            "replaceInvalidCharacters",
            "skipBlankLines",
            "skipByteOrderMark",
            "trimSpace",
        ),
        spec.Field("skipHeader", spec.Integer(minimum=0, unmanaged=-1)),
        NULL_IFS,
    ),
    "json": (
        *_texts("binaryFormat", "compression", "dateFormat", "fileExtension", "timeFormat", "timestampFormat"),
        *_flags(
            "allowDuplicate",
            "enableOctal",
            "ignoreUtf8Errors",
            "multiLine",
            "replaceInvalidCharacters",
            "skipByteOrderMark",
            "stripNullValues",
            "stripOuterArray",
            "trimSpace",
        ),
        NULL_IFS,
    ),
    "orc": (NULL_IFS, *_flags("replaceInvalidCharacters", "trimSpace")),
    "parquet": (
        *_texts("compression"),
        NULL_IFS,
        *_flags("binaryAsText", "replaceInvalidCharacters", "trimSpace", "useLogicalType", "useVectorizedScanner"),
    ),
    "xml": (
        *_texts("compression"),
        *_flags(
            "disableAutoConvert",
            "ignoreUtf8Errors",
            "preserveSpace",
            "replaceInvalidCharacters",
            "skipByteOrderMark",
            "stripOuterElement",
        ),
    ),
}
"""Format -> its options. Source: CREATE FILE FORMAT, "Format type options"."""

CSV_DEFAULTS: Final[Mapping[str, str]] = {
    "binaryFormat": "HEX",
    "compression": "AUTO",
    "dateFormat": "AUTO",
    "emptyFieldAsNull": "true",
    "encoding": "UTF8",
    "errorOnColumnCountMismatch": "true",
    "escape": "NONE",
    "escapeUnenclosedField": "\\\\",
    "fieldDelimiter": ",",
    "fieldOptionallyEnclosedBy": "NONE",
    "recordDelimiter": "\\n",
    "skipHeader": "0",
    "timeFormat": "AUTO",
    "timestampFormat": "AUTO",
}
"""What DESCRIBE STAGE prints of the format that a stage has when none is given; a flag that is not here is false."""

INLINE_FORMAT: Final = spec.Block(
    (spec.Field("formatName", spec.Ref("FILE FORMAT")), *(spec.Field(n, spec.Block(f)) for n, f in FORMATS.items()))
)
"""A stage's `fileFormat`: the name of a format, or one format's options."""


def render_option(field: spec.Field, value: Value) -> str:
    """One format option; AUTO, NONE, compressions and binary formats are words, other texts are constants.

    >>> render_option(spec.Field("compression"), "AUTO"), render_option(spec.Field("dateFormat"), "DD.MM.YYYY")
    ('COMPRESSION = AUTO', "DATE_FORMAT = 'DD.MM.YYYY'")
    """
    key = field.sent_as or spec.snake(field.name).upper()
    if isinstance(value, tuple):
        return f"{key} = {sqltext.literals(value)}"
    if isinstance(field.type, (spec.TriState, spec.Flag, spec.Integer)):
        return f"{key} = {str(value).upper()}"
    text = str(value)
    is_word = field.name in _WORDS or text.upper() in _SENTINELS
    return f"{key} = {text.upper() if is_word else sqltext.literal(text)}"


def render_inline(value: Value) -> str:
    """A stage's FILE_FORMAT clause.

    >>> render_inline({"parquet": {"compression": "SNAPPY"}})
    'FILE_FORMAT = (TYPE = PARQUET COMPRESSION = SNAPPY)'
    """
    if not isinstance(value, Mapping):
        return "FILE_FORMAT = (TYPE = CSV)"
    name = value.get("formatName")
    if name:
        return f"FILE_FORMAT = (FORMAT_NAME = {sqltext.literal(sqltext.requalified(str(name)))})"
    for title, fields in FORMATS.items():
        options = value.get(title)
        if isinstance(options, Mapping):
            clauses = [
                render_option(field, options[field.name])
                for field in fields
                if options.get(field.name) not in (None, "default", -1)
            ]
            return f"FILE_FORMAT = ({' '.join([f'TYPE = {title.upper()}', *clauses])})"
    return "FILE_FORMAT = (TYPE = CSV)"


def is_default_format(value: Value) -> bool:
    """Is it the format of a stage that was given none: CSV, every option at its default?"""
    if not isinstance(value, Mapping) or set(value) != {"csv"}:
        return not value
    options = value["csv"]
    told = options.items() if isinstance(options, Mapping) else ()
    return all(
        name == "nullIfs" or str(item) in ("", CSV_DEFAULTS.get(name, "false"), "default", "-1") for name, item in told
    )


def _options(observation: sql.Observation) -> Mapping[str, object]:
    found = json.loads(observation.row.get("format_options") or "{}")
    return found if isinstance(found, dict) else {}


def _flag(key: str, observation: sql.Observation) -> Value:
    value = _options(observation).get(key)
    return None if value is None else str(value).lower()


def _binary_as_text(observation: sql.Observation) -> Value:
    return _flag("BINARY_AS_TEXT", observation)


def _replace_invalid(observation: sql.Observation) -> Value:
    return _flag("REPLACE_INVALID_CHARACTERS", observation)


def _trim_space(observation: sql.Observation) -> Value:
    return _flag("TRIM_SPACE", observation)


def _logical_type(observation: sql.Observation) -> Value:
    return _flag("USE_LOGICAL_TYPE", observation)


def _vectorized(observation: sql.Observation) -> Value:
    return _flag("USE_VECTORIZED_SCANNER", observation)


def _compression(observation: sql.Observation) -> Value:
    return str(_options(observation).get("COMPRESSION") or "")


def _null_ifs(observation: sql.Observation) -> Value:
    found = _options(observation).get("NULL_IF")
    return tuple(str(item) for item in found) if isinstance(found, list) else ()


def _describe(observation: sql.Observation) -> tuple[PropertyMap, ...]:
    """From SHOW's `format_options`, which has every option: DESCRIBE adds nothing."""
    return (
        {
            "type": observation.row.get("type"),
            "compression": _compression(observation),
            "nullIfs": _null_ifs(observation),
            "binaryAsText": _binary_as_text(observation) == "true",
            "replaceInvalidCharacters": _replace_invalid(observation) == "true",
            "trimSpace": _trim_space(observation) == "true",
            "useLogicalType": _logical_type(observation) == "true",
            "useVectorizedScanner": _vectorized(observation) == "true",
        },
    )


_SHOWN: Final = "format_options"


def _option(
    name: str, type: spec.Type, default: Value, observe: Callable[[sql.Observation], Value], sent_as: str = ""
) -> sql.Property:
    return sql.Property(name, type, default=default, sent_as=sent_as, shown_as=_SHOWN, observe=observe, told_as=name)


_FIELDS = (
    sql.DATABASE,
    sql.SCHEMA,
    sql.NAME,
    sql.COMMENT,
    _option("compression", spec.OneOf("AUTO", "LZO", "SNAPPY", "NONE"), "AUTO", _compression),
    _option("binaryAsText", _TRI, "true", _binary_as_text),
    _option("useLogicalType", _TRI, "false", _logical_type),
    _option("trimSpace", _TRI, "false", _trim_space),
    _option("useVectorizedScanner", _TRI, "false", _vectorized),
    _option("replaceInvalidCharacters", _TRI, "false", _replace_invalid),
    _option("nullIfs", _NULLS, ("\\N",), _null_ifs, sent_as="NULL_IF"),
)

FILE_FORMAT_PARQUET = sql.SqlKind(
    token="snowflake:index/fileFormatParquet:FileFormatParquet",
    words="FILE FORMAT",
    scope=sql.Scope.SCHEMA,
    options="TYPE = PARQUET",
    source="Snowflake SQL reference: CREATE FILE FORMAT, ALTER FILE FORMAT, SHOW FILE FORMATS",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=(*sql.outputs(_FIELDS, describe=True), spec.Output("type", shown_as="type", doc="PARQUET.")),
    describe=_describe,
    has_unset=False,
    shows=sql.columns(
        "created_on",
        "name",
        "database_name",
        "schema_name",
        "type",
        "owner",
        "comment",
        "owner_role_type",
        "format_options",
    ),
)
