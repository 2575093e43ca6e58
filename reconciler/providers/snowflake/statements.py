"""The SQL of an object with a name: CREATE, ALTER, DROP, SHOW, DESCRIBE from its kind and its inputs.

Pure functions from values without secrets and unknowns to text. Names are
always quoted; nothing is ever made by CREATE OR REPLACE.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, assert_never

from reconciler.catalog import spec, sql, sqltext
from reconciler.contract import declared
from reconciler.model.values import PropertyMap, Value

_PART_FIELDS: Final = {
    sql.Scope.ACCOUNT: ("name",),
    sql.Scope.DATABASE: ("database", "name"),
    sql.Scope.SCHEMA: ("database", "schema", "name"),
}


def identify(kind: sql.SqlKind, inputs: PropertyMap) -> str:
    """The id that inputs lead to: the bare name in the account, else the quoted path.

    Source: the public provider's ids.
    """
    if kind.oddity is not None:
        return kind.oddity.identify(inputs)
    names = name_parts(kind, inputs)
    return names[0] if kind.scope is sql.Scope.ACCOUNT else sqltext.qualified(*names)


def identify_again(kind: sql.SqlKind, id: str, inputs: PropertyMap) -> str:
    """The id after an update: as it was, however it is spelled, until the object's name changes."""
    if kind.oddity is not None:
        return kind.oddity.identify(inputs) or id
    same_name = name_parts(kind, parse_id(kind, id)) == name_parts(kind, inputs)
    return id if same_name else identify(kind, inputs)


def parse_id(kind: sql.SqlKind, id: str) -> PropertyMap:
    """The inputs that an id implies; ids of account objects may be quoted or not.

    Raises:
        ValueError: the id is not of the kind's form.
    """
    if kind.oddity is not None:
        return kind.oddity.parse_id(id)
    fields = _PART_FIELDS[kind.scope]
    # An older dialect joined parts with `|`; imports take it for ever.
    names = (sqltext.bare(id),) if len(fields) == 1 else sqltext.parts(id.replace("|", "."))
    if len(names) != len(fields):
        raise ValueError(f"{id!r} is not an id of the form {'.'.join(f'<{field}>' for field in fields)}")
    return dict(zip(fields, names, strict=True))


def name_parts(kind: sql.SqlKind, inputs: PropertyMap) -> tuple[str, ...]:
    """The object's name with its containers' names before it, unquoted."""
    return tuple(sqltext.bare(str(inputs[field])) for field in _PART_FIELDS[kind.scope])


def quoted_name(kind: sql.SqlKind, inputs: PropertyMap) -> str:
    """The object's name with its containers', as statements write it."""
    return sqltext.qualified(*name_parts(kind, inputs))


def create(kind: sql.SqlKind, inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    """CREATE, then what only later statements can say.

    An object that Snowflake makes by itself (schema PUBLIC) may be there
    already: it is taken over and altered to what the inputs say.
    """
    if kind.oddity is not None:
        return kind.oddity.create(inputs)
    name = quoted_name(kind, inputs)
    given = [field for field in kind.properties() if _is_given(field, inputs.get(field.name))]
    if kind.adopts is not None and kind.adopts(inputs):
        changed = {field.name for field in given if field.place not in (sql.Place.PART, sql.Place.PREFIX)}
        statements = [sql.Statement(f"CREATE {kind.words} IF NOT EXISTS {name}")]
        return (*statements, *alter(kind, name, {}, inputs, changed))
    words = ["CREATE"]
    words += [field.words for field in given if field.place is sql.Place.PREFIX and _is_true(inputs[field.name])]
    words += [kind.words, name]
    words += [kind.body(inputs)] if kind.body is not None else []
    words += [field.words for field in given if field.place is sql.Place.SUFFIX and _is_true(inputs[field.name])]
    words += [kind.options]
    options = [field for field in given if field.place is sql.Place.OPTION]
    # Syntax diagrams put COMMENT last; some statements insist.
    options.sort(key=lambda field: field.name == "comment")
    words += [clause(field, inputs[field.name]) for field in options]
    statements = [sql.Statement(" ".join(word for word in words if word))]
    for field in given:
        if field.after is not None:
            statements += field.after(name, inputs[field.name])
    return tuple(statements)


def update(
    kind: sql.SqlKind, id: str, live: PropertyMap, inputs: PropertyMap, changed: Collection[str]
) -> tuple[sql.Statement, ...]:
    """Statements that take an object to its inputs, the renaming last.

    A run that is cut short before it finds the old id still true.

    Args:
        live: recorded inputs, live values over them where they were read.
        changed: the fields that differ, by name.
    """
    if kind.oddity is not None:
        return kind.oddity.alter(live, inputs)
    name = quoted_name(kind, parse_id(kind, id))
    new_name = quoted_name(kind, inputs)
    plan = alter(kind, name, live, inputs, changed)
    return plan if new_name == name else (*plan, rename(kind, name, new_name))


def delete(kind: sql.SqlKind, id: str, inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    """Statements that take an object away; that it is gone already is tolerated."""
    if kind.oddity is not None:
        return kind.oddity.drop(inputs or kind.oddity.parse_id(id))
    return (drop(kind, quoted_name(kind, parse_id(kind, id))),)


def alter(
    kind: sql.SqlKind, name: str, live: PropertyMap, inputs: PropertyMap, changed: Collection[str]
) -> tuple[sql.Statement, ...]:
    """Statements that take the object `name` (quoted) to what inputs say in the changed fields, but for its name.

    Each names the value wanted, so that running them again does no harm.
    """
    prefix = f"ALTER {kind.words} {name}"
    settings: list[str] = []
    unsettings: list[str] = []
    special: list[sql.Statement] = []
    for field in kind.properties():
        if field.name not in changed or field.place is sql.Place.PART:
            continue
        wanted = inputs[field.name] if _is_given(field, inputs.get(field.name)) else None
        if field.alter is not None:
            special += field.alter(prefix, live.get(field.name), wanted)
        elif wanted is not None:
            settings.append(clause(field, wanted))
        elif kind.has_unset and field.unset_to is None:
            unsettings.append(field.key)
        else:
            settings.append(clause(field, _default(field)))
    statements = [sql.Statement(f"{prefix} SET {' '.join(settings)}")] if settings else []
    statements += [sql.Statement(f"{prefix} UNSET {', '.join(unsettings)}")] if unsettings else []
    return (*statements, *special)


def rename(kind: sql.SqlKind, name: str, new_name: str) -> sql.Statement:
    """ALTER … RENAME TO, both names quoted and with their containers."""
    return sql.Statement(f"ALTER {kind.words} {name} RENAME TO {new_name}")


def drop(kind: sql.SqlKind, name: str) -> sql.Statement:
    """DROP … IF EXISTS. 2003, 2043: its container is gone, and it too."""
    return sql.Statement(f"DROP {kind.words} IF EXISTS {name}", tolerates=(2003, 2043))


def reads(kind: sql.SqlKind, inputs: PropertyMap, names: PropertyMap) -> tuple[str, ...]:
    """Everything that reading an object asks: the SHOW that lists it, then what is told of it alone."""
    if kind.oddity is not None:
        return kind.oddity.queries({**names, **inputs})
    name = quoted_name(kind, names)
    queries = [show_all(kind, name_parts(kind, names))]
    queries += [describe(kind, name)] if describes(kind, inputs) else []
    queries += [show_parameters(kind, name)] if has_parameters(kind, inputs) else []
    return tuple(queries)


def describes(kind: sql.SqlKind, inputs: PropertyMap) -> bool:
    """Is DESCRIBE needed? Only where it always is, on imports, or where a field that it reports is managed."""
    told = [field for field in kind.properties() if field.read_from is sql.ReadFrom.DESCRIBE]
    return kind.described or bool(told and not inputs) or any(field.name in inputs for field in told)


def has_parameters(kind: sql.SqlKind, inputs: PropertyMap) -> bool:
    """Is SHOW PARAMETERS needed? Only on imports, or where a parameter is managed."""
    told = [field for field in kind.properties() if field.read_from is sql.ReadFrom.PARAMETERS]
    return bool(told) and (not inputs or any(field.name in inputs for field in told))


def show_all(kind: sql.SqlKind, names: tuple[str, ...]) -> str:
    """The SHOW that lists all objects of the kind in the widest container that it can."""
    if kind.scope is sql.Scope.ACCOUNT:
        return f"SHOW {_plural(kind)}"
    if kind.shows_in is sql.Scope.ACCOUNT:
        return f"SHOW {_plural(kind)} IN ACCOUNT"
    return f"SHOW {_plural(kind)} IN DATABASE {sqltext.quote(names[0])}"


def show_one(kind: sql.SqlKind, names: tuple[str, ...]) -> str:
    """The SHOW of one object. LIKE ignores case and knows wildcards: filter its rows with `is_row_of`."""
    like = f"SHOW {_plural(kind)} LIKE {sqltext.literal(names[-1])}"
    match kind.scope:
        case sql.Scope.ACCOUNT:
            return like
        case sql.Scope.DATABASE:
            return f"{like} IN DATABASE {sqltext.quote(names[0])}"
        case sql.Scope.SCHEMA:
            return f"{like} IN SCHEMA {sqltext.qualified(*names[:2])}"
        case _:
            assert_never(kind.scope)


def describe(kind: sql.SqlKind, name: str) -> str:
    """DESCRIBE of the object `name` (quoted)."""
    return f"DESCRIBE {kind.words} {name}"


def show_parameters(kind: sql.SqlKind, name: str) -> str:
    """SHOW PARAMETERS of the object `name` (quoted)."""
    return f"SHOW PARAMETERS {kind.parameters_of} {name}"


def clause(field: sql.Property, value: Value) -> str:
    """One option, `KEY = value`, or whatever the field's own `render` writes."""
    if field.render is not None:
        return field.render(value)
    if isinstance(value, tuple):
        writes = _writer(field)
        return f"{field.key} = ({', '.join(writes(str(item)) for item in value)})"
    return f"{field.key} = {_writer(field)(_word(field, value))}"


def _writer(field: sql.Property) -> Callable[[str], str]:
    """How the field's values are written."""
    match field.style:
        case sql.Style.NAME:
            return sqltext.quote
        case sql.Style.PATH:
            return sqltext.requalified
        case sql.Style.WORD:
            return str.upper
        case sql.Style.STRING:
            return sqltext.literal
        case None:
            bare = isinstance(field.type, (spec.Flag, spec.TriState, spec.Integer, spec.OneOf))
            return str.upper if bare else sqltext.literal
        case _:
            assert_never(field.style)


def _word(field: sql.Property, value: Value) -> str:
    text = field.spelled.get(str(value), str(value))
    return text.upper() if isinstance(field.type, spec.OneOf) and field.type.any_case else text


def _default(field: sql.Property) -> Value:
    if field.unset_to is not None:
        return field.unset_to
    return "" if field.default is None else field.default


def _is_given(field: sql.Property, value: Value) -> bool:
    """An empty text is no text, but for parameters: an empty collation is a collation."""
    empty = value == "" and field.read_from is not sql.ReadFrom.PARAMETERS
    return value is not None and not empty and not declared.is_unmanaged(field.type, value)


def _is_true(value: Value) -> bool:
    return str(value).lower() == "true"


def _plural(kind: sql.SqlKind) -> str:
    return kind.plural or f"{kind.words}S"
