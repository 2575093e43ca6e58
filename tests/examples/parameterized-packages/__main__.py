"""Packages that are made of one plugin by parameters, side by side, and an extension of the plugin's own package."""

import pulumi
from pulumi_many import Extended, Provider, Word, Words, get

for of, parameter in (("greeting", b"hello"), ("parting", b"goodbye")):
    pulumi.export(f"{of}_word", Word(f"{of}-word", of, parameter).word)
    pulumi.export(f"{of}_words", Words(f"{of}-words", of, parameter).word)
    pulumi.export(f"{of}_got", get(of, parameter))

explicit = Provider("explicit", "parting", b"goodbye", after=", world")
pulumi.export("explicit", Word("by-explicit", "parting", b"goodbye", pulumi.ResourceOptions(provider=explicit)).word)
group = pulumi.ComponentResource("my:module:Group", "group", {}, pulumi.ResourceOptions(providers=[explicit]))
pulumi.export("inherited", Word("of-group", "parting", b"goodbye", pulumi.ResourceOptions(parent=group)).word)

pulumi.export("extended", Extended("extended", "shouting", b"HELLO").word)
