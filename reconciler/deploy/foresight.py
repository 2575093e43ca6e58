"""What a planned delete or replacement would lose, asked of the provider while a preview decides."""

from __future__ import annotations

from reconciler import errors
from reconciler.contract.foresight import Foresees
from reconciler.contract.protocol import DeleteRequest
from reconciler.deploy.apply import provider_of
from reconciler.deploy.run import Run
from reconciler.model import urns
from reconciler.plan import steps


async def foreseen(run: Run, step: steps.Step) -> tuple[str, ...]:
    """A clause for each thing that is lost; none where nothing is, or the provider does not know."""
    if not (run.preview and run.options.foresees):
        return ()
    is_going = isinstance(step, steps.Replace) or (isinstance(step, steps.Delete) and step.makes_call)
    going = step.old if is_going else None
    if going is None or not going.custom or not going.id or urns.is_provider_type(going.type):
        return ()
    try:
        provider = await provider_of(run, going)
        if not isinstance(provider, Foresees):
            return ()
        request = DeleteRequest(
            urn=going.urn, token=going.type, id=going.id, inputs=going.inputs, outputs=going.outputs
        )
        return await provider.foresee(request)
    except errors.ReconcilerError:
        # A service that does not say must not fail a preview: the deletion itself is told either way.
        return ()
