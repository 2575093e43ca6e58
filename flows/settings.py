"""What a run needs to know that is not a secret: the names that its deployment handed over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workload:
    """As whom, and on what, a part of a run works."""

    role: str
    warehouse: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a run reads and writes.

    Attributes:
        flights_table: fully qualified, quoted; likewise `stage`, `file_format`,
            `silver_schema` and `gold_schema`.
        landing_url: `s3://bucket/prefix/`, which `stage` points at.
    """

    database: str
    flights_table: str
    stage: str
    file_format: str
    landing_url: str
    silver_schema: str
    gold_schema: str
