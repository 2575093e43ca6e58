"""What the sandbox's parser takes and refuses, without a server."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from reconciler.sandbox.snowflake.parsing import columns, parser
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.showing import wildcards
from reconciler.sandbox.snowflake.vocabulary import identifiers, refusals

GOLDEN = Path(__file__).parents[2] / "golden" / "snowflake"


# Kinds that the provider's files know and this sandbox does not.
ABSENT = (" TAG ", "TO SHARE", "ON FUNCTION")


def golden_statements():
    """Every statement of the provider's golden files, under the file that it stands in."""
    found = []
    for path in sorted(GOLDEN.glob("*/*.yaml")):
        case = YAML(typ="safe").load(path.read_text())
        texts = [
            text for text in (*(case.get("expected") or ()), *(case.get("queries") or ())) if isinstance(text, str)
        ]
        found.extend(
            pytest.param(text, id=f"{path.parent.name}-{path.stem}-{number}") for number, text in enumerate(texts)
        )
    return found


@pytest.mark.parametrize("text", golden_statements())
def test_statements_typed_from_the_documentation_are_understood(text):
    if any(word in text for word in ABSENT):
        with pytest.raises(refusals.RefusedError, match="unsupported by the sandbox"):
            parser.parse(text)
    else:
        assert parser.parse(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DROP ROLE a", ("A",)),
        ('DROP ROLE "a"', ("a",)),
        ('DROP ROLE "say ""hi"""', ('say "hi"',)),
        ('DROP TABLE db."my schema".t', ("DB", "my schema", "T")),
        ("drop -- why\n role /* because */ r;", ("R",)),
    ],
)
def test_names_are_read_as_snowflake_reads_them(text, name):
    statement = parser.parse(text)

    assert isinstance(statement, s.Drop)
    assert statement.name == name


def test_dollar_quotes_and_escapes_are_text():
    first = parser.parse("CREATE ROLE R COMMENT = $$it's$$")
    second = parser.parse(r"CREATE ROLE R COMMENT = 'it''s \'so\''")

    assert first.properties == {"COMMENT": "it's"}
    assert second.properties == {"COMMENT": "it's 'so'"}


def test_a_grant_is_taken_apart():
    statement = parser.parse(
        'GRANT SELECT, CREATE FILE FORMAT ON FUTURE TABLES IN SCHEMA "D"."S" TO DATABASE ROLE D.R WITH GRANT OPTION'
    )

    assert statement.privileges == ("SELECT", "CREATE FILE FORMAT")
    assert (statement.on.kind.words, statement.on.container.words, statement.on.name) == ("TABLE", "SCHEMA", ("D", "S"))
    assert (statement.grantee.kind.words, statement.grantee.name) == ("DATABASE ROLE", ("D", "R"))
    assert statement.on.future
    assert statement.with_option


def test_show_is_taken_apart():
    statement = parser.parse("SHOW TERSE FILE FORMATS LIKE 'a%' IN SCHEMA D.S STARTS WITH 'A' LIMIT 5 FROM 'AB'")

    assert (statement.kind.words, statement.like, statement.terse) == ("FILE FORMAT", "a%", True)
    assert (statement.container.kind.words, statement.container.name) == ("SCHEMA", ("D", "S"))
    assert (statement.starts_with, statement.limit, statement.start_after) == ("A", 5, "AB")


def test_copy_is_taken_apart():
    statement = parser.parse(
        "COPY INTO D.S.T (A, B) FROM (SELECT $1:a::INT, COALESCE(x.$1:\"b c\", 'n/a') FROM @D.S.ST/in/day=1/ x)"
        " FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) PATTERN = '.*[.]parquet' ON_ERROR = SKIP_FILE"
    )

    assert (statement.table, statement.columns) == (("D", "S", "T"), ("A", "B"))
    assert statement.select == ("$1:a::INT", "COALESCE(x.$1:\"b c\", 'n/a')")
    assert (statement.source, statement.alias) == (s.StagePath(("D", "S", "ST"), "in/day=1/"), "X")
    assert statement.pattern == ".*[.]parquet"


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE R COMMENT =",
        "CREATE ROLE R COMMENT = 'a' COMMENT = 'b' x",
        "GRANT SELECT ON TABLE T",
        "GRANT ON TABLE T TO ROLE R",
        "DROP ROLE",
        "DROP ROLE A B",
        "SHOW ROLES LIKE x",
        "ALTER ROLE R RENAME",
        "USE ROLE",
        "COPY INTO T",
        "",
    ],
)
def test_what_is_no_statement_is_a_syntax_error(text):
    with pytest.raises(refusals.RefusedError) as refused:
        parser.parse(text)

    assert (refused.value.errno, refused.value.sqlstate) == (1003, "42000")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (("INTEGER", ()), "NUMBER(38,0)"),
        (("NUMERIC", (12,)), "NUMBER(12,0)"),
        (("NUMBER", (12, 4)), "NUMBER(12,4)"),
        (("TEXT", ()), "VARCHAR(16777216)"),
        (("CHAR", ()), "VARCHAR(1)"),
        (("DATETIME", ()), "TIMESTAMP_NTZ(9)"),
        (("TIMESTAMP_TZ", (3,)), "TIMESTAMP_TZ(3)"),
        (("DOUBLE PRECISION", ()), "FLOAT"),
    ],
)
def test_types_have_one_name(written, canonical):
    assert columns.canonical_type(*written) == canonical


def test_unknown_types_are_refused_by_name():
    with pytest.raises(refusals.RefusedError) as refused:
        columns.canonical_type("GEOGRAPHY", ())

    assert refused.value.errno == refusals.UNSUPPORTED


@pytest.mark.parametrize(
    ("pattern", "matches", "misses"),
    [("a_c%", "ABCD", "ac"), ("a\\_c", "A_C", "abc"), ("100\\%", "100%", "1000"), (None, "anything", None)],
)
def test_like(pattern, matches, misses):
    test = wildcards.like(pattern)

    assert test(matches)
    assert misses is None or not test(misses)


@pytest.mark.parametrize("part", ["GOLD", "gold", 'say "hi"', "A$1", "1A", "with space"])
def test_names_survive_being_written_and_read(part):
    assert identifiers.parse_name(identifiers.render_name(("DB", part))) == ("DB", part)
