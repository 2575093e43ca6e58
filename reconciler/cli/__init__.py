"""The `pulumi` and `flowforge` commands."""
