"""Snowflake data types: which spellings mean the same, and which changes a column takes in place.

Source: Snowflake SQL reference, "Summary of data types"; ALTER TABLE … ALTER COLUMN.
"""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_ ]*?)\s*(?:\(([^)]*)\))?\s*")
_WHOLE: Final = ("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT")
_SYNONYMS: Final = {
    "DECIMAL": "NUMBER",
    "DEC": "NUMBER",
    "NUMERIC": "NUMBER",
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "NVARCHAR": "VARCHAR",
    "NVARCHAR2": "VARCHAR",
    "CHAR VARYING": "VARCHAR",
    "NCHAR VARYING": "VARCHAR",
    "CHARACTER": "CHAR",
    "NCHAR": "CHAR",
    "FLOAT4": "FLOAT",
    "FLOAT8": "FLOAT",
    "DOUBLE": "FLOAT",
    "DOUBLE PRECISION": "FLOAT",
    "REAL": "FLOAT",
    "VARBINARY": "BINARY",
    "DATETIME": "TIMESTAMP_NTZ",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP_NTZ",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP WITH LOCAL TIME ZONE": "TIMESTAMP_LTZ",
    "TIMESTAMPTZ": "TIMESTAMP_TZ",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ",
}
_TIMES: Final = ("TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ")
# The length of VARCHAR and BINARY where none is written: before and since bundle 2025_07.
_LONGEST: Final = {"VARCHAR": (16777216, 134217728), "BINARY": (8388608, 67108864)}


def normal(text: str) -> tuple[str, tuple[str, ...]]:
    """A type's canonical name and its arguments, defaults filled in; a default length is "".

    >>> normal("int"), normal("decimal(10)"), normal("string"), normal("VARCHAR(16777216)")
    (('NUMBER', ('38', '0')), ('NUMBER', ('10', '0')), ('VARCHAR', ('',)), ('VARCHAR', ('',)))
    """
    match = _FORM.fullmatch(text)
    if match is None:
        return text.upper(), ()
    word = re.sub(r"\s+", " ", match.group(1)).upper()
    arguments = tuple(part.strip().upper() for part in (match.group(2) or "").split(",") if part.strip())
    if word in _WHOLE:
        return "NUMBER", ("38", "0")
    word = _SYNONYMS.get(word, word)
    if word == "NUMBER":
        return word, (*arguments, *("38", "0")[len(arguments) :])
    if word == "CHAR":
        return "VARCHAR", arguments or ("1",)
    if word in _LONGEST:
        return word, ("",) if not arguments or int(arguments[0]) in _LONGEST[word] else arguments
    if word in _TIMES:
        return word, arguments or ("9",)
    return word, arguments


def same(left: str, right: str) -> bool:
    """Do two spellings mean the same type?

    >>> same("INTEGER", "NUMBER(38,0)"), same("VARCHAR(10)", "VARCHAR(11)")
    (True, False)
    """
    return normal(left) == normal(right)


def changes_in_place(old: str, new: str) -> bool:
    """Does ALTER COLUMN … SET DATA TYPE take a column from `old` to `new`?

    Text may grow; a number may change its precision (a smaller one only if the
    data fits, which Snowflake checks) and not its scale; nothing else changes.

    >>> changes_in_place("VARCHAR(10)", "VARCHAR(20)"), changes_in_place("VARCHAR(20)", "VARCHAR(10)")
    (True, False)
    >>> changes_in_place("NUMBER(10,2)", "NUMBER(12,2)"), changes_in_place("NUMBER", "VARCHAR")
    (True, False)
    """
    (old_word, old_arguments), (new_word, new_arguments) = normal(old), normal(new)
    if old_word != new_word:
        return False
    if old_word == "NUMBER":
        return old_arguments[1] == new_arguments[1]
    if old_word in _LONGEST:
        return new_arguments == ("",) or (old_arguments != ("",) and int(new_arguments[0]) >= int(old_arguments[0]))
    return old_arguments == new_arguments
