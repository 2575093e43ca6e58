"""Statements on the wire: how many, what happens when the wire breaks, and what an error says."""

import asyncio
import threading
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from reconciler import errors
from reconciler.contract import protocol
from reconciler.model.values import Secret, freeze_map, has_unknown

from .conftest import TOKENS, Account


@pytest.fixture
def statements(account):
    """The counts of statements by their first words since the test began."""
    before = account.sandbox.statistics()["by_kind"]
    return lambda: {
        words: count - before.get(words, 0)
        for words, count in account.sandbox.statistics()["by_kind"].items()
        if count != before.get(words, 0)
    }


def create(account, kind, inputs):
    request = protocol.CreateRequest(urn="u", token=TOKENS[kind], inputs=freeze_map(inputs), operation_id="op")
    return account.run(account.provider.create(request))


@pytest.mark.slow
def test_a_sweep_of_reads_asks_once_per_kind(account, statements):
    names = [account.name("WH") for _ in range(12)]
    for name in names:
        account.sql(f"CREATE WAREHOUSE {name}")

    async def sweep():
        requests = [
            protocol.ReadRequest(urn="u", token=TOKENS["Warehouse"], id=name, inputs={"name": name}) for name in names
        ]
        return await asyncio.gather(*(account.provider.read(request) for request in requests))

    account.provider  # noqa: B018 - configured here, outside the running loop
    found = account.run(sweep())

    assert [read.id for read in found] == names
    assert statements()["SHOW WAREHOUSES"] == 1


@pytest.mark.slow
def test_a_write_makes_reads_ask_again(account):
    role = account.up("AccountRole", {"name": account.name("R")})
    role.read()

    role.update({"name": role.id, "comment": "new"})

    assert role.read().outputs["comment"] == "new"


def test_check_diff_and_previews_make_no_statement_and_no_connection(account, statements):
    inputs = {"name": "WH", "autoSuspend": 60, "comment": "a"}
    sessions = account.sandbox.statistics()["sessions"]

    checked = account.check("Warehouse", inputs).inputs
    created = account.run(
        account.provider.create(
            protocol.CreateRequest(urn="u", token=TOKENS["Warehouse"], inputs=checked, preview=True)
        )
    )
    recorded = {**checked, "fullyQualifiedName": '"WH"', "showOutputs": ({"autoSuspend": 60, "comment": "a"},)}
    updated = account.run(
        account.provider.update(
            protocol.UpdateRequest(
                urn="u",
                token=TOKENS["Warehouse"],
                id="WH",
                old_inputs=checked,
                outputs=recorded,
                news={**checked, "comment": "b"},
                preview=True,
            )
        )
    )

    assert has_unknown(created.outputs["showOutputs"])
    assert (updated.outputs["comment"], updated.outputs["fullyQualifiedName"]) == ("b", '"WH"')
    assert statements() == {}
    assert account.sandbox.statistics()["sessions"] == sessions


@pytest.mark.slow
def test_a_create_whose_answer_is_lost_runs_once(account, statements):
    name = account.name("WH")
    account.sandbox.faults.set({"lose_answer_of": f'CREATE WAREHOUSE "{name}"'})

    # The connector asks again under the same request id, and Snowflake knows it.
    response = create(account, "Warehouse", {"name": name})

    assert response.id == name
    assert statements()["CREATE WAREHOUSE"] == 1


@pytest.mark.slow
def test_a_create_whose_answer_never_comes_is_in_doubt_and_is_found(sandbox):
    account = Account(sandbox, requestTimeout="1")
    name = account.name("WH")
    inputs = freeze_map({"name": name, "autoSuspend": 60})
    account.run(account.provider.read(protocol.ReadRequest(urn="u", token=TOKENS["Warehouse"], id=name)))
    made = sandbox.statistics()["by_kind"].get("CREATE WAREHOUSE", 0) + 1
    sandbox.faults.set({"lose_answer_of": f'CREATE WAREHOUSE "{name}"'})
    outage = threading.Thread(target=fail_after, args=(sandbox, made))
    outage.start()
    try:
        with pytest.raises(errors.AmbiguousError):
            create(account, "Warehouse", inputs)
    finally:
        outage.join()
        sandbox.faults.set({"fail_next": 0})
    account.next_run()
    request = protocol.FindRequest(urn="u", token=TOKENS["Warehouse"], inputs=inputs, operation_id="op")
    found = account.run(account.provider.find(request))

    assert (found.id, found.inputs) == (name, inputs)
    account.close()


def fail_after(sandbox, made):
    """Refuse every request once so many warehouses were made."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if sandbox.statistics()["by_kind"].get("CREATE WAREHOUSE", 0) >= made:
            sandbox.faults.set({"fail_next": 1000})
            return


@pytest.mark.slow
def test_a_write_without_an_answer_is_in_doubt_and_is_not_run_again(sandbox):
    account = Account(sandbox, requestTimeout="1")
    name = account.name("WH")
    account.run(account.provider.read(protocol.ReadRequest(urn="u", token=TOKENS["Warehouse"], id=name)))
    sandbox.faults.set({"fail_next": 1000})
    try:
        with pytest.raises(errors.AmbiguousError):
            create(account, "Warehouse", {"name": name})
    finally:
        sandbox.faults.set({"fail_next": 0})

    account.next_run()
    request = protocol.FindRequest(urn="u", token=TOKENS["Warehouse"], inputs={"name": name}, operation_id="op")
    assert account.run(account.provider.find(request)) is None
    account.close()


@pytest.mark.slow
def test_a_session_that_ended_is_opened_again(account):
    role = account.up("AccountRole", {"name": account.name("R")})
    for token in list(account.sandbox._running()._sessions):
        account.sandbox._running().logout(token)

    role.update({"name": role.id, "comment": "after"})

    assert role.outputs["comment"] == "after"


@pytest.mark.slow
def test_no_error_holds_a_secret(account):
    inputs = {"execute": Secret("CREATE SHAPE hunter2 'hunter2'"), "revert": "SELECT 1"}

    with pytest.raises(errors.ProviderError) as caught:
        create(account, "Execute", inputs)

    told = f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "hunter2" not in told
    assert caught.value.__suppress_context__


@pytest.mark.slow
def test_a_statement_of_the_users_does_not_disturb_the_session(account):
    create(account, "Execute", {"execute": "USE ROLE PUBLIC", "revert": "SELECT 1"})

    role = account.up("AccountRole", {"name": account.name("R")})

    assert role.outputs["showOutputs"][0]["owner"] == "ACCOUNTADMIN"


@pytest.mark.slow
def test_an_existing_object_is_not_taken_over_and_the_error_says_how_to(account):
    name = account.name("WH")
    account.sql(f"CREATE WAREHOUSE {name}")

    with pytest.raises(errors.PermanentError) as caught:
        create(account, "Warehouse", {"name": name})

    assert caught.value.code == "2002"
    assert f"`pulumi import {TOKENS['Warehouse']} NAME {name}`" in caught.value.hint
    assert f'CREATE WAREHOUSE "{name}"' in caught.value.detail


@pytest.mark.slow
def test_a_missing_privilege_names_the_role(sandbox):
    account = Account(sandbox, role="PUBLIC")

    with pytest.raises(errors.PermanentError) as caught:
        create(account, "Warehouse", {"name": account.name("WH")})

    assert caught.value.code == "3001"
    assert "PUBLIC" in caught.value.detail
    account.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [pytest.param({"password": "wrong"}, id="password"), pytest.param({"role": "NOBODY"}, id="role")],
)
def test_a_login_that_is_refused_is_a_wrong_setting(sandbox, settings):
    account = Account(sandbox, **settings)

    with pytest.raises(errors.ConfigureError) as caught:
        create(account, "Warehouse", {"name": "WH"})

    assert caught.value.hint
    assert "wrong" not in str(caught.value)
    account.close()


@pytest.mark.slow
def test_a_service_user_logs_in_with_the_key_that_it_was_given(account):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    user = account.up("ServiceUser", {"name": account.name("SVC"), "rsaPublicKey": public.decode()})
    account.sql(f"GRANT ROLE SYSADMIN TO USER {user.id}")

    service = Account(account.sandbox, user=user.id, password="", privateKey=private.decode(), role="SYSADMIN")
    warehouse = service.up("Warehouse", {"name": account.name("WH")})

    assert warehouse.outputs["showOutputs"][0]["owner"] == "SYSADMIN"
    service.close()


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        pytest.param("Schema", "JUST_ONE_PART", id="too-few-parts"),
        pytest.param("GrantAccountRole", '"R"|TABLE|"X"', id="no-such-grantee"),
        pytest.param("GrantPrivilegesToAccountRole", '"R"|false|false|SELECT|Somewhere', id="no-such-target"),
        pytest.param("Execute", "anything", id="cannot-be-imported"),
    ],
)
def test_an_id_of_another_form_is_refused(account, kind, id):
    request = protocol.ReadRequest(urn="u", token=TOKENS[kind], id=id)

    with pytest.raises(errors.PermanentError):
        account.run(account.provider.read(request))


def test_an_unknown_token_is_named_with_what_there_is(account):
    token = "snowflake:index/task:Task"

    with pytest.raises(errors.PermanentError) as caught:
        account.run(account.provider.check(protocol.CheckRequest(urn="u", token=token, name="n", news={})))

    assert token in caught.value.detail
    assert "Warehouse" in caught.value.hint


@pytest.mark.slow
def test_functions_tell_of_the_account(account):
    def call(name):
        request = protocol.InvokeRequest(token=f"snowflake:index/{name}:{name}", args={})
        return account.run(account.provider.invoke(request)).result

    assert call("getCurrentAccount")["account"] == "FLOWFORGE_SB"
    assert call("getSystemGetPrivateLinkConfig")["awsVpceId"].startswith("com.amazonaws.vpce")
    assert call("getSystemGetSnowflakePlatformInfo")["awsVpcIds"]
