"""Makes moto repeatable: what it draws by chance and reads from the clock can be given again.

Moto has one source of chance and one of time for almost everything. The three
exceptions that matter here are closed below. Seen: moto 5.2.5, November 2026.
"""

from __future__ import annotations

import datetime as dt
import os
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core import base_backend
from moto.core import utils as moto_utils
from moto.moto_api._internal import mock_random
from moto.s3 import models as s3_models


class _Clock(dt.datetime):
    """Moto's clock: the time that it is told, or the present."""

    at_s: float | None = None

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # a plain time
        return dt.datetime.fromtimestamp(time.time() if cls.at_s is None else cls.at_s, tz)


class _Backends(base_backend.AccountSpecificBackend):  # type: ignore[type-arg]  # its parameter is moto's own
    """Backends whose first contents (a default VPC, managed policies) do not depend on who asks first.

    Moto makes the backend of a service and region for its first request, which
    may be a read that no replay repeats: its contents are drawn apart.
    """

    def __getitem__(self, region_name: str) -> Any:
        if region_name in self.keys():
            return super().__getitem__(region_name)
        chance = mock_random.getstate()
        mock_random.seed(f"{self.service_name}:{self.account_id}:{region_name}")
        try:
            return super().__getitem__(region_name)
        finally:
            mock_random.setstate(chance)


def install() -> None:
    """Put the clock and the sources of chance in place; doing it twice does nothing more."""
    # Every module of moto takes its time from this one's `datetime.datetime`.
    setattr(moto_utils, "datetime", types.SimpleNamespace(datetime=_Clock))  # noqa: B010 - not a module, says mypy
    # Upload ids are the one thing that S3 draws elsewhere.
    chance = types.SimpleNamespace(urandom=mock_random.randbytes, environ=os.environ)
    setattr(s3_models, "os", chance)  # noqa: B010 - likewise
    setattr(base_backend, "AccountSpecificBackend", _Backends)  # noqa: B010 - likewise


@contextmanager
def given(seed: str, at_s: float) -> Iterator[None]:
    """Run one request of moto with this chance and this time."""
    mock_random.seed(seed)
    _Clock.at_s = at_s
    try:
        yield
    finally:
        _Clock.at_s = None
