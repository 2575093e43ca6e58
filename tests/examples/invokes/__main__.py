"""Functions of providers: at once, when their argument is known, after a resource, with secrets, by a provider."""

import pulumi
import pulumi_simple_invoke as invoke
from pulumi_simple_invoke import StringResource

provider = invoke.Provider("explicit")
first = StringResource("first", text="x")
dependent = invoke.my_invoke_output("hello", pulumi.InvokeOutputOptions(depends_on=[first]))
second = StringResource("second", text=dependent["result"])
later = invoke.my_invoke_output(first.text)
StringResource("third", text=later["result"])
hidden = invoke.secret_invoke_output("hush", secret_response=True)
StringResource("fourth", text=hidden["response"])

pulumi.export("plain", invoke.my_invoke("hello")["result"])
pulumi.export("unit", invoke.unit_output()["result"])
pulumi.export("later", later["result"])
pulumi.export("dependent", dependent["result"])
pulumi.export("secret", hidden["response"])
pulumi.export("open", invoke.secret_invoke_output("loud", secret_response=False)["response"])
pulumi.export("by_provider", invoke.my_invoke("via", pulumi.InvokeOptions(provider=provider))["result"])
