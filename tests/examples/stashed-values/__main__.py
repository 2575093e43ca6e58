"""A stash keeps the first value that it is given."""

import pulumi
from word import WORD

kept = pulumi.Stash("kept", input={"key": ["value", pulumi.Output.secret("s3cret-canary")], "": False})
plain = pulumi.Stash("plain", input=WORD)
pulumi.export("kept", kept.output)
pulumi.export("plain", plain.output)
