"""The data engine: fakesnow over DuckDB files, one file per database.

The catalogue decides what exists; this module makes it so, runs data SQL and
encodes what comes out. It knows nothing of roles. Databases are known to
DuckDB under a safe alias; schemas, tables and columns under their own names,
which DuckDB compares without case (callers refuse names that differ in case only).
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import snowflake.connector.errors
from fakesnow import info_schema, macros
from fakesnow.arrow import to_ipc, to_sf
from fakesnow.converter import from_binding
from fakesnow.dialect import parse_one
from fakesnow.fakes import FakeSnowflakeConnection
from fakesnow.instance import FakeSnow
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import DML_TYPE_IDS, statement_type_id
from sqlglot import Expr, exp

from reconciler.sandbox.snowflake.parsing.statements import Column
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, is_plain, quoted, render_quoted
from reconciler.sandbox.snowflake.vocabulary.refusals import RefusedError, unsupported
from reconciler.sandbox.snowflake.vocabulary.results import Encoded

_FROM_DUCKDB: Final = {
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME(9)",
    "TIMESTAMP": "TIMESTAMP_NTZ(9)",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ(9)",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ(9)",
    "VARCHAR": "VARCHAR(16777216)",
    "BLOB": "BINARY(8388608)",
    "JSON": "VARIANT",
    "DOUBLE": "FLOAT",
    "FLOAT": "FLOAT",
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        "NUMBER(38,0)",
    ),
}

_MERGE_WORDS: Final[Mapping[type, str]] = {exp.Insert: "inserted", exp.Update: "updated", exp.Var: "deleted"}


def alias_of(database: str) -> str:
    """The name under which DuckDB knows a database: itself, or an encoding of what is not a plain name."""
    return database if is_plain(database) and not database.startswith("Q_") else f"Q_{database.encode().hex().upper()}"


def physical(name: Name) -> str:
    """The full name of an object as DuckDB knows it, quoted."""
    return render_quoted((alias_of(name[0]), *name[1:]))


def type_from_duckdb(text: str) -> str:
    """The Snowflake type of a DuckDB column."""
    if text.startswith("DECIMAL"):
        return "NUMBER" + text.removeprefix("DECIMAL").replace(" ", "")
    if text not in _FROM_DUCKDB:
        raise unsupported(f"a column of type {text}")
    return _FROM_DUCKDB[text]


def render_column(column: Column) -> str:
    """A column definition for the data engine."""
    text = f"{quoted(column.name)} {column.type}"
    if column.default is not None:
        text += f" DEFAULT {column.default}"
    return text + ("" if column.nullable or column.autoincrement is not None else " NOT NULL")


class DataSession:
    """One client's connection to the data engine: its transaction and its variables."""

    def __init__(self, connection: FakeSnowflakeConnection) -> None:
        self._connection = connection
        self._open = False
        self._failed = False

    def close(self) -> None:
        """Close it; an open transaction is rolled back."""
        self._connection.close()

    @property
    def in_transaction(self) -> bool:
        """Has the client started a transaction, with BEGIN or by changing rows without autocommit?"""
        return self._open or self._connection._in_transaction  # noqa: SLF001  # fakesnow has no public way

    def run(self, sql: str, bindings: Mapping[str, Any] | None, at: Name) -> Encoded:
        """Run one data statement.

        Args:
            sql: Snowflake SQL whose tables carry their physical names.
            bindings: as the wire carries them.
            at: database and schema of the session, as far as they are set.

        Raises:
            RefusedError: the data engine's error, with its number. DuckDB cannot go on with a transaction in
                which a statement failed, as Snowflake would: all but ROLLBACK is refused then.
        """
        with _as_refusals():
            expression = parse_one(sql)
            if self._failed and not isinstance(expression, exp.Rollback):
                raise unsupported("going on with a transaction after a statement in it failed; ROLLBACK it")
            with self._placed(at):
                encoded = self._run_whole(sql, bindings, expression)
            if isinstance(expression, exp.Transaction | exp.Commit | exp.Rollback):
                self._open, self._failed = isinstance(expression, exp.Transaction), False
            return encoded

    def _run_whole(self, sql: str, bindings: Mapping[str, Any] | None, expression: Expr) -> Encoded:
        """Run a statement wholly or not at all: fakesnow makes several of some."""
        if isinstance(expression, exp.Merge) or expression.args.get("overwrite") is True:
            self._begin_implicitly()
        alone = expression.args.get("overwrite") is True and not self.in_transaction
        if alone:
            self.duckdb().begin()
        try:
            merge = isinstance(expression, exp.Merge)
            encoded = self._merge(bindings, expression) if merge else self._run(sql, bindings, expression)
            if alone:
                self.duckdb().commit()
        except BaseException:
            if alone:
                self.duckdb().rollback()
            self.fail()
            raise
        return encoded

    def fail(self) -> None:
        """A statement failed: what the open transaction did is undone, and only ROLLBACK will end it."""
        if self.in_transaction and not self._failed:
            self.duckdb().rollback()
            self._connection._in_transaction = False  # noqa: SLF001  # fakesnow has no public way
            self._failed = True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done within is done wholly or not at all; part of the client's transaction if one is open."""
        if self._failed:
            raise unsupported("going on with a transaction after a statement in it failed; ROLLBACK it")
        self._begin_implicitly()
        alone = not self.in_transaction
        if alone:
            self.duckdb().begin()
        try:
            yield
            if alone:
                self.duckdb().commit()
        except BaseException:
            if alone:
                self.duckdb().rollback()
            self.fail()
            raise

    def set_autocommit(self, value: bool) -> None:
        """ALTER SESSION SET AUTOCOMMIT; what is open is committed."""
        self.commit()
        self._connection._autocommit = value  # noqa: SLF001  # fakesnow has no public way

    def _begin_implicitly(self) -> None:
        """Without autocommit a change of rows starts a transaction, which stays open."""
        if not self._connection._autocommit and not self.in_transaction:  # noqa: SLF001  # fakesnow has no public way
            self.duckdb().begin()
            self._connection._in_transaction = True  # noqa: SLF001  # fakesnow has no public way

    def commit(self) -> None:
        """Commit what is open, as every definition does before it runs."""
        if self.in_transaction and not self._failed:
            self.run("COMMIT", None, ())

    def _run(self, sql: str, bindings: Mapping[str, Any] | None, expression: Expr) -> Encoded:
        parameters, batch = _bound(bindings)
        type_id = statement_type_id(expression)
        cursor = self._connection.cursor()
        affected = 0
        if batch is None:
            cursor.execute(sql, binding_params=parameters, server=True)
        else:
            for row in batch:
                cursor.execute(sql, binding_params=row, server=True)
                affected += cursor.rowcount or 0
        rowtype = describe_as_rowtype(cursor._describe_last_sql())  # noqa: SLF001  # fakesnow has no public way
        data: Any = cursor._arrow_table  # noqa: SLF001  # fakesnow has no public way
        body: dict[str, Any] = {"rowtype": rowtype, "queryId": cursor.sfqid, "statementTypeId": type_id}
        if batch is not None:
            return Encoded({**body, "total": 1, "queryResultFormat": "json", "rowset": [[str(affected)]]})
        rows = data.num_rows if data is not None else 0
        if rows and type_id in DML_TYPE_IDS:
            cells = zip(*[column.to_pylist() for column in data.columns], strict=True)
            rowset = [[None if cell is None else str(cell) for cell in row] for row in cells]
            return Encoded({**body, "total": rows, "queryResultFormat": "json", "rowset": rowset})
        text = b64encode(to_ipc(_with_nulls(data, to_sf(data, rowtype)))).decode() if rows else ""
        return Encoded({**body, "total": rows, "queryResultFormat": "arrow", "rowsetBase64": text})

    def _merge(self, bindings: Mapping[str, Any] | None, expression: Expr) -> Encoded:
        """MERGE by DuckDB itself: fakesnow makes several statements of it that no transaction can hold."""
        parameters, batch = _bound(bindings)
        if batch is not None or isinstance(parameters, dict):
            raise unsupported("MERGE with a batch of bind variables or named ones")
        whens = {_MERGE_WORDS[type(when.args["then"])] for when in expression.args["whens"].expressions}
        cursor = self._connection.cursor()
        values = list(parameters) if parameters is not None else None
        sql = cursor._transform(expression, values).sql(dialect="duckdb")  # noqa: SLF001  # fakesnow has no public way
        actions = self.duckdb().execute(f"{sql} RETURNING merge_action", values).fetchall()
        words = [word for word in ("inserted", "updated", "deleted") if word in whens]
        counts = [
            sum(action.lower() + ("ed" if action == "INSERT" else "d") == word for (action,) in actions)
            for word in words
        ]
        body = {
            "rowtype": [_count_column(f"number of rows {word}") for word in words],
            "rowset": [[str(count) for count in counts]],
            "total": 1,
            "queryResultFormat": "json",
            "statementTypeId": statement_type_id(expression),
        }
        return Encoded(body)

    def count(self, sql: str) -> int:
        """The first cell of a DuckDB query, as a number."""
        with _as_refusals():
            row = self._connection._duck_conn.execute(sql).fetchone()  # noqa: SLF001  # fakesnow has no public way
        return int(row[0]) if row is not None and row[0] is not None else 0

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection itself, for loading files."""
        connection: duckdb.DuckDBPyConnection = self._connection._duck_conn  # noqa: SLF001  # no public way
        return connection

    @contextmanager
    def _placed(self, at: Name) -> Iterator[None]:
        """Stand in the session's database and schema, and leave them again, so that both can be dropped."""
        connection, duck = self._connection, self.duckdb()
        if not at:
            yield
            return
        connection.database, connection.database_set = alias_of(at[0]), True
        connection._schema = at[1] if len(at) > 1 else None  # noqa: SLF001  # its setter is SQL that we do not send
        connection.schema_set = len(at) > 1
        place = render_quoted((alias_of(at[0]), at[1] if len(at) > 1 else "main"))
        duck.execute(f"SET schema = '{place.replace(chr(39), chr(39) * 2)}'")
        try:
            yield
        finally:
            connection.database, connection.database_set, connection.schema_set = None, False, False
            connection._schema = None  # noqa: SLF001  # see above
            duck.execute("SET schema = 'memory.main'")


class Storage:
    """All databases' files. Definitions are changed under the account's lock."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._engine = FakeSnow(create_database_on_connect=False, create_schema_on_connect=False)
        self._admin = DataSession(self._engine.connect())
        self._lock = threading.Lock()

    def session(self, *, autocommit: bool = True) -> DataSession:
        """A new client's connection."""
        with self._lock:
            return DataSession(self._engine.connect(autocommit=autocommit))

    def close(self) -> None:
        """Write everything down and close the files."""
        self._admin.close()
        self._engine.duck_conn.close()

    def execute(self, sql: str) -> None:
        """Run DuckDB's own SQL."""
        with _as_refusals():
            self._admin.duckdb().execute(sql)

    def define(self, sql: str) -> None:
        """Run a definition written in Snowflake's SQL with physical names."""
        self._admin.run(sql, None, ())

    def create(self, database: str, number: int) -> None:
        """Make a database's file; what a killed process left in its place is removed."""
        self.delete(number)
        self.attach(database, number)

    def attach(self, database: str, number: int) -> None:
        """Open a database's file."""
        alias, file = alias_of(database), self._file(number)
        self.execute(f"ATTACH '{str(file).replace(chr(39), chr(39) * 2)}' AS {quoted(alias)}")
        self.execute(info_schema.per_db_creation_sql(alias))
        self.execute(macros.creation_sql(alias))

    def detach(self, database: str) -> None:
        """Close a database's file."""
        self.execute(f"DETACH {quoted(alias_of(database))}")

    def delete(self, number: int) -> None:
        """Delete a database's file, which is not open."""
        file = self._file(number)
        file.unlink(missing_ok=True)
        file.with_name(file.name + ".wal").unlink(missing_ok=True)

    def rename(self, old: str, new: str, number: int) -> None:
        """Know a database under another name. Its helper views name the old one and are made again."""
        self.execute(f"DROP SCHEMA IF EXISTS {quoted(alias_of(old))}._fs_information_schema CASCADE")
        self.detach(old)
        self.attach(new, number)

    def relations(self, database: str) -> dict[Name, str]:
        """The tables and views that the file holds, as (schema, name) -> "TABLE" or "VIEW"."""
        rows = self._admin.duckdb().execute(
            "SELECT schema_name, table_name, 'TABLE' FROM duckdb_tables() WHERE database_name = ? AND NOT internal"
            " UNION ALL SELECT schema_name, view_name, 'VIEW' FROM duckdb_views()"
            " WHERE database_name = ? AND NOT internal",
            [alias_of(database)] * 2,
        )
        return {
            (schema, name): kind
            for schema, name, kind in rows.fetchall()
            if not schema.startswith("_fs_") and not name.startswith("_fs_") and schema != "main"
        }

    def schemas(self, database: str) -> frozenset[str]:
        """The schemas that the file holds."""
        rows = self._admin.duckdb().execute(
            "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ? AND NOT internal", [alias_of(database)]
        )
        return frozenset(name for (name,) in rows.fetchall() if not name.startswith("_fs_") and name != "main")

    def columns(self, name: Name) -> tuple[Column, ...]:
        """The columns of a table or view, with Snowflake's types."""
        rows = self._admin.duckdb().execute(f"DESCRIBE {physical(name)}").fetchall()
        return tuple(Column(row[0], type_from_duckdb(row[1]), row[2] == "YES") for row in rows)

    def row_count(self, name: Name) -> int:
        """How many rows a table has."""
        return self._admin.count(f"SELECT count(*) FROM {physical(name)}")

    def _file(self, number: int) -> Path:
        return self._directory / f"database-{number}.duckdb"


def _count_column(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "fixed",
        "nullable": False,
        "precision": 38,
        "scale": 0,
        "length": None,
        "byteLength": None,
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


def _with_nulls(data: pa.Table, encoded: pa.Table) -> pa.Table:
    """The encoded table with the NULLs of its timestamps, which fakesnow turns into the epoch."""
    for index, column in enumerate(data.columns):
        if pa.types.is_timestamp(column.type) and column.null_count:
            structs = encoded.column(index).combine_chunks()
            fields = [encoded.schema.field(index).type.field(each) for each in range(structs.type.num_fields)]
            masked = pa.StructArray.from_arrays(
                structs.flatten(), fields=fields, mask=column.combine_chunks().is_null()
            )
            encoded = encoded.set_column(index, encoded.schema.field(index), masked)
    return encoded


def _bound(
    bindings: Mapping[str, Any] | None,
) -> tuple[tuple[Any, ...] | dict[str, Any] | None, Sequence[tuple[Any, ...]] | None]:
    """Parameters of one execution, or rows of parameters for a batch."""
    if not bindings:
        return None, None
    if not all(key.isdigit() for key in bindings):
        return {name: from_binding(binding) for name, binding in bindings.items()}, None
    ordered = [bindings[str(position)] for position in range(1, len(bindings) + 1)]
    if any(isinstance(binding["value"], list) for binding in ordered):
        columns = [[from_binding({**binding, "value": value}) for value in binding["value"]] for binding in ordered]
        return None, list(zip(*columns, strict=True))
    return tuple(from_binding(binding) for binding in ordered), None


@contextmanager
def _as_refusals() -> Iterator[None]:
    """The data engine's errors as ours."""
    try:
        yield
    except (snowflake.connector.errors.ProgrammingError, snowflake.connector.errors.OperationalError) as error:
        raise RefusedError(error.errno or 2043, error.sqlstate or "42000", str(error.raw_msg or error.msg)) from error
    except NotImplementedError as error:
        raise unsupported(str(error)) from error
    except duckdb.TransactionException as error:
        raise RefusedError(625, "57014", f"Statement aborted: {error}") from error
    except duckdb.ConstraintException as error:
        raise RefusedError(100072, "22000", str(error).split("\n", maxsplit=1)[0]) from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException) as error:
        raise RefusedError(100038, "22018", str(error).split("\n", maxsplit=1)[0]) from error
    except duckdb.Error as error:
        raise unsupported(f"the data engine says {type(error).__name__}: {error}") from error
