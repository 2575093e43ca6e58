"""What a delete would lose: a question that a provider may answer, beyond Pulumi's protocol.

Asked in previews, of what is to be deleted or replaced, so that a reviewer reads
"1,204 rows are lost" and not only "delete". A provider that cannot say does not have the method.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from reconciler.contract.protocol import DeleteRequest


@runtime_checkable
class Foresees(Protocol):
    """A provider that knows what hangs on its objects."""

    async def foresee(self, request: DeleteRequest) -> tuple[str, ...]:
        """What is lost when this delete is carried out, a short clause each; none when nothing is. Changes nothing.

        Raises:
            ProviderError: the service does not say.
        """


def counted(many: int, one: str, several: str = "") -> str:
    """A count with its noun and verb, as these clauses have it.

    >>> counted(1204, "row is lost", "rows are lost")
    '1,204 rows are lost'
    """
    return f"{many:,} {one if many == 1 else several}"
