"""What a person sees of a run, to the letter: plain lines, tree, differences, closing sections."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from reconciler import errors
from reconciler.cli.redact import Redactor
from reconciler.cli.render import board, colours, diffview, jsonview, rows, tree, views, words
from reconciler.contract import protocol
from reconciler.deploy import events
from reconciler.deploy.options import Kind
from reconciler.model.resources import Recorded
from reconciler.model.values import UNKNOWN, Asset, Secret
from reconciler.plan import steps
from reconciler.plan.steps import Op

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
WAREHOUSE = "snowflake:index/warehouse:Warehouse"
CANARY = "c4n4ry-0f-the-mine"


def recorded(name="etl", token=WAREHOUSE, **fields):
    defaults = {"parent": STACK, "custom": True, "provider": f"{PROVIDER}::1"}
    return Recorded(urn=f"urn:pulumi:dev::shop::{token}::{name}", type=token, **(defaults | fields))


PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:snowflake::default_2_22_0"
ROOT = Recorded(urn=STACK, type="pulumi:pulumi:Stack", custom=False)


def diff(**kinds):
    detailed = {
        path.replace("__", "."): protocol.PropertyDiff(kind=protocol.DiffKind(kind), input_diff=True)
        for path, kind in kinds.items()
    }
    replaces = tuple(path for path, kind in kinds.items() if kind.endswith("-replace"))
    return protocol.Diff(changes=protocol.Changes.SOME, replaces=replaces, detailed=detailed)


SAME_ROOT = steps.Same(ROOT, ROOT)
CREATE = steps.Create(
    recorded(
        "raw",
        "snowflake:index/database:Database",
        inputs={
            "name": "RAW",
            "owner": UNKNOWN,
            "password": Secret(CANARY),
            "retention": 1,
            "tags": {"tier": "bronze"},
        },
    )
)
UPDATE = steps.Update(
    recorded(inputs={"name": "ETL", "warehouseSize": "XSMALL", "tags": {"a": "1", "b": "2"}}, id="ETL"),
    recorded(inputs={"name": "ETL", "warehouseSize": "LARGE", "comment": "x", "tags": {"a": "1", "b": "3"}}),
    diff(warehouseSize="update", comment="add", tags__b="update"),
)
_CHANGE = protocol.PropertyDiff(kind=protocol.DiffKind.UPDATE)
ODD = replace(UPDATE, change=protocol.Diff(detailed=dict.fromkeys(('["a.b"]', "we[ird", 'c["d.e"]'), _CHANGE)))
_OLD, _NEW = recorded("n", inputs={"name": "A"}, id="A"), recorded("n", inputs={"name": "B"})
_RENAMED = diff(name="update-replace")
REPLACE = (
    steps.CreateReplacement(_OLD, _NEW, _RENAMED),
    steps.Replace(_OLD, _NEW, _RENAMED),
    steps.DeleteReplaced(_OLD, change=_RENAMED),
)
DELETE = steps.Delete(recorded("gone", inputs={"name": "Z"}, id="Z"))


def run(*chosen, planning=False, result=events.Result.SUCCEEDED, changes=None, took_s=0.5, **summary):
    """The events of a run of these steps, each begun and ended."""
    happened = []
    for one in chosen:
        if isinstance(one, (events.Diagnostic, events.StepFailed, events.StepStarted)):
            happened.append(one)
            continue
        happened += [events.StepStarted(one, planning), events.StepDone(one, one.new, planning, took_s)]
    counted = {op: n for op in Op if (n := sum(getattr(one, "op", None) is op and op.is_logical for one in chosen))}
    end = events.Summary(
        result=result, is_preview=planning, duration_s=2.2, changes=counted if changes is None else changes, **summary
    )
    return [*happened, end]


def screen(view, happened, *, preview=False, kind=Kind.UPDATE, root="", **display):
    """What a view prints for these events."""
    text = io.StringIO()
    shown = views.Display(kind=kind, preview=preview, stack="dev", **display)
    if view is jsonview.PreviewDocument:
        its = view(shown, Redactor(), text.write)
    elif view is jsonview.EventStream:
        its = view(shown, Redactor(), text.write, clock=lambda: 1.0)
    else:
        progress = board.Board(Redactor(), lambda: 0.0, root)
        its = view(shown, progress, text.write, *([io.StringIO()] if view is tree.TreeView else []))
    for event in happened:
        its.emit(event)
    its.finish()
    if view is jsonview.EventStream:
        its.close()
    return text.getvalue()


def test_off_a_terminal_each_step_prints_one_line_when_it_begins_and_one_when_it_ends():
    shown = screen(rows.RowsView, run(SAME_ROOT, UPDATE, CREATE, *REPLACE, DELETE, outputs={"url": "x"}))

    assert (
        shown
        == """\
Updating (dev):

@ updating....
    pulumi:pulumi:Stack shop-dev
 ~  snowflake:index:Warehouse etl updating (0s) [diff: +comment~tags,warehouseSize]
 ~  snowflake:index:Warehouse etl updated (0.50s) [diff: +comment~tags,warehouseSize]
 +  snowflake:index:Database raw creating (0s)
 +  snowflake:index:Database raw created (0.50s)
 ++ snowflake:index:Warehouse n creating replacement (0s) [diff: ~name]
 ++ snowflake:index:Warehouse n created replacement (0.50s) [diff: ~name]
 +- snowflake:index:Warehouse n replacing (0s) [diff: ~name]
 +- snowflake:index:Warehouse n replaced (0.50s) [diff: ~name]
 -- snowflake:index:Warehouse n deleting original (0s) [diff: ~name]
 -- snowflake:index:Warehouse n deleted original (0.50s) [diff: ~name]
 -  snowflake:index:Warehouse gone deleting (0s)
 -  snowflake:index:Warehouse gone deleted (0.50s)

Outputs:
  + url: "x"

Resources:
    + 1 created
    ~ 1 updated
    - 1 deleted
    +-1 replaced
    4 changes. 1 unchanged

Duration: 3s
"""
    )


def test_a_preview_off_a_terminal_says_each_step_once():
    shown = screen(rows.RowsView, run(SAME_ROOT, UPDATE, planning=True), preview=True, suppress_progress=True)

    assert (
        shown
        == """\
Previewing update (dev):

    pulumi:pulumi:Stack shop-dev
 ~  snowflake:index:Warehouse etl update [diff: +comment~tags,warehouseSize]

Resources:
    ~ 1 to update
    1 unchanged
"""
    )


def test_the_final_tree_has_parents_above_children_and_replacements_as_one():
    component = recorded("lake", "shop:index:Lake", custom=False)
    child = recorded("bucket", "aws:s3/bucket:Bucket", parent=component.urn)

    shown = screen(
        tree.TreeView,
        run(
            SAME_ROOT,
            steps.Same(component, component),
            steps.Create(child),
            *REPLACE,
            DELETE,
            steps.Same(recorded("still"), recorded("still")),
        ),
        suppress_progress=True,
    )

    assert (
        shown
        == """\
Updating (dev):
     Type                          Name      Status            Info
     pulumi:pulumi:Stack           shop-dev
     ├─ shop:index:Lake            lake
 +   │  └─ aws:s3:Bucket           bucket    created (0.50s)
 +-  ├─ snowflake:index:Warehouse  n         replaced (0.50s)  [diff: ~name]
 -   └─ snowflake:index:Warehouse  gone      deleted (0.50s)

Resources:
    + 1 created
    - 1 deleted
    +-1 replaced
    3 changes. 3 unchanged

Duration: 3s
"""
    )


def test_what_two_streams_said_by_turns_stands_together():
    said = [events.Diagnostic(f"{stream}, {part}", stream=stream) for part in ("begun", "done") for stream in (2, 1)]

    shown = screen(rows.RowsView, said, root=STACK)

    assert "    1, begun\n    1, done\n    2, begun\n    2, done\n" in shown
    assert jsonview.event_body(said[0], Redactor()) == {
        "diagnosticEvent": {"message": "2, begun\n", "color": "never", "severity": "info", "streamID": 2}
    }


def test_off_a_terminal_what_was_said_is_said_once_and_not_again_beside_later_steps():
    said = [events.Diagnostic("one"), events.Diagnostic("two"), events.Diagnostic("at it", ephemeral=True)]

    shown = screen(rows.RowsView, [*said, *run(steps.Create(ROOT), events.Diagnostic("three"))], root=STACK)

    assert (
        shown.partition("\nDiagnostics:")[0]
        == """\
Updating (dev):

@ updating....
    pulumi:pulumi:Stack shop-dev one
    pulumi:pulumi:Stack shop-dev two
    pulumi:pulumi:Stack shop-dev at it
 +  pulumi:pulumi:Stack shop-dev creating (0s)
 +  pulumi:pulumi:Stack shop-dev created (0.50s)
 +  pulumi:pulumi:Stack shop-dev created (0.50s) three
"""
    )


@pytest.mark.parametrize("root", [STACK, ""])
def test_a_run_that_ends_before_its_stack_is_seen_names_the_stack_if_it_can(root):
    shown = screen(rows.RowsView, run(result=events.Result.FAILED), root=root)

    assert f"\n  pulumi:pulumi:Stack{' (shop-dev)' if root else ''}:\n    error: update failed\n" in shown


def test_differences_show_each_changed_property_with_its_sign():
    shown = screen(diffview.DiffView, run(SAME_ROOT, UPDATE, CREATE, *REPLACE, DELETE, planning=True), preview=True)

    assert (
        shown.partition("\nResources:")[0]
        == """\
Previewing update (dev):
  pulumi:pulumi:Stack: (same)
    [urn=urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev]
    ~ snowflake:index:Warehouse: (update)
        [id=ETL]
        [urn=urn:pulumi:dev::shop::snowflake:index/warehouse:Warehouse::etl]
      + comment      : "x"
      ~ tags         : {
          ~ b: "2" => "3"
        }
      ~ warehouseSize: "XSMALL" => "LARGE"
    + snowflake:index:Database: (create)
        [urn=urn:pulumi:dev::shop::snowflake:index/database:Database::raw]
        name     : "RAW"
        owner    : [unknown]
        password : [secret]
        retention: 1
        tags     : {
            tier: "bronze"
        }
    +-snowflake:index:Warehouse: (replace)
        [id=A]
        [urn=urn:pulumi:dev::shop::snowflake:index/warehouse:Warehouse::n]
      ~ name: "A" => "B" (forces replacement)
    - snowflake:index:Warehouse: (delete)
        [id=Z]
        [urn=urn:pulumi:dev::shop::snowflake:index/warehouse:Warehouse::gone]
"""
    )


def test_what_changes_is_named_though_the_provider_does_not_name_it():
    old, new = recorded(inputs={"a": 1, "b": 1, "__provider": "x"}, id="i"), recorded(inputs={"b": 2, "c": Secret("3")})
    silent = protocol.Diff(changes=protocol.Changes.SOME)

    assert words.diff_summary(steps.Update(old, new, silent)) == "[diff: +c-a~b]"
    assert words.diff_summary(steps.Same(old, new)) == ""


def _changed(old, new, **look):
    from reconciler.cli.render import values

    return "\n".join(values.changed_map({"x": old}, {"x": new}, depth=1, look=values.Look(**look)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(Secret("a"), Secret("b"), "  ~ x: [secret] => [secret]", id="secrets-stay-hidden"),
        pytest.param(
            {"p": Secret("a"), "q": 1},
            {"p": Secret("b"), "q": 1},
            "  ~ x: {\n      ~ p: [secret] => [secret]\n    }",
            id="also-inside-a-map",
        ),
        pytest.param("a", UNKNOWN, '  ~ x: "a" => [unknown]', id="not-known-yet"),
        pytest.param((1, 2), (1, 3, 4), "  ~ x: [\n      ~ [1]: 2 => 3\n      + [2]: 4\n    ]", id="items-by-index"),
        pytest.param('{"a": 1}', '{"a": 2}', "  ~ x: (json) {\n      ~ a: 1 => 2\n    }", id="json-text-is-read"),
        pytest.param(
            "a\nb\nc", "a\nB\nc", "  ~ x:\n        a\n      - b\n      + B\n        c", id="long-text-by-line"
        ),
        pytest.param(True, None, "  - x: true", id="gone"),
        pytest.param({"a": 1}, "a", '  ~ x: {a: 1} => "a"', id="another-shape"),
        pytest.param(
            Asset(hash="a" * 64, text="x"),
            Asset(hash="b" * 64, path="f"),
            "  ~ x: asset(text:aaaaaaa) => asset(file:bbbbbbb)",
            id="assets-by-hash",
        ),
        pytest.param('"A"."B"', "a\\b", r'  ~ x: "\"A\".\"B\"" => "a\\b"', id="quotes-in-a-text-are-not-its-end"),
        pytest.param("\x1b[31mred", "plain", '  ~ x: "red" => "plain"', id="control-codes-do-not-pass"),
    ],
)
def test_a_change_of_a_value_is_written(old, new, expected):
    assert _changed(old, new) == expected


def test_a_number_that_is_none_is_as_it_was():
    assert _changed({"a": float("nan")}, {"a": float("nan")}) == ""


def test_long_values_are_cut_unless_asked_for_in_full():
    assert _changed("a", "b" * 200) == f'  ~ x: "a" => "{"b" * 150}..."'
    assert _changed("a", "b" * 200, full=True) == f'  ~ x: "a" => "{"b" * 200}"'


def test_secrets_are_shown_only_when_asked_for():
    assert _changed("a", Secret("b"), show_secrets=True) == '  ~ x: "a" => "b"'


def test_a_drifted_property_shows_what_was_recorded_against_what_is_live():
    before = recorded(inputs={"size": "S"}, outputs={"size": "S"}, id="ETL")
    after = recorded(inputs={"size": "S"}, outputs={"size": "L"}, id="ETL")
    step = steps.Refresh(before, after, diff(size="update"), Op.UPDATE)

    shown = screen(diffview.DiffView, run(SAME_ROOT, step, changes={Op.UPDATE: 1}), kind=Kind.REFRESH)

    assert "    ~ snowflake:index:Warehouse: (update)\n" in shown
    assert '      ~ size: "S" => "L"\n' in shown


@pytest.mark.parametrize(
    ("kind", "preview", "expected"),
    [
        (Kind.UPDATE, False, "No changes: every resource is as the program declares it, nothing changed.\n"),
        (Kind.UPDATE, True, "No changes: every resource is as the program declares it, nothing would change.\n"),
        (Kind.REFRESH, False, "No changes: the state already says what is live.\n"),
    ],
)
def test_a_run_that_changes_nothing_says_so(kind, preview, expected):
    shown = screen(rows.RowsView, run(SAME_ROOT, planning=preview, changes={Op.SAME: 7}), kind=kind, preview=preview)

    assert "    7 unchanged\n\n" + expected in shown


def test_a_failed_run_lists_what_was_said_by_resource_and_counts_the_errored():
    failing = recorded("bad")
    shown = screen(
        rows.RowsView,
        run(
            SAME_ROOT,
            events.Diagnostic("hello\nfrom the program"),
            events.StepStarted(steps.Create(failing), False),
            events.StepFailed(steps.Create(failing), errors.PermanentError("no"), False, 0.1),
            events.Diagnostic("The service refused: no", events.Severity.ERROR, failing.urn),
            result=events.Result.FAILED,
        ),
        suppress_progress=True,
    )

    assert (
        shown
        == """\
Updating (dev):

    pulumi:pulumi:Stack shop-dev
    pulumi:pulumi:Stack shop-dev hello
 +  snowflake:index:Warehouse bad creating (0s)
 +  snowflake:index:Warehouse bad **creating failed**
 +  snowflake:index:Warehouse bad **creating failed** error: The service refused: no

Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    hello
    from the program
    error: update failed

  snowflake:index:Warehouse (bad):
    error: The service refused: no

Resources:
    1 unchanged
    1 errored

Duration: 3s
"""
    )


def test_a_step_cut_off_is_shown_as_interrupted():
    shown = screen(
        tree.TreeView,
        run(SAME_ROOT, events.StepStarted(CREATE, False), result=events.Result.CANCELED),
        suppress_progress=True,
    )

    assert "creating (interrupted)" in shown
    assert "update was cancelled; what was done is saved" in shown


def test_a_tree_taller_than_the_screen_keeps_what_is_under_way():
    progress = board.Board(Redactor(), lambda: 0.0)
    for number in range(50):
        step = steps.Create(recorded(f"w{number}"))
        progress.fold(events.StepStarted(step, False))
        if number != 40:
            progress.fold(events.StepDone(step, step.new, False, 1))

    lines = tree.table(progress, views.Display(kind=Kind.UPDATE, preview=False, stack="dev"), ended=False, most=5)

    assert len(lines) < 8
    assert any("w40" in line for line in lines)
    assert lines[-1].strip() == "... and 49 more"


def test_no_control_code_appears_without_colours():
    noisy = events.Diagnostic("\x1b[31mred\x1b[0m \x07")
    for view in (rows.RowsView, diffview.DiffView, tree.TreeView):
        assert "\x1b" not in screen(view, run(SAME_ROOT, noisy, UPDATE, CREATE), suppress_progress=True)


def test_raw_colours_are_upstreams_markup():
    shown = screen(rows.RowsView, run(SAME_ROOT, CREATE), painter=colours.Painter(colours.Mode.RAW))

    assert "<{%fg 2%}>+ <{%reset%}> snowflake:index:Database raw <{%fg 2%}>created (0.50s)<{%reset%}>" in shown


def test_internal_steps_are_not_shown():
    provider = Recorded(urn=PROVIDER, type="pulumi:providers:snowflake", custom=True, parent="")
    hidden = events.StepStarted(steps.Create(provider), False, internal=True)

    assert "pulumi:providers" not in screen(rows.RowsView, [hidden, *run(SAME_ROOT)])


def test_a_secret_appears_in_no_view_by_value_either():
    leaks = events.Diagnostic(f"connecting with {CANARY} failed", events.Severity.ERROR, CREATE.urn)
    happened = run(SAME_ROOT, CREATE, leaks, result=events.Result.FAILED, outputs={"key": Secret(CANARY)})

    for view in (rows.RowsView, diffview.DiffView, tree.TreeView, jsonview.PreviewDocument, jsonview.EventStream):
        shown = screen(view, happened, **({"suppress_progress": True} if view is tree.TreeView else {}))
        assert "failed" in shown
        assert CANARY not in shown, view


def test_a_preview_in_json_is_one_document():
    document = json.loads(
        screen(
            jsonview.PreviewDocument,
            [events.Prelude({"shop:size": "L"}), *run(SAME_ROOT, UPDATE, *REPLACE, planning=True)],
            preview=True,
        )
    )

    assert document["config"] == {"shop:size": "L"}
    assert [step["op"] for step in document["steps"]] == ["same", "update", "replace"]
    assert document["steps"][1]["detailedDiff"]["tags.b"] == {"kind": "update", "inputDiff": True}
    assert document["steps"][1]["newState"]["inputs"]["warehouseSize"] == "LARGE"
    assert document["steps"][2]["replaceReasons"] == ["name"]
    assert document["steps"][0]["detailedDiff"] is None
    assert document["changeSummary"] == {"same": 1, "update": 1, "replace": 1}
    assert document["duration"] == 2_200_000_000


def test_paths_of_any_form_are_shown():
    happened = run(SAME_ROOT, ODD, planning=True)

    assert "warehouseSize" in screen(diffview.DiffView, happened, preview=True)
    for view in (rows.RowsView, jsonview.PreviewDocument, jsonview.EventStream):
        assert "we[ird" in screen(view, happened, preview=True), view


def test_states_in_a_preview_in_json_are_those_of_the_state_file():
    before = replace(UPDATE.prior, taint=True, import_id="i", ignore_changes=("a",), replacement_trigger=Secret(CANARY))
    happened = run(SAME_ROOT, replace(UPDATE, prior=before), planning=True)

    document = json.loads(screen(jsonview.PreviewDocument, happened, preview=True))

    state = document["steps"][1]["oldState"]
    assert {key: state[key] for key in ("taint", "importID", "ignoreChanges", "replacementTrigger")} == {
        "taint": True,
        "importID": "i",
        "ignoreChanges": ["a"],
        "replacementTrigger": "[secret]",
    }


def test_engine_events_are_read_by_the_public_sdk():
    from pulumi.automation import events as sdk

    happened = [
        events.Prelude({"a:b": "c"}),
        *run(SAME_ROOT, UPDATE, CREATE, *REPLACE, DELETE, events.Diagnostic("hi", events.Severity.WARNING, STACK)),
    ]
    lines = [json.loads(line) for line in screen(jsonview.EventStream, happened).splitlines()]

    read = [sdk.EngineEvent.from_json(line) for line in lines]

    assert [event.sequence for event in read] == list(range(len(read)))
    assert read[0].prelude_event.config == {"a:b": "c"}
    ops = [event.resource_pre_event.metadata.op.value for event in read if event.resource_pre_event]
    assert ops == ["same", "update", "create", "create-replacement", "replace", "delete-replaced", "delete"]
    assert [event.diagnostic_event.message for event in read if event.diagnostic_event] == ["hi\n"]
    assert read[-2].summary_event.resource_changes == {"same": 1, "update": 1, "create": 1, "replace": 1, "delete": 1}
    assert read[-1].cancel_event is not None


def test_an_engine_event_of_a_step_without_a_difference_has_none():
    lines = [json.loads(line) for line in screen(jsonview.EventStream, run(SAME_ROOT, UPDATE, DELETE)).splitlines()]

    same, update, delete = (line["resourcePreEvent"]["metadata"] for line in lines if "resourcePreEvent" in line)

    assert update["detailedDiff"]
    assert update["diffs"]
    for metadata in (same, delete):
        assert metadata["detailedDiff"] is None
        assert not {"keys", "diffs"} & metadata.keys()


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        pytest.param(UPDATE, "[diff: +comment~tags,warehouseSize]", id="inside-a-map-is-a-change-of-it"),
        pytest.param(REPLACE[1], "[diff: ~name]", id="reason-of-a-replacement"),
        pytest.param(CREATE, "", id="nothing-before"),
        pytest.param(ODD, "[diff: ~a.b,c,we[ird]", id="paths-of-any-form"),
    ],
)
def test_the_info_column_names_what_changes(step, expected):
    assert words.diff_summary(step) == expected
