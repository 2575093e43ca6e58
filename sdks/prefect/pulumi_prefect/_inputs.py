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
    'DeploymentConcurrencyOptionsArgs',
    'DeploymentConcurrencyOptionsArgsDict',
    'DeploymentScheduleArgs',
    'DeploymentScheduleArgsDict',
]


class DeploymentConcurrencyOptionsArgsDict(TypedDict):
    collision_strategy: pulumi.Input[_builtins.str]
    """
    What happens to a run over the limit: `ENQUEUE` or `CANCEL_NEW`.
    """
    grace_period_seconds: NotRequired[pulumi.Input[Optional[_builtins.int]]]
    """
    How long a lost run holds its slot.
    """


@pulumi.input_type
class DeploymentConcurrencyOptionsArgs:
    def __init__(__self__, *,
                 collision_strategy: pulumi.Input[_builtins.str],
                 grace_period_seconds: pulumi.Input[Optional[_builtins.int]] = None):
        """
        The set of arguments of a DeploymentConcurrencyOptions.

        :param pulumi.Input[_builtins.str] collision_strategy: What happens to a run over the limit: `ENQUEUE` or `CANCEL_NEW`.
        :param pulumi.Input[_builtins.int] grace_period_seconds: How long a lost run holds its slot.
        """
        pulumi.set(__self__, "collision_strategy", collision_strategy)
        if grace_period_seconds is not None:
            pulumi.set(__self__, "grace_period_seconds", grace_period_seconds)

    @_builtins.property
    @pulumi.getter(name="collisionStrategy")
    def collision_strategy(self) -> pulumi.Input[_builtins.str]:
        """
        What happens to a run over the limit: `ENQUEUE` or `CANCEL_NEW`.
        """
        return pulumi.get(self, "collision_strategy")

    @collision_strategy.setter
    def collision_strategy(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "collision_strategy", value)

    @_builtins.property
    @pulumi.getter(name="gracePeriodSeconds")
    def grace_period_seconds(self) -> pulumi.Input[Optional[_builtins.int]]:
        """
        How long a lost run holds its slot.
        """
        return pulumi.get(self, "grace_period_seconds")

    @grace_period_seconds.setter
    def grace_period_seconds(self, value: pulumi.Input[Optional[_builtins.int]]):
        pulumi.set(self, "grace_period_seconds", value)


class DeploymentScheduleArgsDict(TypedDict):
    slug: NotRequired[pulumi.Input[Optional[_builtins.str]]]
    """
    Its name in this deployment; by default `schedule-<position>`.
    """
    cron: NotRequired[pulumi.Input[Optional[_builtins.str]]]
    """
    A cron expression. Give one of `cron`, `interval` and `rrule`.
    """
    interval: NotRequired[pulumi.Input[Optional[_builtins.int]]]
    """
    Seconds between two runs.
    """
    rrule: NotRequired[pulumi.Input[Optional[_builtins.str]]]
    """
    An iCalendar recurrence rule.
    """
    timezone: NotRequired[pulumi.Input[Optional[_builtins.str]]]
    """
    An IANA time zone; UTC by default.
    """
    day_or: NotRequired[pulumi.Input[Optional[_builtins.bool]]]
    """
    Cron: whether day of month and day of week are alternatives; true by default.
    """
    anchor_date: NotRequired[pulumi.Input[Optional[_builtins.str]]]
    """
    Interval: a moment from which intervals count; 2020-01-01T00:00:00Z by default.
    """
    active: NotRequired[pulumi.Input[Optional[_builtins.bool]]]
    """
    Whether it makes runs. Unset, a new one does, and a person may switch it off.
    """
    parameters: NotRequired[pulumi.Input[Optional[Any]]]
    """
    Parameters of its runs, over the deployment's own.
    """
    max_scheduled_runs: NotRequired[pulumi.Input[Optional[_builtins.int]]]
    """
    How many runs to plan ahead.
    """


@pulumi.input_type
class DeploymentScheduleArgs:
    def __init__(__self__, *,
                 slug: pulumi.Input[Optional[_builtins.str]] = None,
                 cron: pulumi.Input[Optional[_builtins.str]] = None,
                 interval: pulumi.Input[Optional[_builtins.int]] = None,
                 rrule: pulumi.Input[Optional[_builtins.str]] = None,
                 timezone: pulumi.Input[Optional[_builtins.str]] = None,
                 day_or: pulumi.Input[Optional[_builtins.bool]] = None,
                 anchor_date: pulumi.Input[Optional[_builtins.str]] = None,
                 active: pulumi.Input[Optional[_builtins.bool]] = None,
                 parameters: pulumi.Input[Optional[Any]] = None,
                 max_scheduled_runs: pulumi.Input[Optional[_builtins.int]] = None):
        """
        The set of arguments of a DeploymentSchedule.

        :param pulumi.Input[_builtins.str] slug: Its name in this deployment; by default `schedule-<position>`.
        :param pulumi.Input[_builtins.str] cron: A cron expression. Give one of `cron`, `interval` and `rrule`.
        :param pulumi.Input[_builtins.int] interval: Seconds between two runs.
        :param pulumi.Input[_builtins.str] rrule: An iCalendar recurrence rule.
        :param pulumi.Input[_builtins.str] timezone: An IANA time zone; UTC by default.
        :param pulumi.Input[_builtins.bool] day_or: Cron: whether day of month and day of week are alternatives; true by default.
        :param pulumi.Input[_builtins.str] anchor_date: Interval: a moment from which intervals count; 2020-01-01T00:00:00Z by default.
        :param pulumi.Input[_builtins.bool] active: Whether it makes runs. Unset, a new one does, and a person may switch it off.
        :param pulumi.Input[Any] parameters: Parameters of its runs, over the deployment's own.
        :param pulumi.Input[_builtins.int] max_scheduled_runs: How many runs to plan ahead.
        """
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
    def slug(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        Its name in this deployment; by default `schedule-<position>`.
        """
        return pulumi.get(self, "slug")

    @slug.setter
    def slug(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "slug", value)

    @_builtins.property
    @pulumi.getter
    def cron(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        A cron expression. Give one of `cron`, `interval` and `rrule`.
        """
        return pulumi.get(self, "cron")

    @cron.setter
    def cron(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "cron", value)

    @_builtins.property
    @pulumi.getter
    def interval(self) -> pulumi.Input[Optional[_builtins.int]]:
        """
        Seconds between two runs.
        """
        return pulumi.get(self, "interval")

    @interval.setter
    def interval(self, value: pulumi.Input[Optional[_builtins.int]]):
        pulumi.set(self, "interval", value)

    @_builtins.property
    @pulumi.getter
    def rrule(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        An iCalendar recurrence rule.
        """
        return pulumi.get(self, "rrule")

    @rrule.setter
    def rrule(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "rrule", value)

    @_builtins.property
    @pulumi.getter
    def timezone(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        An IANA time zone; UTC by default.
        """
        return pulumi.get(self, "timezone")

    @timezone.setter
    def timezone(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "timezone", value)

    @_builtins.property
    @pulumi.getter(name="dayOr")
    def day_or(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Cron: whether day of month and day of week are alternatives; true by default.
        """
        return pulumi.get(self, "day_or")

    @day_or.setter
    def day_or(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "day_or", value)

    @_builtins.property
    @pulumi.getter(name="anchorDate")
    def anchor_date(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        Interval: a moment from which intervals count; 2020-01-01T00:00:00Z by default.
        """
        return pulumi.get(self, "anchor_date")

    @anchor_date.setter
    def anchor_date(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "anchor_date", value)

    @_builtins.property
    @pulumi.getter
    def active(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Whether it makes runs. Unset, a new one does, and a person may switch it off.
        """
        return pulumi.get(self, "active")

    @active.setter
    def active(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "active", value)

    @_builtins.property
    @pulumi.getter
    def parameters(self) -> pulumi.Input[Optional[Any]]:
        """
        Parameters of its runs, over the deployment's own.
        """
        return pulumi.get(self, "parameters")

    @parameters.setter
    def parameters(self, value: pulumi.Input[Optional[Any]]):
        pulumi.set(self, "parameters", value)

    @_builtins.property
    @pulumi.getter(name="maxScheduledRuns")
    def max_scheduled_runs(self) -> pulumi.Input[Optional[_builtins.int]]:
        """
        How many runs to plan ahead.
        """
        return pulumi.get(self, "max_scheduled_runs")

    @max_scheduled_runs.setter
    def max_scheduled_runs(self, value: pulumi.Input[Optional[_builtins.int]]):
        pulumi.set(self, "max_scheduled_runs", value)
