"""SHOW PARAMETERS: which value holds, and at which level it was set.

Source: Snowflake SQL reference, SHOW PARAMETERS.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.showing.wildcards import like
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS
from reconciler.sandbox.snowflake.vocabulary.properties import Kept, Property
from reconciler.sandbox.snowflake.vocabulary.results import Row, Rows, answer, flag


def effective(context: Context, item: SqlObject, name: str) -> tuple[Kept, str]:
    """The value of a parameter, and the level at which it is set ("" for the default)."""
    at: SqlObject | None = item
    while at is not None:
        if name in at.properties:
            return at.properties[name], at.kind
        at = context.catalogue.objects.get(at.parent)
    declared = item.declared.properties[name]
    return declared.default, ""


def show_parameters(context: Context, statement: s.ShowParameters) -> Rows:
    """SHOW PARAMETERS of the session, or of one object."""
    names = "key, value, default, level, description, type"
    matches = like(statement.like)
    target = statement.target
    if target is None:
        declared = BY_WORDS["USER"].properties
        user = context.catalogue.objects[context.session.user]
        rows = []
        for name, each in sorted(_parameters(declared).items()):
            value, level = effective(context, user, name)
            if name in context.session.parameters:
                value, level = context.session.parameters[name], "SESSION"
            rows.append(_parameter_row(name, each, value, level))
        return answer([row for row in rows if matches(str(row["key"]))], names)
    if target.kind.words == "ACCOUNT":
        declared = {**BY_WORDS["USER"].properties, **BY_WORDS["DATABASE"].properties}
        rows = [_parameter_row(name, each, each.default, "") for name, each in sorted(_parameters(declared).items())]
        return answer([row for row in rows if matches(str(row["key"]))], names)
    item = context.get(target.kind, target.name)
    declared = item.declared.properties
    rows = [
        _parameter_row(name, each, *effective(context, item, name))
        for name, each in sorted(_parameters(declared).items())
        if matches(name)
    ]
    return answer(rows, names)


def _parameters(declared: Mapping[str, Property]) -> dict[str, Property]:
    return {name: each for name, each in declared.items() if each.parameter}


def _parameter_row(name: str, declared: Property, value: Kept, level: str) -> Row:
    return {
        "key": name,
        "value": parameter_text(value),
        "default": parameter_text(declared.default),
        "level": level,
        "description": declared.description,
        "type": {"flag": "BOOLEAN", "integer": "NUMBER"}.get(declared.sort.value, "STRING"),
    }


def parameter_text(value: Kept) -> str:
    """A parameter's value as SHOW PARAMETERS prints it."""
    if value is None:
        return ""
    return flag(value) if isinstance(value, bool) else str(value)
