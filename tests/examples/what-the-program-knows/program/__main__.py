"""Where am I, and who asks? `main` of Pulumi.yaml names this folder."""

from pathlib import Path

import pulumi
from component import WORDS

pulumi.export("stack", pulumi.get_stack())
pulumi.export("project", pulumi.get_project())
pulumi.export("organization", pulumi.get_organization())
pulumi.export("folder", Path.cwd().name)
pulumi.export("root_holds", (Path(pulumi.get_root_directory()) / "Pulumi.yaml").exists())
pulumi.export("helper", WORDS)
pulumi.export("dry", pulumi.runtime.is_dry_run())
pulumi.export("urn", pulumi.runtime.get_root_resource().urn)
