"""Stages: where their files are, and whether the storage integration lets Snowflake go there.

The trust is checked as AWS would: the role that the integration names must
trust the integration's IAM user with its external id, and its policies must
allow the actions on the location. Source: Snowflake documentation, Configuring
a Snowflake storage integration to access Amazon S3.
"""

from __future__ import annotations

from reconciler.sandbox.snowflake.account.catalogue import Catalogue, SqlObject, account
from reconciler.sandbox.snowflake.account.locations import is_within, parse_location
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import parse_name, render_name
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS


def integration_of(context: Context, stage: SqlObject) -> SqlObject | None:
    """The storage integration of a stage; None for a stage without."""
    name = stage.properties.get("STORAGE_INTEGRATION")
    if not isinstance(name, str):
        return None
    return context.catalogue.find(BY_WORDS["STORAGE INTEGRATION"], parse_name(name)[-1])


def check_stage(context: Context, stage: SqlObject) -> None:
    """The rules at CREATE and ALTER STAGE.

    Raises:
        RefusedError: an unseen integration, one without USAGE, or a location that it does not allow.
    """
    url = stage.properties.get("URL")
    if stage.properties.get("CREDENTIALS"):
        raise refusals.unsupported("stages with CREDENTIALS; use a storage integration")
    if not isinstance(url, str):
        if stage.properties.get("STORAGE_INTEGRATION"):
            raise refusals.syntax("a stage with a storage integration needs a URL")
        return
    parse_location(url)
    name = stage.properties.get("STORAGE_INTEGRATION")
    if not isinstance(name, str):
        return
    integration = context.get(BY_WORDS["STORAGE INTEGRATION"], parse_name(name))
    context.authority.require(integration, "USAGE")
    check_location(integration, url)


def check_location(integration: SqlObject, url: str) -> None:
    """Refuse a location that the integration does not allow, or blocks."""
    allowed = _texts(integration, "STORAGE_ALLOWED_LOCATIONS")
    blocked = _texts(integration, "STORAGE_BLOCKED_LOCATIONS")
    if not is_within(url, allowed) or is_within(url, blocked):
        raise refusals.RefusedError(
            1422,
            "22023",
            f"SQL compilation error:\nLocation '{url}' is not allowed by integration '{integration.name}'."
            " Please use DESC INTEGRATION to check out allowed and blocked locations.",
        )


def _texts(item: SqlObject, name: str) -> tuple[str, ...]:
    value = item.value(name)
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def external_id(integration: SqlObject) -> str:
    """The external id that Snowflake sends: the one set, or the one generated."""
    return str(integration.properties.get("STORAGE_AWS_EXTERNAL_ID") or integration.facts.get("external_id") or "")


def iam_user_arn(catalogue: Catalogue) -> str:
    """The IAM user as which Snowflake comes; one for the whole account."""
    return str(account(catalogue).facts["iam_user_arn"])


def shown_integration(stage: SqlObject) -> str | None:
    """The integration's name as SHOW prints it."""
    name = stage.properties.get("STORAGE_INTEGRATION")
    return render_name(parse_name(name)) if isinstance(name, str) else None
