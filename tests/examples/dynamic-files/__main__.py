"""Dynamic resources: files, with checks, diffs, reads, a type name of their own, config and secrets."""

import pulumi
from files import Authenticated, File
from wanted import CONTENT, NAME

file = File("file", NAME, pulumi.Output.secret(CONTENT))
pulumi.export("length", file.length)
pulumi.export("word", file.content)
pulumi.export("seen", Authenticated("authenticated").seen)
pulumi.export("type", file.urn.apply(lambda urn: urn.split("::")[2]))
