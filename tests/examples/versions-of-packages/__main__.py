"""Default providers, one for each version and download server of a package; what state says of a provider's options."""

import pulumi
from pulumi import ResourceOptions
from pulumi_simple import Provider, Resource

Resource("old", ResourceOptions(version="2.0.0"), value=True)
Resource("new", ResourceOptions(version="26.0.0"), value=False)
Resource("plain", value=True)
one, other = (f"https://custom.pulumi.test/{name}" for name in ("one", "other"))
Resource("from-one", ResourceOptions(version="26.0.0", plugin_download_url=one), value=True)
Resource("from-other", ResourceOptions(version="26.0.0", plugin_download_url=other), value=True)

mapped = Provider("mapped", ResourceOptions(env_var_mappings={"MY_VAR": "PROVIDER_VAR", "OTHER_VAR": "TARGET_VAR"}))
first = Resource("first", ResourceOptions(provider=mapped), value=True)
by_value = Resource("by-value", ResourceOptions(provider=mapped), value=first.value)
Resource("by-option", ResourceOptions(provider=mapped, depends_on=[first]), value=False)
pulumi.export("name", by_value.pulumi_resource_name)
pulumi.export("type", by_value.pulumi_resource_type)
