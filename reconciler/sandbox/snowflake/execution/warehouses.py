"""The session's warehouse: is there one that may be used, and does it run?"""

from __future__ import annotations

from dataclasses import replace

from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.vocabulary import refusals


def start(context: Context) -> None:
    """The session's warehouse, resumed if it was suspended.

    Raises:
        RefusedError: 606 when there is none that the session may use, or one that does not resume by itself.
    """
    found = context.session.current(context.catalogue, context.session.warehouse)
    if found is None or not context.authority.has(found, "USAGE", "OPERATE"):
        raise refusals.no_warehouse()
    if found.facts.get("state") == "SUSPENDED":
        if found.value("AUTO_RESUME") is not True:
            raise refusals.RefusedError(
                606, "57P03", f"Warehouse '{found.name}' is suspended and AUTO_RESUME is off: resume it first."
            )
        with context.catalogue.transaction():
            context.catalogue.put(replace(found, facts={**found.facts, "state": "STARTED"}))
