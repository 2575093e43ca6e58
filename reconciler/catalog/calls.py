"""CallKind: a kind managed by calling methods of a vendor's SDK (boto3)."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.catalog.spec import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKind(Kind):
    """A kind behind an SDK client; `service` is the client's name (`ec2`, `s3`)."""

    service: str
