"""What people do by hand: seen by a refresh, repaired by the next update, never a reason to forget an object."""

import pytest

from reconciler import errors
from reconciler.contract import protocol
from reconciler.contract.protocol import Changes
from reconciler.model.values import freeze_map

from .conftest import TOKENS


@pytest.mark.slow
def test_a_warehouse_altered_by_hand_is_drift_and_is_repaired(account):
    name = account.name("WH")
    wanted = {"name": name, "warehouseSize": "X-SMALL", "autoSuspend": 60, "comment": "load"}
    warehouse = account.up("Warehouse", wanted)
    account.sql(f"ALTER WAREHOUSE {name} SET WAREHOUSE_SIZE = LARGE AUTO_SUSPEND = 300")
    account.sql(f"ALTER WAREHOUSE {name} UNSET COMMENT")

    warehouse.refresh()

    seen = (warehouse.inputs["warehouseSize"], warehouse.inputs["autoSuspend"], warehouse.outputs["comment"])
    assert seen == ("LARGE", 300, "")
    assert set(warehouse.diff(wanted).detailed) == {"warehouseSize", "autoSuspend", "comment"}
    warehouse.update(wanted)
    assert account.sql(f"SHOW WAREHOUSES LIKE '{name}'")[0][3] == "X-Small"
    assert warehouse.diff(wanted).changes is Changes.NONE


@pytest.mark.slow
def test_what_the_program_never_set_is_not_drift(account):
    name = account.name("WH")
    wanted = {"name": name, "autoSuspend": 60}
    warehouse = account.up("Warehouse", wanted)
    account.sql(f"ALTER WAREHOUSE {name} SET WAREHOUSE_SIZE = LARGE COMMENT = 'mine'")

    warehouse.refresh()

    assert warehouse.inputs == freeze_map(wanted)
    assert warehouse.diff(wanted).changes is Changes.NONE


@pytest.mark.slow
def test_a_parameter_set_elsewhere_is_not_this_objects(account):
    database = account.up("Database", {"name": account.name("DB"), "dataRetentionTimeInDays": 1})
    account.sql(f'ALTER DATABASE "{database.id}" UNSET DATA_RETENTION_TIME_IN_DAYS')

    read = database.read()

    assert "dataRetentionTimeInDays" not in read.inputs


@pytest.mark.slow
def test_counters_and_states_are_no_drift(account):
    role = account.up("AccountRole", {"name": account.name("R")})
    account.sql(f"GRANT ROLE {role.id} TO ROLE SYSADMIN")
    warehouse = account.up("Warehouse", {"name": account.name("WH"), "initiallySuspended": True})
    account.sql(f"ALTER WAREHOUSE {warehouse.id} RESUME IF SUSPENDED")
    account.next_run()

    assert freeze_map(dict(role.read().outputs)) == role.outputs
    assert freeze_map(dict(warehouse.read().outputs)) == warehouse.outputs


@pytest.mark.slow
def test_an_object_dropped_by_hand_is_gone_and_so_is_what_was_in_it(account):
    database = account.database()
    schema = account.up("Schema", {"database": database, "name": "IN"})
    stage = account.up("StageInternal", {"database": database, "schema": "IN", "name": "ST"})
    role = account.up("DatabaseRole", {"database": database, "name": "DR"})
    account.sql(f'DROP DATABASE "{database}"')
    account.next_run()

    assert [resource.read() for resource in (schema, stage, role)] == [None, None, None]
    for resource in (schema, stage, role):
        resource.delete()


@pytest.mark.slow
def test_revoked_privileges_come_back(account):
    database, role = account.database(), account.name("R")
    account.sql(f"CREATE ROLE {role}")
    wanted = {
        "accountRoleName": role,
        "privileges": ["USAGE", "MONITOR"],
        "onAccountObject": {"objectType": "DATABASE", "objectName": database},
    }
    grant = account.up("GrantPrivilegesToAccountRole", wanted)
    account.sql(f'REVOKE MONITOR ON DATABASE "{database}" FROM ROLE {role}')

    grant.refresh()
    assert grant.outputs["privileges"] == ("USAGE",)
    grant.update(wanted)

    account.next_run()
    assert set(grant.read().outputs["privileges"]) == {"USAGE", "MONITOR"}


@pytest.mark.slow
def test_strict_management_revokes_what_others_granted(account):
    database, role = account.database(), account.name("R")
    account.sql(f"CREATE ROLE {role}")
    wanted = {
        "accountRoleName": role,
        "privileges": ["USAGE"],
        "strictPrivilegeManagement": True,
        "onAccountObject": {"objectType": "DATABASE", "objectName": database},
    }
    grant = account.up("GrantPrivilegesToAccountRole", wanted)
    account.sql(f'GRANT MONITOR ON DATABASE "{database}" TO ROLE {role}')

    grant.refresh()
    assert grant.diff(wanted).changes is Changes.SOME
    grant.update(wanted)

    assert [row[1] for row in account.sql(f"SHOW GRANTS TO ROLE {role}")] == ["USAGE"]


@pytest.mark.slow
def test_a_table_made_after_a_grant_on_all_is_seen_and_granted(account):
    database, role = account.database(), account.name("R")
    account.sql(f"CREATE ROLE {role}")
    account.sql(f'CREATE TABLE "{database}"."S"."A" (ID INT)')
    wanted = {
        "accountRoleName": role,
        "privileges": ["SELECT"],
        "onSchemaObject": {"all": {"objectTypePlural": "TABLES", "inSchema": f"{database}.S"}},
    }
    grant = account.up("GrantPrivilegesToAccountRole", wanted)
    assert grant.read().inputs == grant.inputs
    account.sql(f'CREATE TABLE "{database}"."S"."B" (ID INT)')
    account.next_run()

    # Nothing of the grant holds on every table any more: it is made again.
    assert grant.read() is None
    account.up("GrantPrivilegesToAccountRole", wanted)
    account.next_run()
    assert grant.read().inputs == grant.inputs


@pytest.mark.slow
def test_a_rename_that_an_interrupted_run_made_is_found(account):
    role = account.up("AccountRole", {"name": account.name("R")})
    new = account.name("R")
    account.sql(f"ALTER ROLE {role.id} RENAME TO {new}")

    role.update({"name": new, "comment": "renamed"})

    assert role.id == new
    assert role.outputs["comment"] == "renamed"


@pytest.mark.slow
def test_a_create_of_which_nothing_is_known_is_found_by_its_name(account):
    name = account.name("R")
    inputs = freeze_map({"name": name, "comment": "x"})
    request = protocol.FindRequest(urn="u", token=TOKENS["AccountRole"], inputs=inputs, operation_id="op")

    before = account.run(account.provider.find(request))
    account.sql(f"CREATE ROLE {name}")
    account.next_run()
    after = account.run(account.provider.find(request))

    assert before is None
    # It exists, and its comment is still to be set.
    assert (after.id, after.outputs["comment"]) == (name, "")


def test_an_interrupted_statement_of_the_users_stays_in_doubt(account):
    inputs = freeze_map({"execute": "CREATE TAG A.B.C", "revert": "DROP TAG A.B.C"})
    request = protocol.FindRequest(urn="u", token=TOKENS["Execute"], inputs=inputs, operation_id="op")

    with pytest.raises(errors.AmbiguousError):
        account.run(account.provider.find(request))


@pytest.mark.slow
def test_a_create_whose_second_statement_fails_keeps_the_object(account):
    database = account.name("DB")
    # Past check, so that Snowflake is the one to refuse it.
    inputs = freeze_map({"database": database, "name": "NEW", "pipeExecutionPaused": "MAYBE"})
    account.sql(f"CREATE DATABASE {database}")
    request = protocol.CreateRequest(urn="u", token=TOKENS["Schema"], inputs=inputs)

    with pytest.raises(errors.PartialError) as caught:
        account.run(account.provider.create(request))

    assert caught.value.id == f'"{database}"."NEW"'
    assert account.sql(f"SHOW SCHEMAS LIKE 'NEW' IN DATABASE {database}")


@pytest.mark.slow
def test_the_public_schema_is_taken_over(account):
    database = account.database()

    schema = account.up("Schema", {"database": database, "name": "PUBLIC", "comment": "shared"})

    assert schema.outputs["comment"] == "shared"


@pytest.mark.slow
def test_a_table_is_never_made_anew_for_a_narrower_type(account):
    columns = [{"name": "A", "type": "VARCHAR(10)"}]
    table = account.up("Table", {"database": account.database(), "schema": "S", "name": "T", "columns": columns})
    narrower = {**table.inputs, "columns": ({"name": "A", "type": "VARCHAR(5)"},)}

    for preview in (True, False):
        request = protocol.UpdateRequest(
            urn="u",
            token=TOKENS["Table"],
            id=table.id,
            old_inputs=table.inputs,
            outputs=table.outputs,
            news=narrower,
            preview=preview,
        )
        with pytest.raises(errors.PermanentError) as caught:
            account.run(account.provider.update(request))
        assert "replaceOnChanges" in caught.value.hint


@pytest.mark.slow
def test_a_name_is_generated_once_and_kept(account):
    first = account.check("AccountRole", {}).inputs["name"]
    role = account.up("AccountRole", {})

    again = account.run(
        account.provider.check(
            protocol.CheckRequest(
                urn="u", token=TOKENS["AccountRole"], name="res", news={}, olds=role.inputs, seed=b"\2" * 32
            )
        )
    )

    assert role.id == first == again.inputs["name"]
    assert first.startswith("res-")
    assert len(first) == len("res-") + 7
    role.delete()
