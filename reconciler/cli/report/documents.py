"""Reports as JSON, and back: what one job writes and another one comments with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from reconciler import errors
from reconciler.cli.report.model import Attribute, Change, Message, Report
from reconciler.deploy.events import Result, Severity
from reconciler.deploy.options import Kind
from reconciler.model import codec
from reconciler.plan.steps import Op
from reconciler.state import json_fields

VERSION: Final = 1


def render(report: Report) -> str:
    """The report as a JSON document; `verdict` and `counts` stand there for readers of other languages."""
    head: dict[str, object] = {
        "version": VERSION,
        "verdict": report.verdict.value,
        "counts": {op.value: many for op, many in report.counts.items()},
    }
    return codec.render_json(head | dataclasses.asdict(report), indent=2) + "\n"


def parse(text: str | bytes) -> Report:
    """The report in a JSON document.

    Raises:
        ReportFormatError: it is none, or a newer version's.
    """
    try:
        data = codec.parse_json(text)
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise errors.ReportFormatError(f"it is no report of version {VERSION}")
        return Report(
            project=json_fields.string(data, "project"),
            stack=json_fields.string(data, "stack"),
            kind=Kind(json_fields.string(data, "kind")),
            is_preview=json_fields.flag(data, "is_preview"),
            result=Result(json_fields.string(data, "result")),
            changes=tuple(map(_change, _objects(data, "changes"))),
            drift=tuple(map(_change, _objects(data, "drift"))),
            messages=tuple(map(_message, _objects(data, "messages"))),
            unchanged=int(_number(data, "unchanged")),
            duration_s=_number(data, "duration_s"),
            plan_hash=json_fields.string(data, "plan_hash"),
            commit=json_fields.string(data, "commit"),
            expected_s=_number(data, "expected_s"),
        )
    except (errors.CheckpointFormatError, ValueError) as error:
        raise errors.ReportFormatError(getattr(error, "detail", "") or str(error)) from error


def _objects(data: Mapping[str, object], key: str) -> tuple[Mapping[str, object], ...]:
    items = json_fields.array(data, key)
    if not all(isinstance(item, dict) for item in items):
        raise errors.CheckpointFormatError(f"{key!r} holds something else than objects")
    return tuple(item for item in items if isinstance(item, dict))


def _number(data: Mapping[str, object], key: str) -> float:
    value = data.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise errors.CheckpointFormatError(f"{key!r} is not a number")
    return value


def _change(data: Mapping[str, object]) -> Change:
    return Change(
        urn=json_fields.string(data, "urn"),
        op=Op(json_fields.string(data, "op")),
        id=json_fields.string(data, "id"),
        attributes=tuple(map(_attribute, _objects(data, "attributes"))),
        reasons=json_fields.strings(data, "reasons"),
        facts=json_fields.strings(data, "facts"),
        protected=json_fields.flag(data, "protected"),
        drift=json_fields.flag(data, "drift"),
        failure=json_fields.string(data, "failure"),
        position=json_fields.string(data, "position"),
    )


def _attribute(data: Mapping[str, object]) -> Attribute:
    return Attribute(
        path=json_fields.string(data, "path"),
        before=json_fields.string(data, "before"),
        after=json_fields.string(data, "after"),
        forces=json_fields.flag(data, "forces"),
    )


def _message(data: Mapping[str, object]) -> Message:
    return Message(
        urn=json_fields.string(data, "urn"),
        severity=Severity(json_fields.string(data, "severity")),
        text=json_fields.string(data, "text"),
    )
