"""The Bot API: connection, updates, commands."""
