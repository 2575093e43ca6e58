"""Schedules of a deployment: their form in programs and on the wire, and when two mean the same.

A deployment owns the schedules whose slugs its program names, and no other:
people add schedules in the web interface too.
Source: facts/prefect-provider.md §6, observed on Prefect 3.8.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.catalog import spec
from reconciler.model import values
from reconciler.model.values import Value

# Without an anchor the server takes the time of the call, so that equal inputs would give different schedules.
EPOCH: Final = "2020-01-01T00:00:00Z"
_START: Final = "DTSTART:20200101T000000\n"
KINDS: Final = ("cron", "interval", "rrule")

FIELDS: Final = (
    spec.Field("slug", spec.Text(min_length=1), doc="Its name in this deployment; by default `schedule-<position>`."),
    spec.Field("cron", doc="A cron expression. Give one of `cron`, `interval` and `rrule`."),
    spec.Field("interval", spec.Integer(minimum=1, unit="s"), doc="Seconds between two runs."),
    spec.Field("rrule", doc="An iCalendar recurrence rule."),
    spec.Field("timezone", doc="An IANA time zone; UTC by default."),
    spec.Field("dayOr", spec.FLAG, doc="Cron: whether day of month and day of week are alternatives; true by default."),
    spec.Field("anchorDate", doc=f"Interval: a moment from which intervals count; {EPOCH} by default."),
    spec.Field(
        "active", spec.FLAG, doc="Whether it makes runs. Unset, a new one does, and a person may switch it off."
    ),
    spec.Field("parameters", spec.Json(), doc="Parameters of its runs, over the deployment's own."),
    spec.Field("maxScheduledRuns", spec.Integer(minimum=1, maximum=50), doc="How many runs to plan ahead."),
)


def with_slugs(schedules: Value) -> Value:
    """Schedules with a slug each, taken from the position where the program gives none."""
    if not isinstance(schedules, tuple):
        return schedules
    return tuple(
        {"slug": f"schedule-{index}", **_present(schedule)} if isinstance(schedule, Mapping) else schedule
        for index, schedule in enumerate(schedules)
    )


def slugs(schedules: Value) -> tuple[str, ...]:
    """The slugs of schedules that have been through `with_slugs`."""
    if not isinstance(schedules, tuple):
        return ()
    return tuple(
        str(schedule["slug"]) for schedule in schedules if isinstance(schedule, Mapping) and "slug" in schedule
    )


def only(schedules: Value, named: tuple[str, ...]) -> Value:
    """The schedules with these slugs, in this order."""
    by_slug = _by_slug(schedules)
    return tuple(by_slug[slug] for slug in named if slug in by_slug)


def problems(schedules: Value) -> Iterator[tuple[str, str]]:
    """What is wrong with schedules, as (path, reason): the server's own words list errors of three models at once."""
    if not isinstance(schedules, tuple):
        return
    seen: set[Value] = set()
    for index, schedule in enumerate(schedules):
        if not isinstance(schedule, Mapping):
            continue
        path = f"schedules[{index}]"
        given = [kind for kind in KINDS if schedule.get(kind) is not None]
        if len(given) != 1:
            yield path, f"give one of cron, interval and rrule; got {', '.join(given) or 'none'}"
        slug = values.reveal(schedule.get("slug")) or f"schedule-{index}"
        if isinstance(slug, str):
            if slug in seen:
                yield f"{path}.slug", f"the slug {slug!r} is used twice"
            seen.add(slug)
        cron = values.reveal(schedule.get("cron"))
        if isinstance(cron, str) and not cron.startswith("@") and len(cron.split()) not in (5, 6):
            yield f"{path}.cron", "expected five or six fields, or a word like @daily"
        anchor = values.reveal(schedule.get("anchorDate"))
        if isinstance(anchor, str) and _moment(anchor) is None:
            yield f"{path}.anchorDate", "expected a date and time in ISO 8601"


def to_wire(schedule: Mapping[str, Value], *, active: object) -> dict[str, object]:
    """The whole body of a POST or PATCH; `active` is used where the program says nothing."""
    timezone = schedule.get("timezone")
    rule: dict[str, object]
    if schedule.get("cron") is not None:
        rule = {"cron": schedule["cron"], "timezone": timezone, "day_or": schedule.get("dayOr", True)}
    elif schedule.get("interval") is not None:
        rule = {
            "interval": schedule["interval"],
            "anchor_date": schedule.get("anchorDate") or EPOCH,
            "timezone": timezone or "UTC",
        }
    else:
        rule = {"rrule": _started(str(schedule["rrule"])), "timezone": timezone or "UTC"}
    body: dict[str, object] = {
        "slug": schedule["slug"],
        "schedule": rule,
        "active": active if schedule.get("active") is None else schedule["active"],
        "parameters": values.thaw(schedule.get("parameters") or {}),
    }
    if schedule.get("maxScheduledRuns") is not None:
        body["max_scheduled_runs"] = schedule["maxScheduledRuns"]
    return body


def from_wire(schedule: Mapping[str, object]) -> dict[str, object]:
    """A live schedule in the program's form, without what is absent or the default."""
    rule = schedule["schedule"]
    assert isinstance(rule, Mapping)
    shown = {
        "slug": schedule.get("slug"),
        "cron": rule.get("cron"),
        "interval": rule.get("interval"),
        "rrule": rule.get("rrule"),
        "timezone": None if rule.get("timezone") == "UTC" else rule.get("timezone"),
        "dayOr": None if rule.get("day_or", True) else False,
        "anchorDate": None if _moment(rule.get("anchor_date")) == _moment(EPOCH) else rule.get("anchor_date"),
        "active": schedule.get("active"),
        "parameters": schedule.get("parameters") or None,
        "maxScheduledRuns": schedule.get("max_scheduled_runs"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def same(wanted: Value, live: Value) -> bool:
    """Do the program's schedules and the live ones mean the same? Order means nothing."""
    left, right = _by_slug(wanted), _by_slug(live)
    return left.keys() == right.keys() and all(same_one(left[slug], right[slug]) for slug in left)


def same_one(wanted: Mapping[str, Value], live: Mapping[str, Value]) -> bool:
    """Does a live schedule do what the program's schedule says? `active` counts only where the program says it."""
    if wanted.get("active") is not None and wanted["active"] != live.get("active"):
        return False
    return _normal(wanted) == _normal(live)


def _normal(schedule: Mapping[str, Value]) -> dict[str, object]:
    interval = schedule.get("interval")
    rrule = schedule.get("rrule")
    return {
        "cron": schedule.get("cron"),
        "interval": float(interval) if isinstance(interval, (int, float)) else interval,
        "rrule": _started(rrule) if isinstance(rrule, str) else rrule,
        "timezone": schedule.get("timezone") or "UTC",
        "dayOr": schedule.get("dayOr", True) if schedule.get("cron") is not None else None,
        "anchorDate": _moment(schedule.get("anchorDate") or EPOCH) if interval is not None else None,
        "parameters": values.thaw(schedule.get("parameters") or {}),
        "maxScheduledRuns": schedule.get("maxScheduledRuns"),
    }


def _by_slug(schedules: Value) -> dict[str, Mapping[str, Value]]:
    if not isinstance(schedules, tuple):
        return {}
    return {
        str(schedule["slug"]): schedule
        for schedule in schedules
        if isinstance(schedule, Mapping) and "slug" in schedule
    }


def _started(rrule: str) -> str:
    return rrule if rrule.upper().startswith("DTSTART") else f"{_START}{rrule}"


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _present(schedule: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in schedule.items() if value is not None}
