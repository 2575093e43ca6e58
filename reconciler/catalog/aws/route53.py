"""What hosted zones and records share: calls, names, waiting for a change to spread."""

from __future__ import annotations

from reconciler.catalog import calls
from reconciler.catalog.calls import Call, Course, Refusal, Until
from reconciler.model.values import PropertyMap, Value

NO_ZONE = Refusal("NoSuchHostedZone")
_BUSY = (Refusal("PriorRequestNotComplete"),)


def call(method: str, arguments: PropertyMap, *, once: bool = False, absent: tuple[Refusal, ...] = ()) -> Call:
    """A call of Route 53."""
    return Call(service="route53", method=method, arguments=arguments, once=once, absent=absent, retry=_BUSY)


def spread(answer: PropertyMap) -> Course[None]:
    """Wait until every name server of Route 53 knows a change."""
    change = calls.text(answer, "ChangeInfo", "Id")
    if change:
        yield from calls.ask(
            Until(
                call=call("get_change", {"Id": change}),
                done=lambda answer: calls.text(answer, "ChangeInfo", "Status") == "INSYNC",
            )
        )


def plain_name(name: str) -> str:
    r"""A domain name as people write it: lower case, no final dot, escapes of `*` undone.

    >>> plain_name("\\052.Example.COM.")
    '*.example.com'
    """
    return name.lower().removesuffix(".").replace("\\052", "*")


def same_name(wanted: Value, live: Value) -> bool:
    """Do two spellings name the same domain?"""
    return plain_name(str(wanted)) == plain_name(str(live))
