"""Who keeps the key of a stack's secrets: a passphrase, or a cloud."""
