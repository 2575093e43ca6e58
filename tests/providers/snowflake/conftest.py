"""A real sandbox server, and a small stand-in for the engine that drives the real provider against it."""

import asyncio
import itertools
import warnings

import pytest
import snowflake.connector

from reconciler.catalog import index
from reconciler.contract import protocol
from reconciler.model.values import freeze_map
from reconciler.providers.snowflake.provider import SnowflakeProvider
from reconciler.sandbox.snowflake.serving.server import SnowflakeSandbox

TOKENS = {token.rpartition(":")[2]: token for token in index.kinds("snowflake")}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    with warnings.catch_warnings():
        # fakesnow's own use of DuckDB warns.
        warnings.simplefilter("ignore")
        server = SnowflakeSandbox(tmp_path_factory.mktemp("snowflake"), port=0).start()
        yield server
        server.stop()


@pytest.fixture
def account(sandbox):
    found = Account(sandbox)
    yield found
    found.close()


class Account:
    """The provider, one resource at a time, and a person with a worksheet."""

    def __init__(self, sandbox, **settings):
        self.sandbox = sandbox
        self.settings = {
            "organizationName": "FLOWFORGE",
            "accountName": "SANDBOX",
            "user": "DEPLOYER",
            "password": "sandbox",
            "role": "ACCOUNTADMIN",
            "host": "127.0.0.1",
            "port": str(sandbox.port),
            "protocol": "http",
            **settings,
        }
        self._runner = asyncio.Runner()
        self._provider = None
        self._worksheet = None

    def name(self, stem="T"):
        """A name that no other test has."""
        return f"{stem}_{next(_numbers)}"

    def database(self):
        """A new database with a schema S: their names."""
        name = self.name("DB")
        self.sql(f'CREATE DATABASE "{name}"')
        self.sql(f'CREATE SCHEMA "{name}"."S"')
        return name

    def sql(self, text):
        """Run a statement by hand, past the provider."""
        if self._worksheet is None:
            self._worksheet = snowflake.connector.connect(
                account="FLOWFORGE-SANDBOX",
                user="DEPLOYER",
                password="sandbox",
                role="ACCOUNTADMIN",
                host="127.0.0.1",
                port=self.sandbox.port,
                protocol="http",
            )
        with self._worksheet.cursor() as cursor:
            return cursor.execute(text).fetchall()

    def next_run(self):
        """Another run of the engine: a new provider."""
        if self._provider is not None:
            self._runner.run(self._provider.close())
            self._provider = None

    @property
    def provider(self):
        if self._provider is None:
            self._provider = self._runner.run(self._configured())
        return self._provider

    async def _configured(self):
        provider = SnowflakeProvider()
        await provider.configure(protocol.ConfigureRequest(urn="p", inputs=freeze_map(self.settings)))
        return provider

    def run(self, coroutine):
        return self._runner.run(coroutine)

    def check(self, kind, inputs):
        request = protocol.CheckRequest(
            urn="u", token=TOKENS[kind], name="res", news=freeze_map(inputs), seed=b"\1" * 32
        )
        return self.run(self.provider.check(request))

    def up(self, kind, inputs):
        """Check and create: the resource as state would record it."""
        checked = self.check(kind, inputs)
        assert list(checked.failures) == []
        request = protocol.CreateRequest(urn="u", token=TOKENS[kind], inputs=checked.inputs, operation_id="op-1")
        response = self.run(self.provider.create(request))
        return Resource(self, kind, response.id, checked.inputs, freeze_map(dict(response.outputs)))

    def close(self):
        self.next_run()
        self._runner.close()
        if self._worksheet is not None:
            self._worksheet.close()


class Resource:
    """One recorded resource: id, inputs, outputs."""

    def __init__(self, account, kind, id, inputs, outputs):
        self.account, self.kind, self.id, self.inputs, self.outputs = account, kind, id, inputs, outputs

    def _facts(self):
        return {"urn": "u", "token": TOKENS[self.kind], "id": self.id}

    def diff(self, inputs=None):
        news = self.inputs if inputs is None else self.account.check(self.kind, inputs).inputs
        request = protocol.DiffRequest(**self._facts(), old_inputs=self.inputs, outputs=self.outputs, news=news)
        return self.account.run(self.account.provider.diff(request))

    def update(self, inputs):
        news = self.account.check(self.kind, inputs).inputs
        request = protocol.UpdateRequest(**self._facts(), old_inputs=self.inputs, outputs=self.outputs, news=news)
        response = self.account.run(self.account.provider.update(request))
        self.id = response.id or self.id
        self.inputs, self.outputs = news, freeze_map(dict(response.outputs))

    def read(self):
        request = protocol.ReadRequest(**self._facts(), inputs=self.inputs, outputs=self.outputs)
        return self.account.run(self.account.provider.read(request))

    def imported(self):
        return self.account.run(self.account.provider.read(protocol.ReadRequest(**self._facts())))

    def refresh(self):
        """Read in a new run, and record what was read."""
        self.account.next_run()
        found = self.read()
        self.inputs, self.outputs = freeze_map(dict(found.inputs)), freeze_map(dict(found.outputs))

    def foresee(self):
        request = protocol.DeleteRequest(**self._facts(), inputs=self.inputs, outputs=self.outputs)
        return self.account.run(self.account.provider.foresee(request))

    def delete(self):
        request = protocol.DeleteRequest(**self._facts(), inputs=self.inputs, outputs=self.outputs)
        self.account.run(self.account.provider.delete(request))
