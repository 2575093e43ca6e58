"""A Snowflake and an AWS of the sandbox's own, and connections of the vendor's unmodified connector."""

import itertools
import uuid
from types import SimpleNamespace

import boto3
import pytest
from moto.server import ThreadedMotoServer

from reconciler.sandbox.snowflake.serving.server import SnowflakeSandbox
from tests.conformance.snowflake.connections import CREDENTIALS, Client, open_connection, send

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def aws():
    """The address of an AWS."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def sandbox(aws, tmp_path_factory):
    """One account for all tests; each works under names of its own."""
    running = SnowflakeSandbox(tmp_path_factory.mktemp("snowflake"), port=0, aws_endpoint=aws).start()
    yield running
    running.stop()


@pytest.fixture
def connect(sandbox):
    """Opens connections that are closed after the test."""
    opened = []

    def open_one(**arguments):
        opened.append(open_connection(sandbox.port, **arguments))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def client(connect):
    """Opens clients."""
    return lambda **arguments: Client(connect(**arguments))


@pytest.fixture
def admin(connect):
    """ACCOUNTADMIN, without secondary roles."""
    client = Client(connect())
    client.run("USE SECONDARY ROLES NONE")
    return client


@pytest.fixture
def name():
    """A prefix that no other test uses."""
    return f"T{next(_NUMBERS)}"


@pytest.fixture
def as_role(connect):
    """A client in one role and no other."""

    def enter(role, warehouse=None):
        client = Client(connect(role=role))
        client.run("USE SECONDARY ROLES NONE")
        if warehouse:
            client.run(f"USE WAREHOUSE {warehouse}")
        return client

    return enter


@pytest.fixture
def place(admin, name):
    """A database with a schema, a warehouse, a table of two rows and a role that has nothing yet."""
    found = SimpleNamespace(
        database=f"{name}_DB", schema=f"{name}_DB.GOLD", table=f"{name}_DB.GOLD.FACTS", warehouse=f"{name}_WH"
    )
    found.role = f"{name}_ROLE"
    admin.run(
        f"CREATE DATABASE {found.database}",
        f"CREATE SCHEMA {found.schema}",
        f"CREATE WAREHOUSE {found.warehouse}",
        f"CREATE TABLE {found.table} (A INT NOT NULL, B VARCHAR(20))",
        f"INSERT INTO {found.table} VALUES (1, 'x'), (2, 'y')",
        f"CREATE ROLE {found.role}",
        f"GRANT ROLE {found.role} TO USER DEPLOYER",
        f"GRANT USAGE ON WAREHOUSE {found.warehouse} TO ROLE {found.role}",
    )
    return found


@pytest.fixture
def faults(sandbox):
    """Turns the sandbox's fault knobs, and turns them back."""

    def turn(**knobs):
        return send(f"{sandbox.url}/sandbox/faults", knobs)

    yield turn
    turn(latency_ms=0, fail_next=0, lose_answer_of=None)


@pytest.fixture
def statistics(sandbox):
    return lambda: send(f"{sandbox.url}/sandbox/statistics")


@pytest.fixture
def bucket(aws):
    """A bucket of its own."""
    s3 = boto3.client("s3", endpoint_url=aws, region_name="us-east-1", **CREDENTIALS)
    made = f"lake-{uuid.uuid4()}"
    s3.create_bucket(Bucket=made)
    return SimpleNamespace(name=made, s3=s3)
