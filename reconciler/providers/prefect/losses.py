"""What deleting a Prefect object takes along: deployments and runs that hang on it.

Source: Prefect's REST, POST /deployments/filter and /flow_runs/filter.
"""

from __future__ import annotations

from typing import Final

from reconciler.contract.foresight import counted
from reconciler.model.values import PropertyMap
from reconciler.providers.prefect.session import Session

# What is asked of one object: how the service's filter names it, and by which output.
_DEPLOYMENTS: Final = {
    "work pool": ("work_pools", "name", "name", "deployment loses its work pool", "deployments lose their work pool"),
    "flow": ("flows", "id", "flowId", "deployment is lost", "deployments are lost"),
}
_WAITING: Final = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED")


async def lost_with(session: Session, words: str, outputs: PropertyMap) -> tuple[str, ...]:
    """What is lost with one object, a clause each."""
    if words in _DEPLOYMENTS:
        subject, key, output, one, several = _DEPLOYMENTS[words]
        found = await session.search("/deployments/filter", {subject: {key: {"any_": [outputs[output]]}}})
        names = ", ".join(sorted(str(each["name"]) for each in found))
        return (f"{counted(len(found), one, several)} ({names})",) if found else ()
    if words == "deployment":
        runs = {
            "deployments": {"id": {"any_": [outputs["deploymentId"]]}},
            "flow_runs": {"state": {"type": {"any_": list(_WAITING)}}},
        }
        found = await session.search("/flow_runs/filter", runs)
        return (counted(len(found), "run that waits is lost", "runs that wait are lost"),) if found else ()
    return ()
