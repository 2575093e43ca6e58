"""What does the stack's config say of the names that are generated for objects?"""

from __future__ import annotations

from reconciler.backend.references import ORGANIZATION, StackReference
from reconciler.model import paths
from reconciler.model.values import reveal
from reconciler.plan import autonaming
from reconciler.project.config import EffectiveConfig, render_value


def read_naming(config: EffectiveConfig, stack: StackReference) -> autonaming.NamingRules:
    """The rules of `pulumi:autonaming`.

    Raises:
        ProjectError: they are not well formed, or name a config value that is not set.
    """

    def find(text: str) -> str | None:
        key, *rest = paths.parse_path(text)
        value = config.structured.get(str(key) if ":" in str(key) else f"{stack.project}:{key}")
        found = paths.find_value(value, tuple(rest))
        return None if found is None else render_value(found)

    return autonaming.read_rules(
        reveal(config.structured.get(autonaming.KEY)),
        organization=ORGANIZATION,
        project=stack.project,
        stack=stack.stack,
        find_config=find,
    )
