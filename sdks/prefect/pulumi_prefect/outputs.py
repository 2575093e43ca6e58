# coding=utf-8
# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***

import builtins as _builtins
import sys
from typing import Any, Mapping, Optional, Sequence, Union

import pulumi
import pulumi.runtime

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict

__all__ = [
    'DeploymentConcurrencyOptions',
    'DeploymentSchedule',
]


@pulumi.output_type
class DeploymentConcurrencyOptions(dict):
    def __init__(__self__, *,
                 collision_strategy: _builtins.str,
                 grace_period_seconds: Optional[_builtins.int] = None):
        pulumi.set(__self__, "collision_strategy", collision_strategy)
        if grace_period_seconds is not None:
            pulumi.set(__self__, "grace_period_seconds", grace_period_seconds)

    @_builtins.property
    @pulumi.getter(name="collisionStrategy")
    def collision_strategy(self) -> _builtins.str:
        """
        What happens to a run over the limit: `ENQUEUE` or `CANCEL_NEW`.
        """
        return pulumi.get(self, "collision_strategy")

    @_builtins.property
    @pulumi.getter(name="gracePeriodSeconds")
    def grace_period_seconds(self) -> Optional[_builtins.int]:
        """
        How long a lost run holds its slot.
        """
        return pulumi.get(self, "grace_period_seconds")


@pulumi.output_type
class DeploymentSchedule(dict):
    def __init__(__self__, *,
                 slug: Optional[_builtins.str] = None,
                 cron: Optional[_builtins.str] = None,
                 interval: Optional[_builtins.int] = None,
                 rrule: Optional[_builtins.str] = None,
                 timezone: Optional[_builtins.str] = None,
                 day_or: Optional[_builtins.bool] = None,
                 anchor_date: Optional[_builtins.str] = None,
                 active: Optional[_builtins.bool] = None,
                 parameters: Optional[Any] = None,
                 max_scheduled_runs: Optional[_builtins.int] = None):
        if slug is not None:
            pulumi.set(__self__, "slug", slug)
        if cron is not None:
            pulumi.set(__self__, "cron", cron)
        if interval is not None:
            pulumi.set(__self__, "interval", interval)
        if rrule is not None:
            pulumi.set(__self__, "rrule", rrule)
        if timezone is not None:
            pulumi.set(__self__, "timezone", timezone)
        if day_or is not None:
            pulumi.set(__self__, "day_or", day_or)
        if anchor_date is not None:
            pulumi.set(__self__, "anchor_date", anchor_date)
        if active is not None:
            pulumi.set(__self__, "active", active)
        if parameters is not None:
            pulumi.set(__self__, "parameters", parameters)
        if max_scheduled_runs is not None:
            pulumi.set(__self__, "max_scheduled_runs", max_scheduled_runs)

    @_builtins.property
    @pulumi.getter
    def slug(self) -> Optional[_builtins.str]:
        """
        Its name in this deployment; by default `schedule-<position>`.
        """
        return pulumi.get(self, "slug")

    @_builtins.property
    @pulumi.getter
    def cron(self) -> Optional[_builtins.str]:
        """
        A cron expression. Give one of `cron`, `interval` and `rrule`.
        """
        return pulumi.get(self, "cron")

    @_builtins.property
    @pulumi.getter
    def interval(self) -> Optional[_builtins.int]:
        """
        Seconds between two runs.
        """
        return pulumi.get(self, "interval")

    @_builtins.property
    @pulumi.getter
    def rrule(self) -> Optional[_builtins.str]:
        """
        An iCalendar recurrence rule.
        """
        return pulumi.get(self, "rrule")

    @_builtins.property
    @pulumi.getter
    def timezone(self) -> Optional[_builtins.str]:
        """
        An IANA time zone; UTC by default.
        """
        return pulumi.get(self, "timezone")

    @_builtins.property
    @pulumi.getter(name="dayOr")
    def day_or(self) -> Optional[_builtins.bool]:
        """
        Cron: whether day of month and day of week are alternatives; true by default.
        """
        return pulumi.get(self, "day_or")

    @_builtins.property
    @pulumi.getter(name="anchorDate")
    def anchor_date(self) -> Optional[_builtins.str]:
        """
        Interval: a moment from which intervals count; 2020-01-01T00:00:00Z by default.
        """
        return pulumi.get(self, "anchor_date")

    @_builtins.property
    @pulumi.getter
    def active(self) -> Optional[_builtins.bool]:
        """
        Whether it makes runs. Unset, a new one does, and a person may switch it off.
        """
        return pulumi.get(self, "active")

    @_builtins.property
    @pulumi.getter
    def parameters(self) -> Optional[Any]:
        """
        Parameters of its runs, over the deployment's own.
        """
        return pulumi.get(self, "parameters")

    @_builtins.property
    @pulumi.getter(name="maxScheduledRuns")
    def max_scheduled_runs(self) -> Optional[_builtins.int]:
        """
        How many runs to plan ahead.
        """
        return pulumi.get(self, "max_scheduled_runs")
