"""Hooks before and after each step, some of them coroutines, one that holds for previews."""

import asyncio

import pulumi
from pulumi_testprovider import Echo
from word import WORD


def before(verb):
    def hook(args: pulumi.ResourceHookArgs):
        pulumi.log.info(f"before_{verb} of {args.name}")

    return pulumi.ResourceHook(f"before-{verb}", hook)


def created(args: pulumi.ResourceHookArgs):
    pulumi.log.info(f"after_create of {args.name} echo={args.new_outputs['echo']} id={args.id}")


async def updated(args: pulumi.ResourceHookArgs):
    await asyncio.sleep(0)
    pulumi.log.info(f"after_update of {args.name} {args.old_inputs['echo']} -> {args.new_inputs['echo']}")


def looked(args: pulumi.ResourceHookArgs):
    pulumi.log.info("looked after update")


binding = pulumi.ResourceHookBinding(
    before_create=[before("create")],
    after_create=[pulumi.ResourceHook("created", created)],
    before_update=[before("update")],
    after_update=[
        pulumi.ResourceHook("updated", updated),
        pulumi.ResourceHook("looked", looked, opts=pulumi.ResourceHookOptions(on_dry_run=True)),
    ],
)
Echo("hooked", pulumi.ResourceOptions(hooks=binding), echo=WORD)
Echo("plain", echo="same")
