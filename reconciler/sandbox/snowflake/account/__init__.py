"""What an account holds: objects, roles, logins, keys."""
