"""What others refer to."""

import pulumi

pulumi.export("name", "Pulumi")
pulumi.export("hidden", pulumi.Output.secret("s3cret-canary"))
pulumi.export("nested", {"a": [1, 2]})
