"""Who may do what. Source: Snowflake documentation, Overview of Access Control."""

import pytest


def test_the_system_roles_stand_in_their_order(admin):
    holders = {
        role: [row["grantee_name"] for row in admin.rows(f"SHOW GRANTS OF ROLE {role}")]
        for role in ("SECURITYADMIN", "SYSADMIN", "USERADMIN")
    }

    assert holders == {"SECURITYADMIN": ["ACCOUNTADMIN"], "SYSADMIN": ["ACCOUNTADMIN"], "USERADMIN": ["SECURITYADMIN"]}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("SYSADMIN", {"DATABASE", "WAREHOUSE"}),
        ("USERADMIN", {"ROLE", "USER"}),
        ("SECURITYADMIN", {"ROLE", "USER", "NETWORK POLICY"}),
        ("PUBLIC", set()),
    ],
)
def test_system_roles_create_what_is_documented(as_role, name, role, may):
    client = as_role(role)
    made = {
        "DATABASE": "",
        "WAREHOUSE": "",
        "ROLE": "",
        "USER": "",
        "NETWORK POLICY": " ALLOWED_IP_LIST = ('10.0.0.0/8')",
    }

    for kind, rest in made.items():
        statement = f"CREATE {kind} {name}_{role}{rest}"
        if kind in may:
            client.run(statement)
        else:
            assert client.errno(statement) == 3001


def test_what_a_role_may_not_know_of_does_not_exist_for_it(as_role, place):
    reader = as_role(place.role, place.warehouse)

    assert reader.errno(f"SELECT * FROM {place.table}") == 2003
    assert reader.errno(f"DESC TABLE {place.table}") == 2003
    assert reader.errno(f"USE DATABASE {place.database}") == 2043
    assert reader.rows(f"SHOW DATABASES LIKE '{place.database}'") == []
    assert reader.rows("SHOW TABLES IN ACCOUNT") == []


def test_each_privilege_opens_what_it_names_and_no_more(admin, as_role, place):
    reader = as_role(place.role, place.warehouse)
    read = f"SELECT COUNT(*) FROM {place.table}"

    admin.run(f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}")
    assert reader.errno(read) == 2003
    admin.run(f"GRANT USAGE ON SCHEMA {place.schema} TO ROLE {place.role}")
    assert reader.errno(read) == 2003
    admin.run(f"GRANT SELECT ON TABLE {place.table} TO ROLE {place.role}")
    assert reader.run(read) == [(2,)]

    for statement in (
        f"INSERT INTO {place.table} VALUES (3, 'z')",
        f"UPDATE {place.table} SET B = 'q'",
        f"DELETE FROM {place.table}",
        f"TRUNCATE TABLE {place.table}",
        f"MERGE INTO {place.table} t USING (SELECT 1 AS A) s ON t.A = s.A WHEN MATCHED THEN UPDATE SET B = 'q'",
        f"ALTER TABLE {place.table} ADD COLUMN C INT",
        f"DROP TABLE {place.table}",
        f"CREATE TABLE {place.schema}.MINE (A INT)",
        f"CREATE SCHEMA {place.database}.MINE",
        f"ALTER WAREHOUSE {place.warehouse} SET COMMENT = 'mine'",
        f"DROP WAREHOUSE {place.warehouse}",
        f"GRANT SELECT ON TABLE {place.table} TO ROLE PUBLIC",
    ):
        error = reader.error(statement)
        assert (error.errno, error.sqlstate) == (3001, "42501"), statement
    assert admin.run(f"SELECT * FROM {place.table} ORDER BY A") == [(1, "x"), (2, "y")]


@pytest.mark.parametrize(
    ("privilege", "statement"),
    [
        ("INSERT", "INSERT INTO {} VALUES (3, 'z')"),
        ("UPDATE", "UPDATE {} SET B = 'q'"),
        ("DELETE", "DELETE FROM {} WHERE A = 1"),
        ("TRUNCATE", "TRUNCATE TABLE {}"),
    ],
)
def test_each_way_to_change_rows_has_its_privilege(admin, as_role, place, privilege, statement):
    admin.run(
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE ON SCHEMA {place.schema} TO ROLE {place.role}",
        f"GRANT {privilege} ON TABLE {place.table} TO ROLE {place.role}",
    )
    writer = as_role(place.role, place.warehouse)

    writer.run(statement.format(place.table))

    assert writer.errno(f"SELECT * FROM {place.table}") == 3001


def test_no_warehouse_no_data(admin, as_role, place):
    admin.run(
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE ON SCHEMA {place.schema} TO ROLE {place.role}",
        f"GRANT SELECT ON TABLE {place.table} TO ROLE {place.role}",
    )
    reader = as_role(place.role)

    assert reader.errno(f"SELECT * FROM {place.table}") == 606
    assert reader.run("SELECT 1") == [(1,)]


def test_a_suspended_warehouse_resumes_for_a_query_if_it_may(admin, place):
    admin.run(f"ALTER WAREHOUSE {place.warehouse} SUSPEND", f"SELECT * FROM {place.table}")
    assert admin.row(f"SHOW WAREHOUSES LIKE '{place.warehouse}'")["state"] == "STARTED"

    admin.run(
        f"ALTER WAREHOUSE {place.warehouse} SET AUTO_RESUME = FALSE", f"ALTER WAREHOUSE {place.warehouse} SUSPEND"
    )
    assert admin.errno(f"SELECT * FROM {place.table}") == 606


def test_rights_flow_up_the_role_hierarchy(admin, as_role, place):
    child = f"{place.role}_CHILD"
    admin.run(
        f"CREATE ROLE {child}",
        f"GRANT ROLE {child} TO ROLE {place.role}",
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {child}",
        f"GRANT USAGE ON SCHEMA {place.schema} TO ROLE {child}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {place.schema} TO ROLE {child}",
    )

    assert as_role(place.role, place.warehouse).run(f"SELECT COUNT(*) FROM {place.table}") == [(2,)]
    assert admin.errno(f"GRANT ROLE {place.role} TO ROLE {child}") == 3058
    admin.run(f"REVOKE ROLE {child} FROM ROLE {place.role}")
    assert as_role(place.role, place.warehouse).errno(f"SELECT COUNT(*) FROM {place.table}") == 2003


def test_database_roles_carry_rights_to_account_roles(admin, as_role, place):
    shared = f"{place.database}.READ"
    admin.run(
        f"CREATE DATABASE ROLE {shared}",
        f"GRANT USAGE ON SCHEMA {place.schema} TO DATABASE ROLE {shared}",
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {place.schema} TO DATABASE ROLE {shared}",
        f"CREATE TABLE {place.schema}.LATER AS SELECT 7 AS N",
        f"GRANT DATABASE ROLE {shared} TO ROLE {place.role}",
    )

    assert as_role(place.role, place.warehouse).run(f"SELECT N FROM {place.schema}.LATER") == [(7,)]
    assert admin.errno(f"USE ROLE {shared}") == 2043
    (row,) = admin.rows(f"SHOW GRANTS OF DATABASE ROLE {shared}")
    assert (row["granted_to"], row["grantee_name"]) == ("ROLE", place.role)


def test_a_database_role_holds_nothing_outside_its_database(admin, place):
    admin.run(f"CREATE DATABASE ROLE {place.database}.READ", f"CREATE DATABASE {place.database}_2")

    assert admin.errno(f"GRANT USAGE ON DATABASE {place.database}_2 TO DATABASE ROLE {place.database}.READ") == 3033


def test_future_grants_of_the_schema_replace_those_of_the_database(admin, place):
    admin.run(
        f"GRANT SELECT, INSERT ON FUTURE TABLES IN DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {place.schema} TO ROLE {place.role}",
        f"CREATE TABLE {place.schema}.HERE (A INT)",
        f"CREATE TABLE {place.database}.PUBLIC.THERE (A INT)",
    )

    def held(table):
        return {row["privilege"] for row in admin.rows(f"SHOW GRANTS ON TABLE {table}")} - {"OWNERSHIP"}

    assert held(f"{place.schema}.HERE") == {"SELECT"}
    assert held(f"{place.database}.PUBLIC.THERE") == {"SELECT", "INSERT"}
    (row,) = admin.rows(f"SHOW FUTURE GRANTS IN SCHEMA {place.schema}")
    assert (row["privilege"], row["grant_on"], row["name"]) == ("SELECT", "TABLE", f"{place.schema}.<TABLE>")
    assert (row["grant_to"], row["grantee_name"]) == ("ROLE", place.role)
    admin.run(f"REVOKE SELECT ON FUTURE TABLES IN SCHEMA {place.schema} FROM ROLE {place.role}")
    assert admin.rows(f"SHOW FUTURE GRANTS IN SCHEMA {place.schema}") == []


def test_the_grant_option_lets_a_role_pass_its_privilege_on(admin, as_role, place):
    admin.run(
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE ON SCHEMA {place.schema} TO ROLE {place.role}",
        f"GRANT SELECT ON TABLE {place.table} TO ROLE {place.role} WITH GRANT OPTION",
    )
    passing = as_role(place.role)

    passing.run(f"GRANT SELECT ON TABLE {place.table} TO ROLE SYSADMIN")

    rows = {row["grantee_name"]: row for row in admin.rows(f"SHOW GRANTS ON TABLE {place.table}")}
    assert rows["SYSADMIN"]["granted_by"] == place.role
    assert rows[place.role]["grant_option"] == "true"
    assert passing.errno(f"GRANT INSERT ON TABLE {place.table} TO ROLE SYSADMIN") == 3001
    admin.run(f"REVOKE GRANT OPTION FOR SELECT ON TABLE {place.table} FROM ROLE {place.role}")
    assert passing.errno(f"GRANT SELECT ON TABLE {place.table} TO ROLE USERADMIN") == 3001


def test_in_a_managed_schema_the_objects_owner_does_not_grant(admin, as_role, place):
    admin.run(
        f"CREATE SCHEMA {place.database}.MANAGED WITH MANAGED ACCESS",
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE, CREATE TABLE ON SCHEMA {place.database}.MANAGED TO ROLE {place.role}",
    )
    owner = as_role(place.role)
    owner.run(f"CREATE TABLE {place.database}.MANAGED.T (A INT)")

    assert owner.errno(f"GRANT SELECT ON TABLE {place.database}.MANAGED.T TO ROLE SYSADMIN") == 3001
    admin.run(f"GRANT SELECT ON TABLE {place.database}.MANAGED.T TO ROLE SYSADMIN")


def test_the_creating_role_owns_and_the_dropping_role_inherits(admin, as_role, place):
    admin.run(
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE, CREATE TABLE ON SCHEMA {place.schema} TO ROLE {place.role}",
    )
    as_role(place.role).run(f"CREATE TABLE {place.schema}.MINE (A INT)")
    assert admin.row(f"SHOW TABLES LIKE 'MINE' IN SCHEMA {place.schema}")["owner"] == place.role
    # ACCOUNTADMIN is not above a role that nobody granted to it.
    assert admin.errno(f"DROP TABLE {place.schema}.MINE") == 3001

    admin.run(f"DROP ROLE {place.role}")

    assert admin.row(f"SHOW TABLES LIKE 'MINE' IN SCHEMA {place.schema}")["owner"] == "ACCOUNTADMIN"


def test_ownership_is_transferred_and_says_what_becomes_of_the_grants(admin, place):
    admin.run(f"GRANT SELECT ON TABLE {place.table} TO ROLE SYSADMIN")

    assert admin.errno(f"GRANT OWNERSHIP ON TABLE {place.table} TO ROLE {place.role}") == 3036
    admin.run(f"GRANT OWNERSHIP ON TABLE {place.table} TO ROLE {place.role} COPY CURRENT GRANTS")

    rows = admin.rows(f"SHOW GRANTS ON TABLE {place.table}")
    assert [(row["privilege"], row["grantee_name"]) for row in rows] == [
        ("OWNERSHIP", place.role),
        ("SELECT", "SYSADMIN"),
    ]


def test_all_privileges_are_those_of_the_kind(admin, place):
    admin.run(f"GRANT ALL PRIVILEGES ON WAREHOUSE {place.warehouse} TO ROLE {place.role}")

    rows = admin.rows(f"SHOW GRANTS TO ROLE {place.role}")

    assert {row["privilege"] for row in rows} == {"APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"}
    admin.run(f"REVOKE ALL ON WAREHOUSE {place.warehouse} FROM ROLE {place.role}")
    assert admin.rows(f"SHOW GRANTS TO ROLE {place.role}") == []


def test_account_privileges_are_granted_to_roles(admin, as_role, place):
    admin.run(f"GRANT CREATE DATABASE ON ACCOUNT TO ROLE {place.role}")

    as_role(place.role).run(f"CREATE DATABASE {place.database}_MINE")

    rows = admin.rows(f"SHOW GRANTS TO ROLE {place.role}")
    found = [(row["privilege"], row["granted_on"]) for row in rows]
    assert ("CREATE DATABASE", "ACCOUNT") in found
    assert ("OWNERSHIP", "DATABASE") in found


def test_secondary_roles_count_for_reading_and_not_for_creating(admin, client, place):
    admin.run(
        f"CREATE USER {place.role}_U PASSWORD = 'pass-word-1'",
        f"CREATE ROLE {place.role}_OTHER",
        f"GRANT ROLE {place.role} TO USER {place.role}_U",
        f"GRANT ROLE {place.role}_OTHER TO USER {place.role}_U",
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE, CREATE TABLE ON SCHEMA {place.schema} TO ROLE {place.role}",
        f"GRANT SELECT ON TABLE {place.table} TO ROLE {place.role}",
    )
    user = client(user=f"{place.role}_U", password="pass-word-1", role=f"{place.role}_OTHER")
    user.run(f"USE WAREHOUSE {place.warehouse}")

    assert user.run(f"SELECT COUNT(*) FROM {place.table}") == [(2,)]
    assert user.errno(f"CREATE TABLE {place.schema}.X (A INT)") == 3001
    user.run("USE SECONDARY ROLES NONE")
    assert user.errno(f"SELECT COUNT(*) FROM {place.table}") == 2003


def test_views_are_read_with_their_owners_rights(admin, as_role, place):
    admin.run(
        f"CREATE SCHEMA {place.database}.MART",
        f"CREATE SECURE VIEW {place.database}.MART.V AS SELECT B FROM {place.table} WHERE A = 1",
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE ON SCHEMA {place.database}.MART TO ROLE {place.role}",
        f"GRANT SELECT ON VIEW {place.database}.MART.V TO ROLE {place.role}",
    )
    reader = as_role(place.role, place.warehouse)

    assert reader.run(f"SELECT * FROM {place.database}.MART.V") == [("x",)]
    assert reader.errno(f"SELECT * FROM {place.table}") == 2003
    assert admin.row(f"SHOW VIEWS IN SCHEMA {place.database}.MART")["is_secure"] == "true"


def test_a_role_that_was_not_granted_cannot_be_used(admin, client, place):
    admin.run(f"CREATE USER {place.role}_U PASSWORD = 'pass-word-1'")
    user = client(user=f"{place.role}_U", password="pass-word-1")

    assert user.run("SELECT CURRENT_ROLE()") == [("PUBLIC",)]
    assert user.errno("USE ROLE ACCOUNTADMIN") == 3013
    assert user.errno("USE ROLE NO_SUCH_ROLE") == 2043


def test_ctes_hide_tables_of_their_name(admin, as_role, place):
    reader = as_role(place.role, place.warehouse)

    assert reader.run("WITH FACTS AS (SELECT 5 AS A) SELECT A FROM FACTS") == [(5,)]
    assert reader.errno(f"WITH X AS (SELECT * FROM {place.table}) SELECT * FROM X") == 2003
    assert reader.errno(f"SELECT (SELECT MAX(A) FROM {place.table})") == 2003


def test_grants_to_public_are_no_news(admin):
    admin.run("GRANT ROLE PUBLIC TO ROLE SYSADMIN", "REVOKE ROLE PUBLIC FROM ROLE SYSADMIN")


def test_revoking_what_was_not_granted_succeeds(admin, place):
    admin.run(
        f"REVOKE SELECT ON TABLE {place.table} FROM ROLE {place.role}", f"REVOKE ROLE SYSADMIN FROM ROLE {place.role}"
    )
