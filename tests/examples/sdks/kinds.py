"""Classes of the kinds that `providers/resources.py` serves, as a generated package would have them."""

import pulumi


def kind(token, *outputs):
    """A class of resources whose inputs are its keyword arguments."""

    class Kind(pulumi.CustomResource):
        def __init__(self, resource_name, opts=None, **inputs):
            super().__init__(token, resource_name, {**dict.fromkeys(outputs), **inputs}, opts)

        @classmethod
        def get(cls, resource_name, id, opts=None):
            return cls(resource_name, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))

    return Kind


def provider(package):
    """The class of a package's explicit providers."""

    class Provider(pulumi.ProviderResource):
        def __init__(self, resource_name, opts=None, **settings):
            super().__init__(package, resource_name, settings, opts)

    return Provider
