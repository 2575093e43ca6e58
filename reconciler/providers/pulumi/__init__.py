"""The built-in `pulumi` package."""
