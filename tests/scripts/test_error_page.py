from __future__ import annotations

import pytest

from reconciler import errors
from scripts import error_page


def below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


OURS = [kind for kind in below(errors.ReconcilerError) if kind.__module__ == errors.__name__]
# A person who stops a run needs no help.
WITHOUT_HELP = {errors.CancelledError}


def test_the_page_is_up_to_date():
    assert error_page.PAGE.read_text(encoding="utf-8") == error_page.render()


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_says_what_usually_helps(kind):
    assert kind.summary != errors.ReconcilerError.summary
    assert kind.help or kind in WITHOUT_HELP
