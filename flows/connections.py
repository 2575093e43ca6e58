"""How a run signs in to Snowflake: the key from Prefect's encrypted block, the address from the environment.

The block's document is read and used as it is. `prefect_snowflake` would do the
same, at the price of 3.7 s of CPU and 110 MB for its import.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from prefect.client.orchestration import get_client

from flows.settings import Workload

if TYPE_CHECKING:
    from snowflake.connector.cursor import SnowflakeCursor

CONNECTOR_SLUG = "snowflake-connector"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who signs in, with what, and where; `address` is empty for Snowflake's usual host."""

    account: str
    user: str
    private_key: bytes = field(repr=False)
    address: Mapping[str, str | int]


def read_login(connection: str, environment: Mapping[str, str] = os.environ) -> Login:
    """Read the block of that name.

    Args:
        connection: name of a `snowflake-connector` block document.
        environment: SNOWFLAKE_HOST, SNOWFLAKE_PORT and SNOWFLAKE_PROTOCOL are honoured.
    """
    with get_client(sync_client=True) as client:
        document = client.read_block_document_by_name(connection, CONNECTOR_SLUG, include_secrets=True)
    return parse_login(document.data["credentials"], environment)


def parse_login(credentials: Mapping[str, str], environment: Mapping[str, str]) -> Login:
    """Make a login of the credentials' document and the environment.

    Raises:
        ValueError: the key is not an unencrypted private key in PEM; the text of the key is not repeated.
    """
    try:
        key = serialization.load_pem_private_key(credentials["private_key"].encode(), password=None)
    except (ValueError, TypeError):
        raise ValueError("the connection's private_key is not an unencrypted private key in PEM") from None
    address: dict[str, str | int] = {
        name: environment[variable]
        for name, variable in (("host", "SNOWFLAKE_HOST"), ("protocol", "SNOWFLAKE_PROTOCOL"))
        if environment.get(variable)
    }
    if port := environment.get("SNOWFLAKE_PORT"):
        address["port"] = int(port)
    return Login(
        account=credentials["account"],
        user=credentials["user"],
        private_key=key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        address=address,
    )


@contextmanager
def session(login: Login, workload: Workload, database: str) -> Iterator[SnowflakeCursor]:
    """Open a session that holds one role and one warehouse, and no more rights than that role."""
    connection = snowflake.connector.connect(
        account=login.account,
        user=login.user,
        private_key=login.private_key,
        authenticator="SNOWFLAKE_JWT",
        role=workload.role,
        warehouse=workload.warehouse,
        database=database,
        session_parameters={"QUERY_TAG": "flows/load_flights"},
        **login.address,
    )
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def quoted(*names: str) -> str:
    """A qualified name made of bare names.

    >>> quoted("SALES", 'odd"name')
    '"SALES"."odd""name"'
    """
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)
