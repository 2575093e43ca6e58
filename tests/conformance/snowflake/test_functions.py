"""Context functions and system functions. Source: Snowflake SQL reference; facts on PrivateLink."""

import json

import pytest


def test_the_context_is_the_sessions(admin, place):
    admin.run(f"USE SCHEMA {place.schema}", f"USE WAREHOUSE {place.warehouse}")

    row = admin.row(
        "SELECT CURRENT_ROLE(), CURRENT_USER(), CURRENT_WAREHOUSE() AS W, CURRENT_DATABASE(), CURRENT_SCHEMA(),"
        " CURRENT_ACCOUNT(), CURRENT_ORGANIZATION_NAME(), CURRENT_ACCOUNT_NAME(), CURRENT_REGION()"
    )

    assert row == {
        "CURRENT_ROLE()": "ACCOUNTADMIN",
        "CURRENT_USER()": "DEPLOYER",
        "W": place.warehouse,
        "CURRENT_DATABASE()": place.database,
        "CURRENT_SCHEMA()": "GOLD",
        "CURRENT_ACCOUNT()": "FLOWFORGE_SB",
        "CURRENT_ORGANIZATION_NAME()": "FLOWFORGE",
        "CURRENT_ACCOUNT_NAME()": "SANDBOX",
        "CURRENT_REGION()": "AWS_US_EAST_1",
    }
    assert admin.run(f"SELECT A FROM {place.table} WHERE B = LOWER(CURRENT_ROLE()) OR A = 1") == [(1,)]


def test_privatelink_config_has_the_keys_of_an_aws_account(admin, as_role):
    ((text,),) = admin.run("SELECT SYSTEM$GET_PRIVATELINK_CONFIG()")
    config = json.loads(text)

    assert config["privatelink-vpce-id"].startswith("com.amazonaws.vpce.us-east-1.vpce-svc-")
    assert config["privatelink-account-url"].endswith(".us-east-1.privatelink.snowflakecomputing.com")
    assert {"privatelink_ocsp-url", "regionless-privatelink-account-url", "snowsight-privatelink-url"} <= set(config)
    assert not any("_" in value for key, value in config.items() if key.endswith("-url"))
    assert as_role("SYSADMIN").errno("SELECT SYSTEM$GET_PRIVATELINK_CONFIG()") == 3001


@pytest.mark.parametrize("verb", ["SELECT", "CALL"])
def test_privatelink_is_authorized_asked_for_and_revoked(admin, verb):
    token = json.dumps({"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"}})
    account = "123456789012" if verb == "SELECT" else "210987654321"
    arguments = f"('{account}', '{token}')"

    def ask():
        return admin.run(f"SELECT SYSTEM$GET_PRIVATELINK{arguments}")[0][0]

    assert "not authorized" in ask()
    admin.run(f"{verb} SYSTEM$AUTHORIZE_PRIVATELINK{arguments}")
    assert ask() == "Account is authorized for PrivateLink."
    ((endpoints,),) = admin.run("SELECT SYSTEM$GET_PRIVATELINK_AUTHORIZED_ENDPOINTS()")
    assert {"endpointId": account, "endpointIdType": "Aws Id"} in json.loads(endpoints)
    admin.run(f"{verb} SYSTEM$REVOKE_PRIVATELINK{arguments}")
    assert "not authorized" in ask()


def test_privatelink_is_not_authorized_with_what_is_no_token(admin):
    assert admin.errno("SELECT SYSTEM$AUTHORIZE_PRIVATELINK('123456789012', 'token')") == 1422
    assert admin.errno("SELECT SYSTEM$AUTHORIZE_PRIVATELINK('12', '{}')") == 1422


def test_platform_info_and_allowlist_are_json(admin):
    ((info, allowed),) = admin.run("SELECT SYSTEM$GET_SNOWFLAKE_PLATFORM_INFO(), SYSTEM$ALLOWLIST()")

    assert json.loads(info)["snowflake-vpc-id"][0].startswith("vpc-")
    assert {"type", "host", "port"} == set(json.loads(allowed)[0])
    assert admin.errno("SELECT SYSTEM$WHAT()") == 990001
