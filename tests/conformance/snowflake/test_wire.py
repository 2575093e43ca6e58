"""The wire: requests that come twice, answers that get lost, faults, counts."""

import time
import uuid

import pytest
import snowflake.connector


def request(connection, sql, request_id):
    return connection.rest.request(
        f"/queries/v1/query-request?requestId={request_id}", {"sqlText": sql, "sequenceId": 1}, method="post"
    )


def test_the_same_request_is_executed_once(admin, place):
    request_id = str(uuid.uuid4())
    statement = f"INSERT INTO {place.table} VALUES (3, 'z')"

    first = request(admin.connection, statement, request_id)
    again = request(admin.connection, statement, request_id)

    assert first["success"] is again["success"] is True
    assert first["data"]["queryId"] == again["data"]["queryId"]
    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(3,)]


@pytest.mark.slow
def test_a_lost_answer_does_not_make_a_statement_happen_twice(admin, place, faults):
    faults(lose_answer_of=r"INSERT INTO .*FACTS")

    admin.run(f"INSERT INTO {place.table} VALUES (3, 'z')")

    assert admin.run(f"SELECT COUNT(*) FROM {place.table}") == [(3,)]


@pytest.mark.slow
@pytest.mark.parametrize("status", [503, 429])
def test_refused_requests_are_repeated_by_the_connector(admin, faults, statistics, status):
    faults(fail_next=1, fail_status=status)
    before = statistics()["total"]

    assert admin.run("SELECT 42") == [(42,)]
    assert statistics()["total"] == before + 1


@pytest.mark.slow
def test_latency_is_added_to_each_statement(admin, faults):
    faults(latency_ms=150)
    began = time.monotonic()

    admin.run("SELECT 1", "SELECT 2")

    assert time.monotonic() - began >= 0.3


def test_unknown_knobs_are_refused(faults):
    with pytest.raises(OSError, match="400"):
        faults(no_such_knob=1)


def test_statements_are_counted_by_kind(admin, name, statistics):
    before = statistics()

    admin.run(f"CREATE ROLE {name}", f"SHOW ROLES LIKE '{name}'")

    after = statistics()
    assert after["total"] == before["total"] + 2
    assert after["by_kind"]["CREATE ROLE"] == before["by_kind"].get("CREATE ROLE", 0) + 1


def test_a_query_without_a_session_is_told_to_log_in(connect):
    connection = connect()
    connection.rest.update_tokens("no such token", "no such master token")

    with pytest.raises(snowflake.connector.errors.Error):
        connection.cursor().execute("SELECT 1")
