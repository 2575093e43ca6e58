"""What a run does with what policies say: real packs, real processes, the real engine."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PACKS, children, message_of, violations  # the folder is put on the path above

from reconciler.contract.policies import Level
from reconciler.deploy import events
from reconciler.model.values import Secret

pytestmark = pytest.mark.slow

EVERYTHING = """
    a = Thing("a", size=1)
    big = Thing("big", size=500, opts=Options(depends_on=[a]))
    Thing("reader", source=a.id)
    Thing("tag1", tags={"stage": "dev"}, password=pulumi.Output.secret("hush"))
    Thing("tag2", tags={"owner": "me"}, opts=Options(depends_on=[big]))
    Thing("x1")
"""


def test_a_preview_tells_every_violation_and_goes_on(stack):
    ran = stack.preview(EVERYTHING)

    assert ran.summary.result is events.Result.FAILED
    assert ran.errors == []
    assert sorted(violations(ran)) == [
        "advisory named: x1",
        "advisory providers: default",
        "advisory reading: reader",
        "mandatory small: big",
    ]
    assert "can't run policy 'reading' from policy pack 'guard@v0.0.1' during preview" in next(
        event.violation.message
        for event in ran.events
        if isinstance(event, events.PolicyViolated) and event.violation.policy == "reading"
    )
    assert {"create big", "create tag2", "create x1"} <= set(ran.ops)
    (pack,) = ran.summary.packs
    assert (pack.name, pack.version, pack.path) == ("guard", "1.2.3", "guard")
    (small,) = (event.violation for event in ran.events if _violates(event, "small"))
    assert (small.severity, small.version, small.message) == (
        "high",
        "1.2.3",
        "Things are small.\n500 is more than 100",
    )
    calls = {event.call for event in ran.events if isinstance(event, events.PoliciesSummarized)}
    assert calls == set(events.PolicyCall)
    of_big = next(
        event
        for event in ran.events
        if isinstance(event, events.PoliciesSummarized)
        and event.urn.endswith("::big")
        and event.call is events.PolicyCall.ANALYZE
    )
    assert of_big.failed == ("small",)
    assert of_big.passed == ("breaks", "named", "providers", "reading", "sees")


def test_an_update_remediates_and_policies_see_what_there_is(stack):
    stack.config = {"proj:place": "here"}
    stack.tags = {"team": "data"}
    program = """
        group = Group("group")
        seen = Thing("seen", size=2, tags={"a": "b"}, password=pulumi.Output.secret("hush"), opts=Options(
            parent=group, protect=True, ignore_changes=["zone"], aliases=[pulumi.Alias(name="before")],
            custom_timeouts=pulumi.CustomTimeouts(create="5m"), delete_before_replace=False,
            additional_secret_outputs=["echo"]))
        first = Thing("tag1", tags={"stage": "dev"}, password=pulumi.Output.secret("hush"), zone="x")
        Thing("last", source=first.id, opts=Options(parent=group, depends_on=[seen]))
        Thing("tag2", tags={"stage": "dev"})
    """
    stack.folders = (PACKS / "guard", PACKS / "second")

    ran = stack.up(program)

    assert ran.summary.result is events.Result.SUCCEEDED, ran.errors
    assert ran.recorded("tag1").inputs["tags"] == {"stage": "dev", "owner": "team"}
    assert ran.recorded("tag1").inputs["password"] == Secret("hush")
    assert next(item for item in stack.service.objects.values() if item.get("zone") == "x")["tags"]["owner"] == "team"
    (made, *_) = (event for event in ran.events if isinstance(event, events.PolicyRemediated))
    assert made.before["tags"] == {"stage": "dev"}
    # The second pack looks at what the first one made.
    assert message_of(ran, "owned") == "owner is team"
    assert [pack.version for pack in ran.summary.packs] == ["1.2.3", "0.0.1"]
    seen = json.loads(message_of(ran, "sees"))
    group = "urn:pulumi:dev::proj::test:index:Group::group"
    assert seen == {
        "type": "test:index:Thing",
        "name": "seen",
        "urn": "urn:pulumi:dev::proj::test:index:Group$test:index:Thing::seen",
        "props": {"size": 2, "tags": {"a": "b"}, "password": "hush"},
        "parent": group,
        "protect": True,
        "ignore": ["zone"],
        "aliases": ["urn:pulumi:dev::proj::test:index:Group$test:index:Thing::before"],
        "timeout": 300,
        "delete_before_replace": False,
        "secret_outputs": ["echo"],
        "provider": ["pulumi:providers:test", "default", {}],
        "tags": {"team": "data"},
        "stack": ["organization", "proj", "dev"],
        "preview": False,
        "config": "here",
        "folder": "guard",
    }
    of_stack = json.loads(message_of(ran, "few"))
    assert of_stack.pop("serial") >= 2
    assert of_stack == {
        "parent": "group",
        "dependencies": ["seen", "tag1"],
        "of source": ["tag1"],
        "types": ["pulumi:providers:test", "pulumi:pulumi:Stack", "test:index:Group", "test:index:Thing"],
    }

    stack.folders = (PACKS / "guard",)
    ran = stack.up(program.replace('zone="x"', 'zone="y"'))

    # A replacement is checked anew, and remediated anew; it is told once.
    assert {"replace tag1", "create-replacement tag1"} <= set(ran.ops)
    assert not {"update tag2", "update seen"} & set(ran.ops)
    assert ran.recorded("tag1").inputs["tags"] == {"stage": "dev", "owner": "team"}
    told = [event.urn for event in ran.events if isinstance(event, events.PolicyRemediated)]
    assert len(told) == 2


def test_a_mandatory_violation_stops_its_resource_and_the_update(stack):
    ran = stack.up(EVERYTHING)

    assert ran.summary.result is events.Result.FAILED
    assert ran.errors == []
    assert "create a" in ran.ops
    assert "create big" not in ran.ops
    assert "begin create big" not in ran.story
    assert "mandatory small: big" in violations(ran)
    assert not any(
        isinstance(event, events.PoliciesSummarized) and event.call is events.PolicyCall.ANALYZE_STACK
        for event in ran.events
    )
    assert all(item.get("size") != 500 for item in stack.service.objects.values())


def test_a_mandatory_violation_of_the_stack_fails_the_update_that_is_done(stack, tmp_path):
    levels = tmp_path / "levels.json"
    levels.write_text('{"small": {"limit": 3}, "named": "mandatory"}')
    stack.configs = (levels,)

    ran = stack.up('for name in ("many1", "many2"): Thing(name, size=3)')

    assert ran.summary.result is events.Result.FAILED
    assert sorted(ran.ops) == ["create many1", "create many2"]
    assert violations(ran) == ["advisory providers: default", "mandatory very-few: proj-dev"]
    (violated,) = (event for event in ran.events if _violates(event, "very-few"))
    assert violated.violation.level is Level.MANDATORY
    assert [policy.level for policy in ran.summary.packs[0].policies if policy.name == "named"] == [Level.MANDATORY]

    ran = stack.up('Thing("many1", size=4)')

    assert "mandatory small: many1" in violations(ran)
    assert message_of(ran, "small") == "4 is more than 3"


def test_a_pack_that_dies_or_raises_is_one_error_and_its_resource_is_not_made(stack):
    raises, dies = stack.up('Thing("raises")'), stack.up('Thing("dies")')

    assert raises.summary.result is dies.summary.result is events.Result.FAILED
    assert raises.ops == dies.ops == []
    assert stack.service.objects == {}
    (raised,), (died,) = raises.errors, dies.errors
    assert "policy pack 'guard': Analyze failed: Exception calling application: a policy with a bug" in raised
    assert "policy pack 'guard': in the middle of the run, it exited with 3; its last output:" in died
    assert "the pack's last words" in died
    assert [pack.has_failed for ran in (raises, dies) for pack in ran.summary.packs] == [True, True]


def test_a_policy_that_exits_is_a_pack_that_died(stack):
    ran = stack.up('Thing("exits")')

    (error,) = ran.errors
    assert "policy pack 'guard': in the middle of the run, it exited with 4; its last output:" in error
    assert stack.service.objects == {}


def test_a_remediation_to_what_is_not_known_is_the_packs_error(stack):
    ran = stack.up('Thing("tag nobody knows")')

    (error,) = ran.errors
    assert "policy pack 'guard': its policy 'tagged' remediated to values that are not known: tags" in error
    assert [pack.has_failed for pack in ran.summary.packs] == [True]
    assert stack.service.objects == {}


def test_a_run_that_is_told_to_stop_does_not_wait_for_a_policy(stack):
    threading.Timer(2.5, stack.stop.set).start()

    ran = stack.up('Thing("hangs")')

    assert ran.summary.result is events.Result.CANCELED
    assert ran.errors == []
    assert stack.service.objects == {}
    assert children() == []


def _violates(event: events.Event, policy: str) -> bool:
    return isinstance(event, events.PolicyViolated) and event.violation.policy == policy
