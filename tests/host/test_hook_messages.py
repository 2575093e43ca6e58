"""What hooks are told, on the wire."""

from __future__ import annotations

from pulumi.runtime.proto import resource_pb2

from reconciler.host.hook_messages import error_request, hook_request, read_binding, write_binding
from reconciler.model.resources import Recorded
from reconciler.model.values import Secret
from reconciler.plan.hooks import Moment, Occasion

OLD = Recorded(
    urn="urn:pulumi:dev::proj::test:index:Thing::a",
    type="test:index:Thing",
    custom=True,
    id="id-1",
    inputs={"size": 1},
    outputs={"serial": 1, "password": Secret("x")},
    protect=True,
    dependencies=("urn:pulumi:dev::proj::test:index:Thing::b",),
    custom_timeouts={"create": 300.0},
    import_id="id-1",
    resource_hooks={"BeforeUpdate": ("h",), "OnError": ("e",)},
)
NEW = Recorded(urn=OLD.urn, type=OLD.type, custom=True, id="id-1", inputs={"size": 2}, outputs={"serial": 3})


def occasion(moment: Moment) -> Occasion:
    return Occasion(moment=moment, operation="update", old=OLD, new=NEW, errors=("second", "first"))


def test_a_binding_survives_the_way_there_and_back():
    hooks = {moment.value: (f"{moment.name}-1", f"{moment.name}-2") for moment in Moment}

    assert read_binding(write_binding(hooks)) == hooks
    assert read_binding(resource_pb2.RegisterResourceRequest.ResourceHooksBinding()) == {}


def test_new_outputs_are_told_only_afterwards():
    before, after = hook_request(occasion(Moment.BEFORE_UPDATE)), hook_request(occasion(Moment.AFTER_UPDATE))

    assert not before.HasField("new_outputs")
    assert after.new_outputs["serial"] == 3
    assert (before.urn, before.id, before.name, before.type) == (OLD.urn, "id-1", "a", "test:index:Thing")
    assert (before.old_inputs["size"], before.new_inputs["size"], before.old_outputs["serial"]) == (1, 2, 1)


def test_both_sides_tell_their_options():
    request = hook_request(occasion(Moment.BEFORE_UPDATE))

    assert request.old_options.protect
    assert not request.new_options.protect
    assert list(request.old_options.depends_on) == list(OLD.dependencies)
    assert request.old_options.custom_timeouts.create == "300s"
    assert getattr(request.old_options, "import") == "id-1"
    assert list(request.old_options.hooks.before_update) == ["h"]


def test_a_side_that_there_is_not_is_not_told():
    request = hook_request(Occasion(moment=Moment.BEFORE_CREATE, operation="create", old=None, new=NEW))

    assert not request.HasField("old_inputs")
    assert not request.HasField("old_options")


def test_error_hooks_are_told_the_operation_and_its_errors():
    request = error_request(occasion(Moment.ON_ERROR))

    assert request.failed_operation == "update"
    assert list(request.errors) == ["second", "first"]
    assert request.old_options.protect
