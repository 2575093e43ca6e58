"""What a person sees of policies, to the letter, where no pack need run for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.cli.redact import Redactor
from reconciler.cli.render import board, diffview, jsonview, policies, rows, tree, views
from reconciler.cli.report import collect
from reconciler.contract.policies import Level, PackInfo, Remediation, Violation
from reconciler.deploy import events
from reconciler.deploy.options import Kind
from reconciler.model.resources import Recorded
from reconciler.model.values import Secret
from reconciler.plan import steps
from reconciler.plan.steps import Op

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
LAKE = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::lake"
LOG = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::log"
ROOT = steps.Same(*[Recorded(urn=STACK, type="pulumi:pulumi:Stack", custom=False)] * 2)
BASE = PackInfo(name="base", version="0.9.0", path="/srv/base")
RULES = PackInfo(name="rules", version="1.0.0", path="../rules")
CANARY = "c4n4ry-0f-the-mine"


def violated(
    urn=LAKE, policy="private", level=Level.ADVISORY, message="Buckets are private.\nThis one is not.", **more
):
    pack = more.pop("pack", RULES)
    fields = {"policy": policy, "pack": pack.name, "version": pack.version, "message": message, "level": level}
    return events.PolicyViolated(urn, Violation(**fields, severity=more.pop("severity", "")), **more)


def remediated(urn=LAKE, policy="tagged", **after):
    before = {"size": 1, "acl": "public", "password": Secret(CANARY)}
    made = Remediation(policy=policy, pack="rules", version="1.0.0", properties={**before, **after})
    return events.PolicyRemediated(urn, made, before)


def summary(*packs, result=events.Result.SUCCEEDED):
    return events.Summary(result=result, is_preview=True, duration_s=1, changes={Op.SAME: 3}, packs=packs)


BEGUN = (events.Prelude({}), events.StepStarted(ROOT, planning=True), events.StepDone(ROOT, ROOT.new, planning=True))


def display(**options):
    return views.Display(kind=Kind.UPDATE, preview=True, stack="dev", **options)


def shown(view, *told):
    for event in (*BEGUN, *told):
        view.emit(event)
    view.finish()


def lines(*told, **options):
    """What is printed off a terminal, after the rows."""
    printed: list[str] = []
    shown(rows.RowsView(display(**options), board.Board(Redactor(), lambda: 0.0), printed.append), *told)
    return "".join(printed)


def test_a_pack_that_found_nothing_is_named():
    printed = lines(summary(RULES, BASE))

    assert "\nPolicies:\n    ✅ base@v0.9.0 (local: /srv/base)\n    ✅ rules@v1.0.0 (local: ../rules)\n" in printed
    assert "\nResources:\n    3 unchanged\n" in printed


def test_a_pack_that_failed_has_not_passed():
    printed = lines(summary(replace(RULES, has_failed=True), BASE, result=events.Result.FAILED))

    assert "\nPolicies:\n    ✅ base@v0.9.0 (local: /srv/base)\n    ❌ rules@v1.0.0 (local: ../rules)\n" in printed


def test_violations_come_by_pack_level_policy_and_resource():
    told = (
        violated(LOG, "private"),
        violated(LAKE, "small", Level.MANDATORY, "Buckets are small.", severity="critical"),
        violated(LAKE, "private"),
        violated(STACK, "few", message="There are few buckets.", pack=BASE),
    )

    printed = lines(*told, summary(RULES, BASE, result=events.Result.FAILED))

    assert (
        printed.partition("\nPolicies:\n")[2]
        == """\
    ⚠️ base@v0.9.0 (local: /srv/base)
        - [advisory]  few  (pulumi:pulumi:Stack: shop-dev)
          There are few buckets.
    ❌ rules@v1.0.0 (local: ../rules)
        - [advisory]  private  (aws:s3/bucket:Bucket: lake)
          Buckets are private.
          This one is not.
        - [advisory]  private  (aws:s3/bucket:Bucket: log)
          Buckets are private.
          This one is not.
        - [mandatory]  [severity: critical]  small  (aws:s3/bucket:Bucket: lake)
          Buckets are small.

Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: preview failed
"""
    )
    assert "    aws:s3:Bucket lake mandatory: small (rules@v1.0.0)\n" in printed


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "        - [remediate]  named  (1 resource)\n        - [remediate]  tagged  (2 resources)\n"),
        (
            {"show_policy_remediations": True},
            """\
        - [remediate]  tagged  (aws:s3/bucket:Bucket: lake) [+tags~size]
        - [remediate]  tagged  (aws:s3/bucket:Bucket: log) [~acl]
        - [remediate]  named  (aws:s3/bucket:Bucket: log) [+name]
""",
        ),
    ],
)
def test_remediations_are_counted_or_shown_each(options, expected):
    told = (remediated(tags={"a": "b"}, size=2), remediated(LOG, acl="x"), remediated(LOG, "named", name="n"))

    printed = lines(*told, summary(RULES), **options)

    assert f"    ✅ rules@v1.0.0 (local: ../rules)\n{expected}" in printed
    assert CANARY not in printed


def test_a_difference_tells_policies_as_they_come():
    printed: list[str] = []
    view = diffview.DiffView(display(), board.Board(Redactor(), lambda: 0.0), printed.append)

    shown(view, remediated(size=2), violated(level=Level.MANDATORY), summary(RULES, result=events.Result.FAILED))

    text = "".join(printed)
    assert (
        """\
    rules@v1.0.0 [remediate]  tagged  (aws:s3/bucket:Bucket: lake)
      ~ size: 1 => 2
    rules@v1.0.0 [mandatory]  private  (aws:s3/bucket:Bucket: lake)
    Buckets are private.
    This one is not.
"""
        in text
    )
    assert text.endswith("\nResources:\n    3 unchanged\n\nPolicy Packs run:\n    Name   Version\n    rules  1.0.0\n")
    assert "Policies:" not in text


def test_the_tree_shows_what_is_violated_and_unchanged():
    rows_known = board.Board(Redactor(), lambda: 0.0)
    for event in (*BEGUN, violated(level=Level.MANDATORY)):
        rows_known.fold(event)

    assert tree.table(rows_known, display(), ended=False)[1:] == [
        "     pulumi:pulumi:Stack  shop-dev",
        "     └─ aws:s3:Bucket     lake            mandatory: private (rules@v1.0.0)",
    ]


def test_a_secret_that_a_policy_says_is_masked_wherever_it_is_shown():
    told = violated(message=f"it is {CANARY}", inputs={"password": Secret(CANARY)}, level=Level.MANDATORY)
    streamed: list[str] = []
    document: list[str] = []
    shown(jsonview.EventStream(display(), Redactor(), streamed.append), told, remediated(size=2))
    shown(jsonview.PreviewDocument(display(), Redactor(), document.append), told)

    for printed in (lines(told, summary(RULES)), "".join(streamed), "".join(document)):
        assert CANARY not in printed
        assert "it is [secret]" in printed
    assert '"before":{"acl":"public","password":{"4dabf18193072939515e22adb298388d"' in "".join(streamed)
    assert '"message": "[mandatory: private (rules@v1.0.0)] it is [secret]"' in "".join(document)


def test_a_report_has_violations_among_its_messages():
    view = collect.ReportView("shop", "dev", Kind.UPDATE, Redactor())
    told = violated(message=f"it is {CANARY}", inputs={"password": Secret(CANARY)}, level=Level.MANDATORY)

    shown(view, told, violated(LOG), summary(RULES, result=events.Result.FAILED))

    assert [(message.urn, message.severity, message.text) for message in view.report().messages] == [
        (LAKE, events.Severity.ERROR, "[mandatory: private (rules@v1.0.0)] it is [secret]"),
        (LOG, events.Severity.WARNING, "[advisory: private (rules@v1.0.0)] Buckets are private.\nThis one is not."),
    ]


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (events.PolicyCall.ANALYZE, "policyAnalyzeSummaryEvent"),
        (events.PolicyCall.REMEDIATE, "policyRemediateSummaryEvent"),
        (events.PolicyCall.ANALYZE_STACK, "policyAnalyzeStackSummaryEvent"),
    ],
)
def test_what_came_of_a_call_is_an_engine_event(call, key):
    urn = "" if call is events.PolicyCall.ANALYZE_STACK else LAKE

    body = policies.event_body(events.PoliciesSummarized(call, "rules", "1.0.0", ("a",), (), urn), Redactor())

    about = {"resourceUrn": LAKE} if urn else {}
    version = {"policyPackVersion": "1.0.0", "policyPackVersionTag": "1.0.0"}
    assert body == {key: {**about, "policyPackName": "rules", **version, "passed": ["a"]}}


def test_a_long_folder_is_named_by_its_ends():
    deep = PackInfo(name="rules", version="1", path="/home/somebody/" + "very-deep/" * 8 + "policies/rules")

    assert policies.packs_field([deep]) == {"rules|local|/home/.../policies/rules": "1"}
