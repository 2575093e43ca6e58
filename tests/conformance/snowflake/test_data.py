"""Data SQL: what the connector gets back, transactions, parameters, names."""

import datetime as dt
import decimal

import pytest
import snowflake.connector


def test_values_come_back_in_their_types(admin, place):
    admin.run(
        f"CREATE TABLE {place.schema}.TYPES (I INT, N NUMBER(10, 2), F FLOAT, S VARCHAR, B BOOLEAN, D DATE,"
        " T TIMESTAMP_NTZ, X VARCHAR)",
        f"INSERT INTO {place.schema}.TYPES VALUES (1, 2.50, 0.5, 'ä', TRUE, '2013-01-01', '2013-01-01 10:00:00', NULL)",
        f"INSERT INTO {place.schema}.TYPES (I) VALUES (2)",
    )

    first, second = admin.run(f"SELECT * FROM {place.schema}.TYPES ORDER BY I")

    at = dt.datetime.fromisoformat("2013-01-01T10:00:00")
    assert first == (1, decimal.Decimal("2.50"), 0.5, "ä", True, at.date(), at, None)
    assert second == (2, *[None] * 7)


def test_bind_variables_and_batches(connect, place):
    connection = connect(paramstyle="qmark", warehouse=place.warehouse)
    cursor = connection.cursor()

    cursor.executemany(f"INSERT INTO {place.table} VALUES (?, ?)", [(7, "p"), (8, "q")])

    assert cursor.rowcount == 2
    assert cursor.execute(f"SELECT B FROM {place.table} WHERE A = ?", (8,)).fetchall() == [("q",)]


def test_a_transaction_is_one_thing(admin, connect, place):
    admin.run("BEGIN", f"DELETE FROM {place.table}", "ROLLBACK")
    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(2,)]

    admin.run("BEGIN TRANSACTION", f"DELETE FROM {place.table} WHERE A = 1")
    other = connect(warehouse=place.warehouse).cursor()
    assert other.execute(f"SELECT COUNT(*) FROM {place.table}").fetchall() == [(2,)]
    admin.run("COMMIT")
    assert other.execute(f"SELECT COUNT(*) FROM {place.table}").fetchall() == [(1,)]


def test_without_autocommit_changes_wait_for_the_commit(connect, place):
    writer, reader = connect(warehouse=place.warehouse), connect(warehouse=place.warehouse).cursor()
    writer.autocommit(False)
    count = f"SELECT COUNT(*) FROM {place.table}"

    writer.cursor().execute(f"DELETE FROM {place.table} WHERE A = 1")
    before = reader.execute(count).fetchall()
    writer.commit()
    after = reader.execute(count).fetchall()
    writer.cursor().execute(f"MERGE INTO {place.table} t USING (SELECT 2 AS A) s ON t.A = s.A WHEN MATCHED THEN DELETE")
    writer.rollback()

    assert (before, after, reader.execute(count).fetchall()) == ([(2,)], [(1,)], [(1,)])


def test_describing_a_statement_does_not_run_it(admin, place):
    cursor = admin.connection.cursor()

    assert [column.name for column in cursor.describe(f"SELECT A, B FROM {place.table}")] == ["A", "B"]
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        cursor.describe(f"DELETE FROM {place.table}")
    with pytest.raises(snowflake.connector.errors.ProgrammingError):
        cursor.execute_async("SELECT 1")
    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(2,)]


def test_a_definition_commits_what_is_open(admin, place):
    admin.run("BEGIN", f"DELETE FROM {place.table}", f"CREATE TABLE {place.schema}.OTHER (A INT)", "ROLLBACK")

    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(0,)]


def test_a_transaction_with_a_failed_statement_says_that_it_cannot_go_on(admin, place):
    admin.run("BEGIN", f"DELETE FROM {place.table}")
    admin.error(f"INSERT INTO {place.table} (A) VALUES ('no number')")

    assert admin.errno(f"SELECT * FROM {place.table}") == 990001
    assert admin.errno("COMMIT") == 990001
    admin.run("ROLLBACK")
    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(2,)]


def test_merge_inserts_and_updates(admin, place):
    rows = admin.run(
        f"MERGE INTO {place.table} t USING (SELECT 2 AS A, 'new' AS B UNION ALL SELECT 3, 'more') s ON t.A = s.A"
        " WHEN MATCHED THEN UPDATE SET B = s.B WHEN NOT MATCHED THEN INSERT (A, B) VALUES (s.A, s.B)"
    )

    assert rows == [(1, 1)]
    assert admin.run(f"SELECT * FROM {place.table} ORDER BY A") == [(1, "x"), (2, "new"), (3, "more")]


def test_merge_belongs_to_the_transaction_it_stands_in(admin, place):
    admin.run(
        "BEGIN",
        f"MERGE INTO {place.table} t USING (SELECT 2 AS A) s ON t.A = s.A WHEN MATCHED THEN DELETE",
        "ROLLBACK",
    )

    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(2,)]


def test_insert_overwrite_replaces_the_rows(admin, place):
    admin.run(f"INSERT OVERWRITE INTO {place.table} SELECT 9, 'only'")

    assert admin.run(f"SELECT * FROM {place.table}") == [(9, "only")]


def test_unqualified_names_mean_the_sessions_place(admin, place):
    admin.run(f"USE SCHEMA {place.schema}")
    assert admin.run("SELECT FACTS.A FROM FACTS ORDER BY 1") == [(1,), (2,)]

    admin.run(f"USE SCHEMA {place.database}.PUBLIC")
    assert admin.errno("SELECT * FROM FACTS") == 2003
    assert admin.run("SELECT COUNT(*) FROM GOLD.FACTS") == [(2,)]


def test_without_a_place_names_must_be_whole(connect, place):
    cursor = connect(warehouse=place.warehouse).cursor()

    with pytest.raises(snowflake.connector.errors.ProgrammingError) as caught:
        cursor.execute("SELECT * FROM FACTS")

    assert caught.value.errno == 90105


def test_names_that_need_quotes_work_everywhere(admin, name):
    database, schema, table = f'"{name.lower()}-db"', '"my schema"', '"Fact.s"'
    full = f"{database}.{schema}.{table}"
    admin.run(
        f"CREATE WAREHOUSE {name}",
        f"CREATE DATABASE {database}",
        f"CREATE SCHEMA {database}.{schema}",
        f'CREATE TABLE {full} ("a b" INT)',
        f"INSERT INTO {full} VALUES (1)",
        f'CREATE VIEW {database}.{schema}.V AS SELECT "a b" + 1 AS N FROM {table}',
    )

    assert admin.run(f'SELECT x."a b" FROM {full} x') == [(1,)]
    assert admin.run(f"SELECT N FROM {database}.{schema}.V") == [(2,)]
    (row,) = admin.rows(f"SHOW GRANTS ON TABLE {full}")
    assert row["name"] == full


def test_names_that_differ_in_case_only_are_refused_where_rows_would_mix(admin, place):
    assert admin.errno(f'CREATE TABLE {place.schema}."facts" (A INT)') == 990001
    assert admin.errno(f'SELECT * FROM {place.schema}."facts"') == 2003


def test_a_query_tag_and_other_parameters_belong_to_the_session(admin):
    admin.run("ALTER SESSION SET QUERY_TAG = 'nightly' TIMEZONE = 'UTC'")

    row = admin.row("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION")

    assert (row["value"], row["level"]) == ("nightly", "SESSION")
    admin.run("ALTER SESSION UNSET QUERY_TAG")
    assert admin.row("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION")["value"] == ""
    assert admin.errno("ALTER SESSION SET NO_SUCH_PARAMETER = 1") == 1405


def test_show_columns_lists_them(admin, place):
    rows = admin.rows(f"SHOW COLUMNS IN TABLE {place.table}")

    assert [(row["column_name"], row["null?"]) for row in rows] == [("A", "NOT_NULL"), ("B", "true")]
    assert rows[0]["data_type"] == '{"type":"FIXED","precision":38,"scale":0,"nullable":false}'
