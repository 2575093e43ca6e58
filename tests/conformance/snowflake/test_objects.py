"""CREATE, ALTER, DROP, SHOW and DESC, as Snowflake's SQL reference documents them."""

import pytest


def test_a_database_comes_with_public_and_the_session_enters_it(admin, name):
    admin.run(f"CREATE DATABASE {name} COMMENT = 'bronze'")

    row = admin.row(f"SHOW DATABASES LIKE '{name}'")

    assert (row["name"], row["owner"], row["comment"], row["is_current"]) == (name, "ACCOUNTADMIN", "bronze", "Y")
    assert [each["name"] for each in admin.rows(f"SHOW SCHEMAS IN DATABASE {name}")] == ["PUBLIC"]
    assert admin.run("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()") == [(name, "PUBLIC")]


@pytest.mark.parametrize(
    "made",
    [
        "DATABASE {0}",
        "SCHEMA {0}_DB.S",
        "WAREHOUSE {0}",
        "ROLE {0}",
        "DATABASE ROLE {0}_DB.R",
        "USER {0}",
        "NETWORK POLICY {0} ALLOWED_IP_LIST = ('10.0.0.0/8')",
        "FILE FORMAT {0}_DB.PUBLIC.F TYPE = PARQUET",
        "STAGE {0}_DB.PUBLIC.S",
        "TABLE {0}_DB.PUBLIC.T (A INT)",
        "VIEW {0}_DB.PUBLIC.V AS SELECT 1 AS A",
    ],
)
def test_a_name_is_taken_once_and_free_after_the_drop(admin, name, made):
    admin.run(f"CREATE DATABASE {name}_DB")
    statement = f"CREATE {made.format(name)}"
    words = made.split()
    kind = " ".join(words[: 2 if words[0] in ("DATABASE", "NETWORK", "FILE") and "{0}" not in words[1] else 1])
    full = words[len(kind.split())].format(name)

    admin.run(statement)

    taken = admin.error(statement)
    assert (taken.errno, taken.sqlstate) == (2002, "42710")
    assert admin.errno(f"DROP {kind} {full}_OTHER") == 2003
    admin.run(f"DROP {kind} {full}", f"DROP {kind} IF EXISTS {full}", statement)


def test_names_fold_unless_quoted(admin, name):
    admin.run(f"CREATE ROLE {name.lower()}_r", f'CREATE ROLE "{name}_r"')

    rows = admin.rows(f"SHOW ROLES LIKE '{name}_R'")

    assert sorted(row["name"] for row in rows) == sorted([f"{name}_R", f"{name}_r"])


def test_like_knows_wildcards_and_no_case_and_starts_with_knows_neither(admin, name):
    admin.run(f"CREATE ROLE {name}_ALPHA", f"CREATE ROLE {name}_BETA")

    assert len(admin.rows(f"SHOW ROLES LIKE '{name.lower()}__l%'")) == 1
    assert len(admin.rows(f"SHOW ROLES STARTS WITH '{name}_'")) == 2
    assert admin.rows(f"SHOW ROLES STARTS WITH '{name.lower()}_'") == []
    assert [row["name"] for row in admin.rows(f"SHOW ROLES STARTS WITH '{name}_' LIMIT 1")] == [f"{name}_ALPHA"]


def test_a_warehouse_is_shown_in_snowflakes_spelling(admin, name):
    admin.run(
        f"CREATE WAREHOUSE {name} WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE"
        " STATEMENT_TIMEOUT_IN_SECONDS = 3600"
    )

    row = admin.row(f"SHOW WAREHOUSES LIKE '{name}'")
    admin.run(f"ALTER WAREHOUSE {name} SET WAREHOUSE_SIZE = XXLARGE COMMENT = 'big'", f"ALTER WAREHOUSE {name} RESUME")
    changed = admin.row(f"SHOW WAREHOUSES LIKE '{name}'")
    parameter = admin.row(f"SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT%' IN WAREHOUSE {name}")

    assert (row["size"], row["state"], row["auto_suspend"], row["auto_resume"]) == ("X-Small", "SUSPENDED", 60, "true")
    assert (row["resource_monitor"], row["type"], row["scaling_policy"]) == ("null", "STANDARD", "STANDARD")
    assert (changed["size"], changed["state"], changed["comment"]) == ("2X-Large", "STARTED", "big")
    assert (parameter["value"], parameter["default"], parameter["level"]) == ("3600", "172800", "WAREHOUSE")
    admin.run(f"ALTER WAREHOUSE {name} UNSET STATEMENT_TIMEOUT_IN_SECONDS, COMMENT")
    assert admin.row(f"SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT%' IN WAREHOUSE {name}")["level"] == ""
    assert admin.row(f"SHOW WAREHOUSES LIKE '{name}'")["comment"] == ""


def test_parameters_are_inherited_from_the_database(admin, name):
    admin.run(f"CREATE DATABASE {name} DATA_RETENTION_TIME_IN_DAYS = 7", f"CREATE SCHEMA {name}.S")

    row = admin.row(f"SHOW PARAMETERS LIKE 'DATA_RETENTION_TIME_IN_DAYS' IN SCHEMA {name}.S")

    assert (row["value"], row["level"]) == ("7", "DATABASE")
    assert admin.row(f"SHOW SCHEMAS LIKE 'S' IN DATABASE {name}")["retention_time"] == "7"


def test_managed_access_and_transience_are_options_of_a_schema(admin, name):
    admin.run(f"CREATE DATABASE {name}", f"CREATE TRANSIENT SCHEMA {name}.S WITH MANAGED ACCESS")

    before = admin.row(f"SHOW SCHEMAS LIKE 'S' IN DATABASE {name}")["options"]
    admin.run(f"ALTER SCHEMA {name}.S DISABLE MANAGED ACCESS")

    assert before == "TRANSIENT, MANAGED ACCESS"
    assert admin.row(f"SHOW SCHEMAS LIKE 'S' IN DATABASE {name}")["options"] == "TRANSIENT"


def test_renaming_keeps_contents_and_grants(admin, place):
    admin.run(f"GRANT SELECT ON TABLE {place.table} TO ROLE {place.role}")

    admin.run(f"ALTER TABLE {place.table} RENAME TO {place.schema}.MOVED", f"ALTER SCHEMA {place.schema} RENAME TO G2")
    admin.run(f"ALTER DATABASE {place.database} RENAME TO {place.database}_2")

    full = f"{place.database}_2.G2.MOVED"
    assert admin.run(f"SELECT COUNT(*) FROM {full}") == [(2,)]
    assert [row["privilege"] for row in admin.rows(f"SHOW GRANTS ON TABLE {full}")] == ["OWNERSHIP", "SELECT"]
    assert admin.errno(f"SELECT * FROM {place.table}") == 2003


def test_a_table_is_described_with_canonical_types(admin, name):
    admin.run(
        f"CREATE DATABASE {name}",
        f"CREATE TABLE {name}.PUBLIC.T (ID INT IDENTITY, NAME STRING NOT NULL COMMENT 'who', PRICE DECIMAL(10, 2)"
        ' DEFAULT 0, AT TIMESTAMP, RAW VARIANT, "lower" CHAR(3), RATIO DOUBLE, PRIMARY KEY (ID))'
        " CLUSTER BY (NAME) COMMENT = 'all'",
    )

    rows = admin.rows(f"DESC TABLE {name}.PUBLIC.T")

    assert [(row["name"], row["type"], row["null?"]) for row in rows] == [
        ("ID", "NUMBER(38,0)", "N"),
        ("NAME", "VARCHAR(16777216)", "N"),
        ("PRICE", "NUMBER(10,2)", "Y"),
        ("AT", "TIMESTAMP_NTZ(9)", "Y"),
        ("RAW", "VARIANT", "Y"),
        ("lower", "VARCHAR(3)", "Y"),
        ("RATIO", "FLOAT", "Y"),
    ]
    assert [row["comment"] for row in rows][1] == "who"
    assert [row["primary key"] for row in rows][:2] == ["Y", "N"]
    shown = admin.row(f"SHOW TABLES LIKE 'T' IN SCHEMA {name}.PUBLIC")
    admin.run(f"CREATE WAREHOUSE {name}", f"INSERT INTO {name}.PUBLIC.T (NAME) VALUES ('x'), ('y')")
    assert admin.run(f"SELECT ID FROM {name}.PUBLIC.T ORDER BY ID") == [(1,), (2,)]
    assert (shown["cluster_by"], shown["comment"], shown["rows"]) == ("LINEAR(NAME)", "all", 0)


def test_columns_come_change_and_go(admin, place):
    admin.run(
        f"ALTER TABLE {place.table} ADD COLUMN C NUMBER(10, 2), D BOOLEAN",
        f"ALTER TABLE {place.table} ALTER COLUMN B SET DATA TYPE VARCHAR(50)",
        f"ALTER TABLE {place.table} ALTER COLUMN A DROP NOT NULL",
        f"ALTER TABLE {place.table} RENAME COLUMN C TO COST",
        f"ALTER TABLE {place.table} DROP COLUMN D",
    )

    described = [(row["name"], row["type"], row["null?"]) for row in admin.rows(f"DESC TABLE {place.table}")]

    assert described == [("A", "NUMBER(38,0)", "Y"), ("B", "VARCHAR(50)", "Y"), ("COST", "NUMBER(10,2)", "Y")]
    assert admin.run(f"SELECT A, COST FROM {place.table} ORDER BY A") == [(1, None), (2, None)]
    assert admin.errno(f"ALTER TABLE {place.table} DROP COLUMN NOPE") == 904
    assert admin.errno(f"ALTER TABLE {place.table} ALTER COLUMN A SET DATA TYPE VARCHAR") == 2108


def test_a_storage_integration_yields_what_the_trust_policy_needs(admin, name):
    admin.run(
        f"CREATE STORAGE INTEGRATION {name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        " STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/lake'"
        " STORAGE_ALLOWED_LOCATIONS = ('s3://lake/a/', 's3://lake/b/')"
    )

    described = {row["property"]: row["property_value"] for row in admin.rows(f"DESC STORAGE INTEGRATION {name}")}
    admin.run(f"ALTER STORAGE INTEGRATION {name} SET COMMENT = 'kept'")
    again = {row["property"]: row["property_value"] for row in admin.rows(f"DESC INTEGRATION {name}")}

    assert described["STORAGE_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::")
    assert "_SFCRole=" in described["STORAGE_AWS_EXTERNAL_ID"]
    assert described["STORAGE_ALLOWED_LOCATIONS"] == "s3://lake/a/,s3://lake/b/"
    assert again["STORAGE_AWS_EXTERNAL_ID"] == described["STORAGE_AWS_EXTERNAL_ID"]
    row = admin.row(f"SHOW STORAGE INTEGRATIONS LIKE '{name}'")
    assert (row["type"], row["category"], row["enabled"]) == ("EXTERNAL_STAGE", "STORAGE", "true")


def test_an_external_id_can_be_chosen(admin, name):
    admin.run(
        f"CREATE STORAGE INTEGRATION {name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        " STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/lake' STORAGE_AWS_EXTERNAL_ID = 'mine'"
        " STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')"
    )

    described = {row["property"]: row["property_value"] for row in admin.rows(f"DESC INTEGRATION {name}")}

    assert described["STORAGE_AWS_EXTERNAL_ID"] == "mine"


def test_a_network_policy_shows_counts_and_describes_lists(admin, name):
    admin.run(
        f"CREATE NETWORK POLICY {name} ALLOWED_IP_LIST = ('10.0.0.0/8', '192.0.2.1') BLOCKED_IP_LIST = ('10.1.0.0/16')"
    )

    row = admin.row(f"SHOW NETWORK POLICIES LIKE '{name}'")
    described = dict(admin.run(f"DESC NETWORK POLICY {name}"))

    assert (row["entries_in_allowed_ip_list"], row["entries_in_blocked_ip_list"]) == (2, 1)
    assert described == {"ALLOWED_IP_LIST": "10.0.0.0/8,192.0.2.1", "BLOCKED_IP_LIST": "10.1.0.0/16"}


def test_an_attached_network_policy_cannot_be_dropped(admin, name):
    admin.run(f"CREATE NETWORK POLICY {name} ALLOWED_IP_LIST = ('10.0.0.0/8')", f"CREATE USER {name}")
    admin.run(f"ALTER USER {name} SET NETWORK_POLICY = {name}")

    assert admin.errno(f"DROP NETWORK POLICY {name}") == 1492
    admin.run(f"ALTER USER {name} UNSET NETWORK_POLICY", f"DROP NETWORK POLICY {name}")


def test_stages_and_file_formats_are_shown_and_described(admin, name):
    admin.run(
        f"CREATE DATABASE {name}",
        f"CREATE FILE FORMAT {name}.PUBLIC.PQ TYPE = PARQUET COMPRESSION = SNAPPY USE_LOGICAL_TYPE = TRUE",
        f"CREATE STAGE {name}.PUBLIC.INNER_STAGE DIRECTORY = (ENABLE = TRUE) COMMENT = 'in'",
    )

    stage = admin.row(f"SHOW STAGES IN SCHEMA {name}.PUBLIC")
    options = {row["property"]: row["property_value"] for row in admin.rows(f"DESC FILE FORMAT {name}.PUBLIC.PQ")}

    assert (stage["type"], stage["directory_enabled"], stage["comment"]) == ("INTERNAL", "Y", "in")
    assert (options["TYPE"], options["COMPRESSION"], options["USE_LOGICAL_TYPE"]) == ("PARQUET", "SNAPPY", "true")
    assert admin.row(f"SHOW FILE FORMATS IN SCHEMA {name}.PUBLIC")["type"] == "PARQUET"


def test_dropping_a_database_takes_everything_in_it(admin, place):
    admin.run(f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}", f"DROP DATABASE {place.database}")

    assert admin.errno(f"SELECT * FROM {place.table}") == 2003
    assert [row["name"] for row in admin.rows(f"SHOW GRANTS TO ROLE {place.role}")] == [place.warehouse]


def test_or_replace_drops_grants_unless_they_are_copied(admin, place):
    admin.run(f"GRANT SELECT ON TABLE {place.table} TO ROLE {place.role}")

    admin.run(f"CREATE OR REPLACE TABLE {place.table} COPY GRANTS AS SELECT 1 AS N")
    copied = [row["privilege"] for row in admin.rows(f"SHOW GRANTS ON TABLE {place.table}")]
    admin.run(f"CREATE OR REPLACE TABLE {place.table} AS SELECT N + 1 AS N FROM {place.table}")
    fresh = [row["privilege"] for row in admin.rows(f"SHOW GRANTS ON TABLE {place.table}")]

    assert copied == ["OWNERSHIP", "SELECT"]
    assert fresh == ["OWNERSHIP"]
    assert admin.run(f"SELECT N FROM {place.table}") == [(2,)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TASK T AS SELECT 1",
        "CREATE OR ALTER TABLE T (A INT)",
        "ALTER ACCOUNT SET TIMEZONE = 'UTC'",
        "SHOW TASKS",
        "GRANT SELECT ON FUTURE DYNAMIC TABLES IN DATABASE D TO ROLE R",
        "GRANT INHERITED SELECT ON ALL TABLES IN ACCOUNT TO ROLE R",
        "UNDROP TABLE T",
        "EXPLAIN SELECT 1",
        "SELECT * FROM D.INFORMATION_SCHEMA.TABLES",
        "PUT file:///x @s",
        "CALL P()",
    ],
)
def test_what_the_sandbox_does_not_know_is_refused_with_a_number_of_its_own(admin, statement):
    error = admin.error(statement)

    assert error.errno == 990001
    assert "unsupported by the sandbox" in error.msg


@pytest.mark.parametrize(
    ("statement", "errno"),
    [
        ("CREATE ROLE", 1003),
        ("CREATE ROLE A B", 1003),
        ("CREATE ROLE A B = 1", 1405),
        ("CREATE WAREHOUSE W WAREHOUSE_SIZE = 'HUGE'", 1422),
        ("CREATE WAREHOUSE W AUTO_SUSPEND = 'soon'", 1422),
        ("ALTER WAREHOUSE SUSPEND", 606),
        ("CREATE TABLE T (A INT", 1003),
        ("GRANT FLY ON DATABASE X TO ROLE PUBLIC", 2003),
        ("SELECT 'unclosed", 1003),
        ("SELECT 1; SELECT 2", 8),
        ("CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3'", 2029),
    ],
)
def test_bad_statements_end_in_snowflakes_errors(admin, statement, errno):
    assert admin.errno(statement) == errno
