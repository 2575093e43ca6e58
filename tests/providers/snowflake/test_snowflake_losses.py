from __future__ import annotations

import pytest

from tests.providers.snowflake.conftest import Resource

pytestmark = pytest.mark.slow


@pytest.fixture
def table(account):
    database = account.database()
    made = account.up(
        "Table", {"database": database, "schema": "S", "name": "T", "columns": [{"name": "A", "type": "NUMBER(38,0)"}]}
    )
    account.sql(f"CREATE WAREHOUSE IF NOT EXISTS {account.name('WH')}")
    account.sql(f"INSERT INTO {database}.S.T VALUES (1), (2), (3)")
    return made


def test_a_table_says_how_many_rows_and_grants_go_with_it(account, table):
    reader = account.up("AccountRole", {"name": account.name("READER")})
    account.sql(f"GRANT SELECT ON TABLE {table.inputs['database']}.S.T TO ROLE {reader.id}")

    assert table.foresee() == ("3 rows are lost", f"1 grant on it is lost (to {reader.id})")


def test_a_container_says_what_all_its_tables_hold(account, table):
    account.sql(f"CREATE TABLE {table.inputs['database']}.S.EMPTY (A NUMBER)")
    schema = account.up("Schema", {"database": table.inputs["database"], "name": "OTHER"})

    database = Resource(account, "Database", f'"{table.inputs["database"]}"', {}, {})

    assert database.foresee() == ("2 tables are lost", "3 rows are lost")
    assert schema.foresee() == ()


def test_a_role_says_who_holds_it(account):
    role = account.up("AccountRole", {"name": account.name("HELD")})
    other = account.up("AccountRole", {"name": account.name("HOLDER")})
    account.sql(f"GRANT ROLE {role.id} TO ROLE {other.id}")

    assert role.foresee() == ("1 user or role loses it",)
    assert other.foresee() == ()
