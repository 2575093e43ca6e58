"""Reports to render."""

from __future__ import annotations

from reconciler.cli.report.model import Attribute, Change, Message, Report
from reconciler.deploy.events import Result, Severity
from reconciler.deploy.options import Kind
from reconciler.plan.steps import Op


def urn(name, type_="snowflake:index/table:Table"):
    return f"urn:pulumi:dev::shop::{type_}::{name}"


def change(name, op=Op.UPDATE, **fields):
    given = {"attributes": (Attribute(path="comment", before='"old"', after='"new"'),)} if op is Op.UPDATE else {}
    return Change(urn=fields.pop("urn", urn(name)), op=op, **(given | fields))


def report(*changes, **fields):
    given = {"project": "shop", "stack": "dev", "kind": Kind.UPDATE, "is_preview": True, "result": Result.SUCCEEDED}
    return Report(**(given | fields), changes=changes)


DEAR = report(
    change("trips", Op.DELETE, id="RAW.TRIPS", protected=True),
    change(
        "orders",
        Op.REPLACE,
        attributes=(Attribute(path="columns[1].type", before='"NUMBER"', after='"VARCHAR"', forces=True),),
        reasons=("columns",),
        facts=("1,204 rows are lost", "3 grants are lost"),
    ),
    change("etl", attributes=(Attribute(path="size", before='"XSMALL"', after='"LARGE"'),)),
    change("raw", Op.CREATE, attributes=(Attribute(path="name", after='"RAW"'),)),
    unchanged=81,
    commit="0123456789abcdef",
    plan_hash="sha256:" + "a" * 64,
    messages=(Message(urn=urn("etl"), severity=Severity.WARNING, text="size LARGE costs 8 credits an hour"),),
    drift=tuple(
        Change(
            urn=urn(name, "snowflake:index/warehouse:Warehouse"),
            op=Op.UPDATE,
            drift=True,
            attributes=(Attribute(path="autoSuspend", before="60", after="600"),),
        )
        for name in ("load", "report")
    ),
)
