"""What was answered stays: over a restart, over kill -9, and not over a reset."""

import signal
import subprocess
import sys
import textwrap

import pytest

from reconciler.sandbox.snowflake.serving.server import SnowflakeSandbox
from tests.conformance.snowflake.connections import Client, open_connection

pytestmark = pytest.mark.slow

SETUP = (
    "CREATE DATABASE D",
    "CREATE SCHEMA D.S WITH MANAGED ACCESS",
    "CREATE WAREHOUSE W WAREHOUSE_SIZE = LARGE",
    "CREATE ROLE R COMMENT = 'kept'",
    "CREATE TABLE D.S.T (A INT, B VARCHAR)",
    "GRANT SELECT ON TABLE D.S.T TO ROLE R",
    "GRANT SELECT ON FUTURE VIEWS IN SCHEMA D.S TO ROLE R",
    "INSERT INTO D.S.T VALUES (1, 'x')",
    "CREATE VIEW D.S.V AS SELECT A FROM T",
    "ALTER TABLE D.S.T ADD COLUMN C BOOLEAN",
)


def facts(client):
    client.run("USE WAREHOUSE W")
    return (
        client.row("SHOW WAREHOUSES")["size"],
        client.row("SHOW ROLES LIKE 'R'")["comment"],
        [row["privilege"] for row in client.rows("SHOW GRANTS TO ROLE R")],
        [row["privilege"] for row in client.rows("SHOW FUTURE GRANTS TO ROLE R")],
        client.run("SELECT * FROM D.S.T"),
        client.run("SELECT * FROM D.S.V"),
        [row["name"] for row in client.rows("DESC TABLE D.S.T")],
    )


KEPT = ("Large", "kept", ["SELECT", "SELECT"], ["SELECT"], [(1, "x", None)], [(1,)], ["A", "B", "C"])


def test_an_account_survives_a_restart_and_not_a_reset(tmp_path):
    sandbox = SnowflakeSandbox(tmp_path, port=0).start()
    with open_connection(sandbox.port) as connection:
        Client(connection).run(*SETUP)
    sandbox.stop()

    sandbox.start()
    with open_connection(sandbox.port) as connection:
        assert facts(Client(connection)) == KEPT
    sandbox.reset()
    with open_connection(sandbox.port) as connection:
        assert Client(connection).rows("SHOW DATABASES") == []
    sandbox.stop()


SERVER = textwrap.dedent(
    """
    import sys, threading
    from pathlib import Path
    from reconciler.sandbox.snowflake.serving.server import serve
    print(serve(Path(sys.argv[1]), 0).port, flush=True)
    threading.Event().wait()
    """
)


def start_process(directory):
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(directory)], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_an_account_survives_being_killed(tmp_path):
    process, port = start_process(tmp_path)
    try:
        connection = open_connection(port)
        client = Client(connection)
        client.run(*SETUP)
        client.run("BEGIN", "INSERT INTO D.S.T (A) VALUES (2)")
    finally:
        kill(process)

    sandbox = SnowflakeSandbox(tmp_path, port=0).start()
    with open_connection(sandbox.port) as connection:
        assert facts(Client(connection)) == KEPT
    sandbox.stop()


def test_what_a_killed_process_left_half_done_is_undone_at_the_next_start(tmp_path):
    sandbox = SnowflakeSandbox(tmp_path, port=0).start()
    with open_connection(sandbox.port) as connection:
        Client(connection).run(*SETUP)
    # As if the process had died after the data engine acted and before the catalogue was written.
    storage = sandbox._running()._storage
    storage.execute('CREATE TABLE "D"."S"."ORPHAN" (A INT)')
    storage.execute('ALTER TABLE "D"."S"."T" ADD COLUMN "EXTRA" INT')
    storage.execute('DROP VIEW "D"."S"."V"')
    storage.execute('CREATE SCHEMA "D"."ORPHANS"')
    sandbox.stop()

    sandbox.start()

    with open_connection(sandbox.port) as connection:
        client = Client(connection)
        assert facts(client) == KEPT
        client.run("CREATE SCHEMA D.ORPHANS", "CREATE TABLE D.S.ORPHAN (B INT)")
    sandbox.stop()
