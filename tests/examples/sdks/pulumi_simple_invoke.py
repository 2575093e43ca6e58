"""Package `simple-invoke`: functions, and a resource to hand their results to."""

import pulumi
from kinds import kind, provider

Provider = provider("simple-invoke")
StringResource = kind("simple-invoke:index:StringResource", "text")


def my_invoke(value, opts=None):
    """Call the function at once; its result is plain."""
    return pulumi.runtime.invoke("simple-invoke:index:myInvoke", {"value": value}, opts).value


def my_invoke_output(value, opts=None):
    """Call the function when its argument is known."""
    return pulumi.runtime.invoke_output("simple-invoke:index:myInvoke", {"value": value}, opts)


def unit_output(opts=None):
    """Call a function without arguments."""
    return pulumi.runtime.invoke_output("simple-invoke:index:unit", {}, opts)


def secret_invoke_output(value, secret_response, opts=None):
    """Call a function whose result is secret if it is asked to be."""
    arguments = {"value": value, "secretResponse": secret_response}
    return pulumi.runtime.invoke_output("simple-invoke:index:secretInvoke", arguments, opts)
