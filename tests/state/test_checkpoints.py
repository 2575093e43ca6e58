"""State files: to the byte as upstream writes them, and refused when they are something else."""

import json

import pytest
from hypothesis import given, settings

from reconciler import errors
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import Secret
from reconciler.state import checkpoints
from reconciler.state.snapshots import Snapshot
from tests.state.arbitrary import cipher, snapshots

SIG = "4dabf18193072939515e22adb298388d"
URN = "urn:pulumi:dev::shop::test:index:Thing::a"
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:test::default_1_2_3"
MAGIC = "7dff0d166258e7f1d265e8e044021ea087795d58a0c6415ab6fe8b7c790e447f"
TIME = "2026-11-22T10:00:00.123456789+01:00"


def official():
    """A file as the official engine writes it, every field in use; hand-made from facts §5.1."""
    ciphertext = cipher().encrypt('"hunter2"')
    return (
        '{"version":4,"features":["hooks","refreshBeforeUpdate","replaceWith","snippets-prototype","taint","views"],'
        '"checkpoint":{"stack":"organization/shop/dev","config":{"shop:a":"b"},"latest":{'
        f'"manifest":{{"time":"{TIME}","magic":"{MAGIC}","version":"v3.260.0"}},'
        '"secrets_providers":{"type":"passphrase","state":{"salt":"v1:salt:proof"}},'
        '"resources":['
        '{"urn":"urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev","custom":false,"type":"pulumi:pulumi:Stack",'
        '"outputs":{"url":"https://<host>/?a=1&b=2"},"created":"2026-01-01T00:00:00Z"},'
        f'{{"urn":"{PROVIDER}","custom":true,"id":"4f1c","type":"pulumi:providers:test",'
        '"inputs":{"__internal":{},"version":"1.2.3"},"outputs":{"version":"1.2.3"}},'
        f'{{"urn":"{URN}","custom":true,"delete":true,"id":"old","type":"test:index:Thing"}},'
        f'{{"urn":"{URN}","custom":true,"id":"new","type":"test:index:Thing",'
        f'"inputs":{{"big":123456789012345680000,"list":[1,2.5,null],"password":{{"{SIG}":'
        f'"1b47061264138c4ac30d75fd1eb44270","ciphertext":"{ciphertext}"}}}},'
        '"outputs":{"size":3},"parent":"urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev","protect":true,'
        '"taint":true,"external":true,"dependencies":["urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"],'
        f'"initErrors":["slow"],"provider":"{PROVIDER}::4f1c",'
        '"propertyDependencies":{"list":[],"password":["urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"]},'
        '"pendingReplacement":true,"additionalSecretOutputs":["password"],'
        '"customTimeouts":{"create":600,"delete":1.5},"importID":"i","retainOnDelete":true,'
        f'"deletedWith":"{PROVIDER}","replaceWith":["{PROVIDER}"],'
        '"created":"2026-01-02T03:04:05.678Z","modified":"2026-01-03T03:04:05.678Z",'
        '"sourcePosition":"project:///__main__.py#3,1","stackTrace":[{"sourcePosition":"project:///__main__.py#3"}],'
        '"ignoreChanges":["size"],"hideDiff":["list"],"replaceOnChanges":["*"],"replacementTrigger":false,'
        f'"refreshBeforeUpdate":true,"viewOf":"{PROVIDER}","resourceHooks":{{"BeforeCreate":["h"]}},'
        '"snippetID":"s","keyOfTomorrow":{"z":1,"a":[1.50]}}],'
        f'"pending_operations":[{{"resource":{{"urn":"{URN}2","custom":true,"type":"test:index:Thing"}},'
        '"type":"creating"}],"metadata":{"note":1},"snippets":{"s":1}}}}'
    ).replace("1.50", "1.5")


def parts(text, manager):
    checkpoint = checkpoints.read_checkpoint(text)
    return checkpoint, checkpoints.decode_snapshot(checkpoint, manager)


def test_an_official_file_is_written_back_to_the_byte():
    manager = cipher()
    text = official()
    checkpoint, snapshot = parts(text, manager)

    again = checkpoints.render_checkpoint(checkpoint, snapshot, manager, time=TIME)

    assert again == text
    thing = snapshot.resources[3]
    assert thing.inputs["password"] == Secret("hunter2")
    assert thing.extra == {"snippetID": "s", "keyOfTomorrow": {"z": 1, "a": [1.5]}}
    assert thing.replacement_trigger is False
    assert thing.custom_timeouts == {"create": 600, "delete": 1.5}
    assert snapshot.resources[2].delete
    assert snapshot.extra == {"snippets": {"s": 1}}
    assert snapshot.pending[0].type is PendingType.CREATING


def test_a_stack_that_was_never_saved_has_no_latest():
    checkpoint, snapshot = parts('{"version":0,"checkpoint":{"stack":"organization/shop/dev"}}', None)

    assert snapshot == Snapshot()
    assert checkpoint.secrets_provider is None
    assert (
        checkpoints.render_checkpoint(checkpoint, None, None, time=TIME)
        == '{"version":3,"checkpoint":{"stack":"organization/shop/dev"}}'
    )


def test_a_new_stack_has_manifest_secrets_and_metadata():
    checkpoint = checkpoints.Checkpoint(stack="organization/shop/dev", secrets_provider={"type": "x"})

    assert checkpoints.render_checkpoint(checkpoint, Snapshot(), None, time=TIME) == (
        '{"version":3,"checkpoint":{"stack":"organization/shop/dev","latest":{'
        f'"manifest":{{"time":"{TIME}","magic":"{MAGIC}","version":"v3.260.0"}},'
        '"secrets_providers":{"type":"x"},"metadata":{}}}}'
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(b"\n", id="blank"),
        pytest.param(official()[:200], id="cut-short"),
        pytest.param(b"\0" * 64, id="zero-filled"),
        pytest.param("[]", id="not-an-object"),
        pytest.param('{"version":3}', id="no-checkpoint"),
        pytest.param('{"version":5,"checkpoint":{}}', id="newer"),
        pytest.param('{"version":true,"checkpoint":{}}', id="version-of-another-type"),
        pytest.param('{"version":-1,"checkpoint":{}}', id="negative-version"),
        pytest.param('{"version":4,"features":["telepathy"],"checkpoint":{}}', id="unknown-feature"),
        pytest.param(official().replace(MAGIC, MAGIC[::-1]), id="wrong-magic"),
        pytest.param('{"version":3,"checkpoint":{"latest":5}}', id="latest-of-another-type"),
        pytest.param('{"version":3,"checkpoint":{"stack":5}}', id="stack-of-another-type"),
        pytest.param("[" * 100_000, id="nested-without-end"),
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text):
    with pytest.raises(errors.CheckpointFormatError):
        checkpoints.read_checkpoint(text)


@pytest.mark.parametrize("cut", range(0, 1200, 97))
def test_a_file_cut_anywhere_is_refused(cut):
    with pytest.raises(errors.CheckpointFormatError):
        checkpoints.read_checkpoint(official()[:cut])


def deployment(**parts):
    return json.dumps({"version": 3, "deployment": parts})


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(5, id="not-an-object"),
        pytest.param({}, id="no-urn"),
        pytest.param({"urn": 5}, id="urn-of-another-type"),
        pytest.param({"urn": URN, "custom": "yes"}, id="flag-of-another-type"),
        pytest.param({"urn": URN, "dependencies": "a"}, id="list-of-another-type"),
        pytest.param({"urn": URN, "dependencies": [5]}, id="items-of-another-type"),
        pytest.param({"urn": URN, "propertyDependencies": []}, id="object-of-another-type"),
        pytest.param({"urn": URN, "customTimeouts": {"create": "5m"}}, id="timeout-of-another-type"),
        pytest.param({"urn": URN, "stackTrace": [5]}, id="trace-of-another-type"),
        pytest.param({"urn": URN, "inputs": []}, id="inputs-of-another-type"),
    ],
)
def test_a_malformed_resource_is_refused(resource):
    checkpoint = checkpoints.read_export(deployment(resources=[resource]))

    with pytest.raises(errors.CheckpointFormatError):
        checkpoints.decode_snapshot(checkpoint, None)


@pytest.mark.parametrize("operation", [5, {"type": "dreaming", "resource": {"urn": URN}}, {"type": "creating"}])
def test_a_malformed_pending_operation_is_refused(operation):
    checkpoint = checkpoints.read_export(deployment(pending_operations=[operation]))

    with pytest.raises(errors.CheckpointFormatError):
        checkpoints.decode_snapshot(checkpoint, None)


def test_nulls_and_the_aliases_of_old_engines_are_read():
    resource = {"urn": URN, "type": "t", "custom": True, "inputs": None, "parent": None, "dependencies": None}
    old = resource | {"propertyDependencies": {"a": None}, "aliases": ["urn:old"], "protect": None}

    snapshot = checkpoints.decode_snapshot(checkpoints.read_export(deployment(resources=[old], metadata=None)), None)

    assert snapshot.resources == (
        Recorded(urn=URN, type="t", custom=True, property_dependencies={"a": ()}, aliases=("urn:old",)),
    )


def test_a_secret_that_cannot_be_decrypted_names_its_resource():
    checkpoint = checkpoints.read_checkpoint(official().replace('"ciphertext":"v1:', '"ciphertext":"v2:'))

    with pytest.raises(errors.DecryptError) as caught:
        checkpoints.decode_snapshot(checkpoint, cipher())

    assert caught.value.detail.startswith(URN)


def test_an_export_shows_secrets_only_when_asked_to():
    manager = cipher()
    _, snapshot = parts(official(), manager)

    hidden = checkpoints.render_export(snapshot, manager, manager.state, time=TIME)
    shown = checkpoints.render_export(snapshot, None, manager.state, time=TIME)

    assert "hunter2" not in hidden
    assert '"plaintext": "\\"hunter2\\""' in shown
    assert shown.startswith('{\n    "version": 4,\n    "features": [\n')
    for text in (hidden, shown):
        exported = checkpoints.read_export(text)
        assert checkpoints.decode_snapshot(exported, manager) == snapshot
        assert exported.secrets_provider == manager.state


def test_an_export_without_deployment_is_refused():
    with pytest.raises(errors.CheckpointFormatError):
        checkpoints.read_export('{"version":3}')


def test_the_operation_id_is_written_only_where_there_is_one():
    thing = Recorded(urn=URN, type="t", custom=True)
    operations = (
        PendingOperation(type=PendingType.CREATING, resource=thing),
        PendingOperation(type=PendingType.UPDATING, resource=thing, operation_id="op-7"),
    )

    text = checkpoints.render_checkpoint(checkpoints.Checkpoint(), Snapshot(pending=operations), None, time=TIME)

    written = json.loads(text)["checkpoint"]["latest"]["pending_operations"]
    assert [entry.get("operationID") for entry in written] == [None, "op-7"]
    assert parts(text, None)[1].pending == operations


@pytest.mark.parametrize(
    ("snapshot", "features"),
    [
        pytest.param(Snapshot(), (), id="none"),
        pytest.param(
            Snapshot(resources=(Recorded(urn=URN, type="t", custom=True, inputs={"a": "\udcff"}),)),
            ("byteString",),
            id="bytes",
        ),
        pytest.param(Snapshot(extra={"extensions": {}}), ("extensionParameterization",), id="extensions"),
        pytest.param(
            Snapshot(resources=(Recorded(urn=URN, type="t", custom=True, extra={"extensionRef": "e"}),)),
            ("extensionParameterization",),
            id="extension-of-a-resource",
        ),
        pytest.param(
            Snapshot(
                pending=(
                    PendingOperation(
                        type=PendingType.CREATING, resource=Recorded(urn=URN, type="t", custom=True, taint=True)
                    ),
                )
            ),
            ("taint",),
            id="in-a-pending-operation",
        ),
    ],
)
def test_a_file_names_the_features_that_its_reader_must_know(snapshot, features):
    assert checkpoints.features_of(snapshot) == features


@pytest.mark.slow
@settings(deadline=None)
@given(snapshot=snapshots())
def test_any_snapshot_survives_the_state_file(snapshot):
    manager = cipher()
    text = checkpoints.render_checkpoint(
        checkpoints.Checkpoint(stack="s", secrets_provider=manager.state), snapshot, manager, time=TIME
    )
    reader = cipher()
    checkpoint, back = parts(text, reader)

    assert back == snapshot
    assert checkpoints.render_checkpoint(checkpoint, back, reader, time=TIME) == text, "not one ciphertext is new"
