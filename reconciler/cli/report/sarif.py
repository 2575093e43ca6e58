"""Reports as SARIF 2.1.0, for code scanners: what is destroyed or replaced, drift, warnings and errors.

Source: OASIS SARIF 2.1.0; GitHub's subset asks for a physical location in every result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from reconciler.cli.report.model import Change, Report
from reconciler.deploy.events import Severity
from reconciler.model import codec, urns, versions
from reconciler.plan.steps import Op

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
# Rule -> level, what it finds.
_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "destroys": ("warning", "An object is destroyed"),
    "replaces": ("warning", "An object is destroyed and made anew"),
    "drift": ("note", "An object is not as the state says"),
    "fails": ("error", "A step fails"),
    "error": ("error", "The run says an error"),
    "warning": ("warning", "The run says a warning"),
}
_OF_OP = {Op.DELETE: "destroys", Op.REPLACE: "replaces"}


def render(report: Report, *, folder: PurePosixPath, program: PurePosixPath) -> str:
    """The report as a SARIF document.

    Args:
        folder: the project, relative to the repository.
        program: its entry, relative to the folder: where a finding without a position of its own stands.
    """
    rules = [
        {"id": rule, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for rule, (level, text) in _RULES.items()
    ]
    driver = {"name": "FlowForge", "semanticVersion": versions.CONTRACT, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{report.project}/{report.stack}/"},
        "results": list(_results(report, folder, program)),
    }
    return codec.render_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _results(report: Report, folder: PurePosixPath, program: PurePosixPath) -> Iterator[Mapping[str, object]]:
    for change in (*report.changes, *report.drift):
        rule = "fails" if change.failure else "drift" if change.drift else _OF_OP.get(change.op)
        if rule is not None:
            yield _result(rule, change.urn, _told(change), change.position, folder, program)
    for message in report.messages:
        rule = "error" if message.severity is Severity.ERROR else "warning"
        yield _result(rule, message.urn, message.text, "", folder, program)


def _told(change: Change) -> str:
    name = f"{urns.short_type(urns.type_token(change.urn))} {urns.name(change.urn)}"
    if change.failure:
        return f"{name}: {change.failure}"
    if change.drift:
        paths = ", ".join(attribute.path for attribute in change.attributes)
        return f"{name} is gone" if change.op is Op.DELETE else f"{name} was changed by somebody else: {paths}"
    why = f", since {', '.join(change.reasons)} changes" if change.reasons else ""
    facts = f" ({'; '.join(change.facts)})" if change.facts else ""
    return f"{name}: {change.op}{why}{facts}"


def _result(
    rule: str, urn: str, text: str, position: str, folder: PurePosixPath, program: PurePosixPath
) -> Mapping[str, object]:
    file, line = split_position(position)
    artifact = {"uri": str(folder / file if file else folder / program)}
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line or 1}}
    }
    if urn:
        location["logicalLocations"] = [{"fullyQualifiedName": urn, "kind": "resource", "name": urns.name(urn)}]
    return {
        "ruleId": rule,
        "level": _RULES[rule][0],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"flowforge/v1": f"{rule}:{urn}"},
    }


def split_position(position: str) -> tuple[str, int]:
    """File and line of a source position, "" and 0 for none.

    >>> split_position("project:///infra/__main__.py#12,3")
    ('infra/__main__.py', 12)
    """
    path, _, place = position.removeprefix("project:///").partition("#")
    line = place.partition(",")[0]
    return path, int(line) if line.isdecimal() else 0
