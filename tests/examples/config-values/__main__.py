"""Config: typed, by path, secret, of another namespace, with defaults, and what is missing."""

import pulumi

config = pulumi.Config()

pulumi.export("region", config.require("region"))
pulumi.export("count", config.require_int("count"))
pulumi.export("ratio", config.get_float("ratio"))
pulumi.export("loud", config.get_bool("loud"))
pulumi.export("password", config.require_secret("password"))
pulumi.export("outer", config.require_object("outer"))
pulumi.export("all_names", config.require_secret_object("names"))
pulumi.export("servers", config.get_object("servers"))
pulumi.export("other", pulumi.Config("aws").require("region"))
pulumi.export("default", config.get("nowhere", "fallback"))
pulumi.export("nothing", config.get_int("nowhere"))
pulumi.export("full_name", config.full_key("region"))
pulumi.export("secret_count", config.require_secret_int("count").apply(lambda count: count + 1))

try:
    config.require("missing")
except pulumi.ConfigMissingError as error:
    pulumi.log.warn(f"missing is missing: {error.key}")
