"""COPY INTO <table> and LIST: files of an external stage, into tables."""

from __future__ import annotations

from reconciler.sandbox.snowflake import refusals
from reconciler.sandbox.snowflake import statements as s
from reconciler.sandbox.snowflake.catalogue import SqlObject
from reconciler.sandbox.snowflake.contexts import Context
from reconciler.sandbox.snowflake.results import Rows


def copy_into(context: Context, statement: s.CopyInto) -> Rows:
    raise refusals.unsupported("COPY INTO")


def list_stage(context: Context, statement: s.ListStage) -> Rows:
    raise refusals.unsupported("LIST")


def forget_loads(context: Context, tables: tuple[SqlObject, ...]) -> None:
    """"""
