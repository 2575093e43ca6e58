"""What stands when a case begins: records, and the objects that they stand for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cases import PROJECT, STACK, Record
from inventory import Inventory
from played import DEFAULT_PROVIDER, STACK_URN, computed_inputs, own_inputs

from reconciler.model import urns, values
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import Secret
from reconciler.state.snapshots import Snapshot

MODIFIED = "2025-01-01T00:00:00Z"


class SnapshotBuilder:
    """Records and the objects that they stand for."""

    def __init__(self, service: Inventory) -> None:
        self._service = service
        self._latest: dict[str, Recorded] = {}
        self._accounts: dict[str, str] = {}
        self.named: list[tuple[str, str]] = []

    def build(self, records: Sequence[Record]) -> Snapshot:
        resources = []
        pending = []
        if records:
            resources.append(
                Recorded(urn=STACK_URN, type=urns.STACK_TYPE, custom=False, created=MODIFIED, modified=MODIFIED)
            )
        if any(record.declared.has_object and not record.declared.provider for record in records):
            resources.append(
                Recorded(
                    urn=DEFAULT_PROVIDER, type="pulumi:providers:test", custom=True, id="default-id",
                    inputs={"__internal": {}}, created=MODIFIED, modified=MODIFIED,
                )
            )  # fmt: skip
        for number, record in enumerate(records, start=1):
            recorded = self._recorded(record, number)
            self.named.append((record.declared.name, recorded.urn))
            if record.under_way:
                pending.append(self._pending(record, recorded, number))
            if record.under_way != "creating":
                resources.append(recorded)
                self._latest[record.declared.name] = recorded
        return Snapshot(resources=tuple(resources), pending=tuple(pending))

    def _pending(self, record: Record, recorded: Recorded, number: int) -> PendingOperation:
        operation_id = f"operation-{number}"
        if record.under_way == "creating":
            self._service.operations[operation_id] = recorded.id
            if not record.happened:
                self._service.objects.pop(recorded.id, None)
            recorded = dataclasses.replace(recorded, id="", outputs={})
        elif record.under_way == "deleting" and record.happened:
            self._service.objects.pop(recorded.id, None)
        elif record.under_way == "updating":
            recorded = dataclasses.replace(recorded, inputs={**recorded.inputs, "size": 7})
            if record.happened and recorded.id in self._service.objects:
                self._service.objects[recorded.id]["size"] = 7
        return PendingOperation(type=PendingType(record.under_way), resource=recorded, operation_id=operation_id)

    def _recorded(self, record: Record, number: int) -> Recorded:
        declared = record.declared
        parent = self._latest[declared.parent].urn if declared.parent else ""
        urn = urns.build(STACK, PROJECT, parent, declared.token, declared.name)
        inputs = dict(own_inputs(declared))
        computed = computed_inputs(declared)
        for name, other, output in computed:
            inputs[name] = self._latest[other].outputs[output]
        provider = ""
        if declared.has_object:
            named = self._latest.get(declared.provider)
            reference = (named.urn, named.id) if named else (DEFAULT_PROVIDER, "default-id")
            provider = str(urns.ProviderReference(*reference))
        needs = {*declared.depends_on, *(other for _, other, _ in computed)}
        recorded = Recorded(
            urn=urn,
            type=declared.token,
            custom=not declared.is_component,
            parent=parent or STACK_URN,
            provider=provider,
            inputs=inputs,
            delete=record.waits,
            pending_replacement=record.gone_for_now,
            taint=record.taint,
            protect=declared.protect,
            retain_on_delete=declared.retain,
            init_errors=("not up",) if record.init_errors else (),
            dependencies=tuple(sorted(self._latest[name].urn for name in needs)),
            property_dependencies={
                **dict.fromkeys(own_inputs(declared), ()),
                **{name: (self._latest[other].urn,) for name, other, _ in computed},
            },
            deleted_with=self._latest[declared.deleted_with].urn if declared.deleted_with else "",
            replace_with=tuple(self._latest[name].urn for name in declared.replace_with),
            ignore_changes=declared.ignores,
            replace_on_changes=declared.replaces_on,
            additional_secret_outputs=declared.secret_outputs,
            replacement_trigger=declared.trigger,
            created=MODIFIED,
            modified=MODIFIED,
        )
        return self._with_object(recorded, record, number, provider)

    def _with_object(self, recorded: Recorded, record: Record, number: int, provider: str) -> Recorded:
        declared = record.declared
        if declared.type == "Provider":
            plain = dict(recorded.inputs)
            self._accounts[f"{recorded.urn}::provider-{number}"] = str(values.reveal(recorded.inputs["account"]))
            return dataclasses.replace(
                recorded, id=f"provider-{number}", inputs={**plain, "__internal": {}}, outputs=plain
            )
        if declared.is_component:
            return dataclasses.replace(recorded, outputs={"told": True})
        if declared.read_id:
            live = self._service.objects[declared.read_id]
            outputs = {**values.freeze_map(live), "echo": f"size is {live['size']}"}
            return dataclasses.replace(recorded, id=declared.read_id, external=True, inputs={}, outputs=outputs)
        id = f"id-{number}"
        plain = values.thaw(recorded.inputs)
        assert isinstance(plain, dict)
        outputs = {**recorded.inputs, "serial": number, "echo": f"size is {declared.size}"}
        for name in declared.secret_outputs:
            outputs[name] = Secret(values.reveal(outputs[name]))
        if not record.gone_for_now and record.drift != "gone":
            self._service.objects[id] = {**plain, "serial": number}
            self._service.accounts[id] = self._accounts.get(provider, "")
            if record.drift == "changed":
                self._service.objects[id]["size"] = 9
        return dataclasses.replace(recorded, id=id, outputs=outputs)
