"""A policy pack with one policy for each thing that a policy may do; which of them act, the resources' names say."""

import json
import os
import sys
import time
from pathlib import Path

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)


def small(args, report):
    limit = args.get_config().get("limit", 100)
    if args.resource_type == "test:index:Thing" and args.props.get("size", 0) > limit:
        report(f"{args.props['size']:g} is more than {limit:g}")


def tagged(args):
    if args.name == "tag nobody knows":
        return {"tags": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
    if args.resource_type == "test:index:Thing" and args.name.startswith("tag") and "owner" not in args.props["tags"]:
        return {**args.props, "tags": {**args.props["tags"], "owner": "team"}}
    return None


def named(args, report):
    if args.name.startswith("x"):
        report("names do not begin with x")


def sees(args, report):
    if args.name != "seen":
        return
    options = args.opts
    seen = {
        "type": args.resource_type,
        "name": args.name,
        "urn": args.urn,
        "props": {name: value for name, value in args.props.items() if name != "source"},
        "parent": options.parent,
        "protect": options.protect,
        "ignore": list(options.ignore_changes),
        "aliases": list(options.aliases),
        "timeout": options.custom_timeouts.create_seconds,
        "delete_before_replace": options.delete_before_replace,
        "secret_outputs": list(options.additional_secret_outputs),
        "provider": [args.provider.resource_type, args.provider.name, dict(args.provider.props)],
        "tags": dict(args.stack_tags),
        "stack": [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()],
        "preview": pulumi.runtime.is_dry_run(),
        "config": pulumi.Config("proj").get("place"),
        "folder": Path.cwd().name,
    }
    report(json.dumps(seen, default=dict))


def provider_seen(args, report):
    if args.resource_type == "pulumi:providers:test":
        report(f"provider {args.name}")


def breaks(args, report):
    if args.name == "dies":
        sys.stderr.write("the pack's last words\n")
        os._exit(3)
    if args.name == "exits":
        sys.exit(4)
    if args.name == "raises":
        raise ValueError("a policy with a bug")
    if args.name == "hangs":
        time.sleep(60)


def few(args, report):
    things = [resource for resource in args.resources if resource.resource_type == "test:index:Thing"]
    for thing in things:
        if thing.name == "last":
            report(
                json.dumps(
                    {
                        "serial": thing.props["serial"],
                        "parent": thing.parent.name,
                        "dependencies": [one.name for one in thing.dependencies],
                        "of source": [one.name for one in thing.property_dependencies["source"]],
                        "types": sorted({one.resource_type for one in args.resources}),
                    }
                ),
                thing.urn,
            )


def very_few(args, report):
    if len([resource for resource in args.resources if resource.name.startswith("many")]) > 1:
        report("that is a lot of things")


def reading(args, report):
    if args.name == "reader":
        report(f"source is {args.props['source']}")


ADVISORY, MANDATORY = EnforcementLevel.ADVISORY, EnforcementLevel.MANDATORY
PolicyPack(
    "guard",
    enforcement_level=ADVISORY,
    policies=[
        ResourceValidationPolicy(
            "small",
            "Things are small.",
            small,
            enforcement_level=MANDATORY,
            severity=Severity.HIGH,
            config_schema=PolicyConfigSchema({"limit": {"type": "integer", "minimum": 1, "default": 100}}),
        ),
        ResourceValidationPolicy(
            "tagged", "Things have owners.", remediate=tagged, enforcement_level=EnforcementLevel.REMEDIATE
        ),
        ResourceValidationPolicy("named", "Names are good.", named),
        ResourceValidationPolicy("sees", "What a policy sees.", sees),
        ResourceValidationPolicy("providers", "Providers are seen.", provider_seen),
        ResourceValidationPolicy("breaks", "Policies may break.", breaks),
        ResourceValidationPolicy("reading", "Sources are good.", reading, enforcement_level=MANDATORY),
        ResourceValidationPolicy(
            "off", "Nobody asks.", lambda _args, report: report("off"), enforcement_level=EnforcementLevel.DISABLED
        ),
        StackValidationPolicy("few", "Things are few.", few),
        StackValidationPolicy("very-few", "Things are very few.", very_few, enforcement_level=MANDATORY),
    ],
)
