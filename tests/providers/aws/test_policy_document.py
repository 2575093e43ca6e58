"""getPolicyDocument: vectors typed from IAM's grammar and the public function's documentation."""

import json

import pytest

from reconciler.catalog.aws.policy_document import GET_POLICY_DOCUMENT, render_policy
from reconciler.catalog.calls import Task
from reconciler.model import values


def render(**arguments):
    return render_policy(values.freeze_map(arguments))


def run(**arguments):
    course = GET_POLICY_DOCUMENT.run(Task(inputs=values.freeze_map(arguments)))
    with pytest.raises(StopIteration) as stopped:
        next(course)
    return stopped.value.value


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            {"actions": ["s3:GetObject"], "resources": ["*"]},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
            id="one-is-a-string-and-allow-is-the-default",
        ),
        pytest.param(
            {"sid": "Read", "effect": "Deny", "actions": ["s3:Get*", "s3:List*"], "notResources": ["arn:1"]},
            {"Sid": "Read", "Effect": "Deny", "Action": ["s3:List*", "s3:Get*"], "NotResource": "arn:1"},
            id="several-are-a-list",
        ),
        pytest.param(
            {"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::1:user/a"]}]},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::1:user/a"}},
            id="principal",
        ),
        pytest.param(
            {"actions": ["s3:*"], "principals": [{"type": "*", "identifiers": ["*"]}]},
            {"Effect": "Allow", "Action": "s3:*", "Principal": "*"},
            id="everybody",
        ),
        pytest.param(
            {
                "actions": ["s3:*"],
                "principals": [
                    {"type": "AWS", "identifiers": ["1"]},
                    {"type": "AWS", "identifiers": ["2"]},
                    {"type": "Service", "identifiers": ["s3.amazonaws.com"]},
                ],
            },
            {"Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": ["2", "1"], "Service": "s3.amazonaws.com"}},
            id="principals-of-a-type-are-joined",
        ),
        pytest.param(
            {
                "actions": ["sts:AssumeRole"],
                "conditions": [
                    {"test": "StringEquals", "variable": "sts:ExternalId", "values": ["x"]},
                    {"test": "StringLike", "variable": "aws:username", "values": ["&{aws:username}", "b"]},
                ],
            },
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"sts:ExternalId": "x"},
                    "StringLike": {"aws:username": ["${aws:username}", "b"]},
                },
            },
            id="conditions-and-variables",
        ),
    ],
)
def test_a_statement_is_rendered_as_iam_writes_it(statement, expected):
    assert render(statements=[statement])["Statement"] == [expected]


def test_the_document_has_version_and_id():
    assert render(policyId="p", statements=[]) == {"Version": "2012-10-17", "Id": "p", "Statement": []}
    assert render(version="2008-10-17")["Version"] == "2008-10-17"


def document(sid, effect):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": effect}]})


def test_statements_replace_those_of_sources_with_their_sid_and_overrides_replace_both():
    found = render(
        sourcePolicyDocuments=[document("a", "Deny"), document("b", "Deny")],
        statements=[{"sid": "b", "actions": ["s3:*"]}],
        overridePolicyDocuments=[document("a", "Allow"), document("c", "Allow")],
    )

    assert [(one["Sid"], one["Effect"]) for one in found["Statement"]] == [
        ("a", "Allow"),
        ("b", "Allow"),
        ("c", "Allow"),
    ]


def test_the_result_is_the_same_document_indented_and_minified():
    first, second = (run(statements=[{"actions": ["s3:*"], "resources": ["*"]}]) for _ in range(2))

    assert json.loads(first["json"]) == json.loads(first["minifiedJson"])
    assert "\n  " in first["json"]
    assert " " not in first["minifiedJson"]
    assert first["id"] == second["id"]
    assert first["id"] != run(statements=[{"actions": ["ec2:*"], "resources": ["*"]}])["id"]
