"""Methods of components, resources and providers; resources that go into a plugin's components and come out of them."""

import pulumi
from pulumi_calls import Callable, Configurer, Custom, Dependent, Provider, Referring, Relaying, find

callable = Callable("callable", value="bar")
pulumi.export("identity", callable.identity())
pulumi.export("prefixed", callable.prefixed("foo-"))
pulumi.export("found", find("it", pulumi.InvokeOutputOptions(depends_on=[callable])))

referring = Referring("referring", value="far")
relaying = Relaying("relaying", taken=referring.ref)
Custom("of-taken", value=relaying.taken.value)
Custom("of-made", value=relaying.made.value)

explicit = Provider("explicit", value="chosen")
custom = Custom("custom", pulumi.ResourceOptions(provider=explicit), value="it")
pulumi.export("described", custom.described())
pulumi.export("provider_identity", explicit.identity())

# Resources as such are no dependencies of an input, what comes of one is.
dependent = Dependent("dependent", resource=custom, resources=[custom], named={"one": custom}, word=custom.value)
pulumi.export("told", dependent.told)

configurer = Configurer("configurer", value="handed on")
pulumi.export("number", configurer.number())
by_plain = Custom("by-plain", pulumi.ResourceOptions(provider=configurer.provider()), value="it")
pulumi.export("by_plain", by_plain.by)
