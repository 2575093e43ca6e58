"""A module that other examples have one of the same name of."""

WORDS = "from a module beside it"
