from __future__ import annotations

import json
from pathlib import PurePosixPath
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import errors
from reconciler.cli.report import documents, junit, sarif
from reconciler.cli.report.model import Attribute, Message
from reconciler.deploy.events import Result, Severity
from reconciler.plan.steps import Op
from tests.cli.report.reports import DEAR, change, report

PLACE = {"folder": PurePosixPath("platform"), "program": PurePosixPath("infra/__main__.py")}
texts = st.text(max_size=12)
attributes = st.builds(Attribute, path=texts, before=texts, after=texts, forces=st.booleans())
changes = st.builds(
    lambda op, name, its, failure: change(name, op, attributes=tuple(its), failure=failure),
    st.sampled_from([Op.CREATE, Op.UPDATE, Op.DELETE, Op.REPLACE]),
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.lists(attributes, max_size=3),
    texts,
)


@given(st.lists(changes, max_size=4), texts)
def test_any_report_survives_its_document_and_makes_valid_xml(its, said):
    told = report(
        *its, messages=(Message(urn="", severity=Severity.ERROR, text=said),), result=Result.FAILED, expected_s=1.5
    )

    assert documents.parse(documents.render(told)) == told
    suite = ElementTree.fromstring(junit.render(told))[0]
    assert int(suite.get("tests")) == len(its) + 1
    assert len(json.loads(sarif.render(told, **PLACE))["runs"][0]["results"]) >= 1


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"version": 2}', b'{"version": 1, "changes": [1]}', b'{"version": 1, "kind": "x"}']
)
def test_what_is_no_report_is_refused(text):
    with pytest.raises(errors.ReportFormatError):
        documents.parse(text)


def test_a_scanner_learns_what_is_lost_and_where_it_is_declared():
    told = report(change("orders", Op.REPLACE, reasons=("columns",), position="project:///infra/tables.py#12,3"))

    (result,) = json.loads(sarif.render(told, **PLACE))["runs"][0]["results"]

    assert (result["ruleId"], result["level"]) == ("replaces", "warning")
    assert result["message"]["text"] == "snowflake:index:Table orders: replace, since columns changes"
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "platform/infra/tables.py"}, "region": {"startLine": 12}}


def test_a_finding_without_a_place_stands_at_the_program():
    told = report(messages=(Message(urn="", severity=Severity.WARNING, text="old"),))

    (result,) = json.loads(sarif.render(told, **PLACE))["runs"][0]["results"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "platform/infra/__main__.py"


def test_safe_changes_are_no_findings():
    told = report(change("a", Op.CREATE), change("b"))

    assert json.loads(sarif.render(told, **PLACE))["runs"][0]["results"] == []


def test_each_object_is_a_case_and_drift_and_failures_fail():
    suite = ElementTree.fromstring(junit.render(DEAR))[0]

    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("6", "2", "0")
    names = [case.get("name") for case in suite]
    assert names[:2] == ["trips (delete)", "orders (replace)"]
    assert names[-1] == "report (drift)"
