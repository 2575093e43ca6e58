"""A second pack: it has no version in its manifest, and looks at what the first one made."""

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def owned(args, report):
    if args.name == "tag2":
        report(f"owner is {args.props['tags'].get('owner')}")


PolicyPack(
    "second",
    [ResourceValidationPolicy("owned", "Owners are known.", owned, enforcement_level=EnforcementLevel.ADVISORY)],
)
