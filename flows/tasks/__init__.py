"""Steps that flows share: each does one thing and can be run again."""
