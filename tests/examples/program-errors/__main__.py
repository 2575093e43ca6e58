"""A program that fails after it made something: what is made is kept."""

import pulumi_simple as simple

simple.Resource("made", value=True).urn.apply(lambda urn: urn.split("::")[99])
