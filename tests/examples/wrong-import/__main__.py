"""What is imported is not what the program declares."""

import pulumi
import pulumi_simple as simple

simple.Resource("imported", pulumi.ResourceOptions(import_="fakeID123"), value=False)
