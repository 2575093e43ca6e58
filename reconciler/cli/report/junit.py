"""Reports as JUnit XML: each object that changes is a case; what failed, and drift, is a failure.

Source: the JUnit schema that Jenkins, GitLab and Azure Pipelines read.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from reconciler.cli.report.model import Change, Report
from reconciler.deploy.events import Result, Severity
from reconciler.model import urns

# What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The report as a JUnit document."""
    suite = ElementTree.Element("testsuite", name=_text(f"{report.project}/{report.stack} {report.kind}"))
    for change in (*report.changes, *report.drift):
        _case(suite, change)
    errors = [message for message in report.messages if message.severity is Severity.ERROR]
    if report.result is not Result.SUCCEEDED:
        case = ElementTree.SubElement(suite, "testcase", classname="pulumi", name=_text(f"{report.kind} succeeds"))
        failure = ElementTree.SubElement(case, "error", message=f"{report.kind} {report.result}")
        failure.text = _text("\n".join(message.text for message in errors))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("time", f"{report.duration_s:.3f}")
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, change: Change) -> None:
    kind = urns.short_type(urns.type_token(change.urn))
    name = f"{urns.name(change.urn)} ({'drift' if change.drift else change.op})"
    case = ElementTree.SubElement(suite, "testcase", classname=_text(kind), name=_text(name))
    if change.failure:
        ElementTree.SubElement(case, "failure", message=_text(change.failure))
    elif change.drift:
        ElementTree.SubElement(case, "failure", message="not as the state says")
    lines = [change.urn]
    for attribute in change.attributes:
        note = " (forces replacement)" if attribute.forces else ""
        lines.append(f"{attribute.path}: {attribute.before or '-'} => {attribute.after or '-'}{note}")
    ElementTree.SubElement(case, "system-out").text = _text("\n".join([*lines, *change.facts]))


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
