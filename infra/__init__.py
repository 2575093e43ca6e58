"""One environment of the data platform, as a Pulumi program; the stack's config says which."""
