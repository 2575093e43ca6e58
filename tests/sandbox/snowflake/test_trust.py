"""Would AWS let Snowflake in? Source: AWS IAM User Guide, Policy evaluation logic."""

import pytest

from reconciler.sandbox.snowflake.account.locations import is_within, parse_location
from reconciler.sandbox.snowflake.account.trust import allows, trusts
from reconciler.sandbox.snowflake.vocabulary.refusals import RefusedError

USER = "arn:aws:iam::905418000001:user/x-s"


def trust(**changes):
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": USER},
        "Condition": {"StringEquals": {"sts:ExternalId": "id"}},
    }
    return {"Statement": {**statement, **changes}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(trust(), True, id="as-documented"),
        pytest.param(trust(Principal={"AWS": ["arn:aws:iam::1:root", USER]}), True, id="one-of-several-principals"),
        pytest.param(trust(Action=["sts:AssumeRole", "sts:TagSession"]), True, id="one-of-several-actions"),
        pytest.param(trust(Condition={"StringEquals": {"sts:externalid": ["a", "id"]}}), True, id="any-case-and-lists"),
        pytest.param(trust(Effect="Deny"), False, id="deny"),
        pytest.param(trust(Principal={"AWS": "arn:aws:iam::1:root"}), False, id="another-principal"),
        pytest.param(trust(Principal={"Service": USER}), False, id="a-service"),
        pytest.param(trust(Condition={"StringEquals": {"sts:ExternalId": "other"}}), False, id="another-id"),
        pytest.param(trust(Condition={}), False, id="no-id"),
        pytest.param({}, False, id="nothing"),
    ],
)
def test_a_role_trusts_one_user_with_one_external_id(document, expected):
    assert trusts(document, USER, "id") is expected


READ = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::lake/raw/*"}
LIST = {
    "Effect": "Allow",
    "Action": ["s3:ListBucket"],
    "Resource": "arn:aws:s3:::lake",
    "Condition": {"StringLike": {"s3:prefix": ["raw/*"]}},
}


@pytest.mark.parametrize(
    ("statements", "action", "resource", "prefix", "expected"),
    [
        ([READ], "s3:GetObject", "arn:aws:s3:::lake/raw/a", None, True),
        ([READ], "s3:GetObject", "arn:aws:s3:::lake/other/a", None, False),
        ([READ], "s3:DeleteObject", "arn:aws:s3:::lake/raw/a", None, False),
        ([LIST], "s3:ListBucket", "arn:aws:s3:::lake", "raw/", True),
        ([LIST], "s3:ListBucket", "arn:aws:s3:::lake", "other/", False),
        ([READ, {**READ, "Effect": "Deny"}], "s3:GetObject", "arn:aws:s3:::lake/raw/a", None, False),
        ([], "s3:GetObject", "arn:aws:s3:::lake/raw/a", None, False),
    ],
)
def test_policies_allow_actions_on_resources(statements, action, resource, prefix, expected):
    assert allows([{"Statement": statements}], action, resource, prefix) is expected


def test_locations_end_where_their_names_end():
    assert is_within("s3://lake/raw/x/", ("s3://lake/raw",))
    assert not is_within("s3://lake/rawer/", ("s3://lake/raw",))
    assert is_within("s3://anything/", ("*",))
    assert parse_location("s3://lake").url == "s3://lake/"
    with pytest.raises(RefusedError):
        parse_location("azure://lake/")
