"""What EC2's kinds share: calls, tags at creation, tagging later, finding by operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.catalog import calls
from reconciler.catalog.aws.fields import OPERATION_TAG, marked
from reconciler.catalog.calls import Call, Course, Refusal, Task
from reconciler.model.values import PropertyMap, Value

IN_USE: Final = (Refusal("DependencyViolation"),)
FRESH_VPC: Final = (Refusal("InvalidVpcID.NotFound"),)
FRESH_GROUP: Final = (Refusal("InvalidGroup.NotFound"),)

# Network interfaces of a deleted endpoint hold groups and subnets for minutes.
IN_USE_S: Final = 900.0


def call(
    method: str,
    arguments: PropertyMap,
    *,
    once: bool = False,
    absent: str = "",
    retry: tuple[Refusal, ...] = (),
    retry_s: float = 120.0,
) -> Call:
    """A call of EC2; `absent` is the code that says that the object is gone."""
    return Call(
        service="ec2",
        method=method,
        arguments=arguments,
        once=once,
        absent=(Refusal(absent),) if absent else (),
        retry=retry,
        retry_s=retry_s,
    )


def tag_specifications(sort: str, task: Task) -> tuple[Value, ...]:
    """Tags set by the creating call itself, the operation's mark among them."""
    tags = marked(task.tags, task.operation)
    return ({"ResourceType": sort, "Tags": calls.tag_list(tags)},) if tags else ()


def create_arguments(sort: str, task: Task, arguments: PropertyMap) -> PropertyMap:
    """A creating call's arguments with its tags."""
    specifications = tag_specifications(sort, task)
    return {**arguments, "TagSpecifications": specifications} if specifications else arguments


def filters(**values: str) -> tuple[Value, ...]:
    """Filters of a Describe call; `_` in a name stands for `-`."""
    return tuple({"Name": name.replace("_", "-"), "Values": (value,)} for name, value in values.items())


def find(method: str, listed: str, id_name: str, task: Task) -> Course[str]:
    """The id of the object that carries the operation's mark, or ""."""
    wanted: PropertyMap = {"Filters": ({"Name": f"tag:{OPERATION_TAG}", "Values": (task.operation,)},)}
    answer = yield from calls.ask(call(method, wanted))
    return calls.text(answer, listed, 0, id_name)


def retag(task: Task) -> Course[None]:
    """Set and remove tags until the object has the wanted ones."""
    wanted: Mapping[str, str] = calls.tags_to_set(task)
    if wanted:
        yield from calls.ask(call("create_tags", {"Resources": (task.id,), "Tags": calls.tag_list(wanted)}))
    unwanted = calls.tags_to_remove(task)
    if unwanted:
        keys = tuple({"Key": key} for key in unwanted)
        yield from calls.ask(call("delete_tags", {"Resources": (task.id,), "Tags": keys}))
