"""Connections of the vendor's connector to a sandbox, and the questions that tests ask through them."""

import json
import urllib.request

import pytest
import snowflake.connector

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def open_connection(port, **arguments):
    defaults = {
        "account": "FLOWFORGE-SANDBOX",
        "host": "127.0.0.1",
        "port": port,
        "protocol": "http",
        "login_timeout": 5,
        "network_timeout": 20,
    }
    if "private_key" not in arguments:
        defaults |= {"user": "DEPLOYER", "password": "sandbox"}
    return snowflake.connector.connect(**defaults | arguments)


class Client:
    """A cursor with the questions that tests ask."""

    def __init__(self, connection):
        self.connection = connection

    def run(self, *statements):
        """Run them all; the rows of the last one."""
        rows = []
        for statement in statements:
            rows = self.connection.cursor().execute(statement).fetchall()
        return rows

    def rows(self, statement):
        """The rows as dictionaries by column name."""
        cursor = self.connection.cursor(snowflake.connector.DictCursor)
        return cursor.execute(statement).fetchall()

    def row(self, statement):
        (row,) = self.rows(statement)
        return row

    def error(self, statement):
        """The error in which a statement ends."""
        with pytest.raises(snowflake.connector.errors.Error) as caught:
            self.connection.cursor().execute(statement)
        return caught.value

    def errno(self, statement):
        return self.error(statement).errno


def send(url, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())
