"""What those who work on the bot call; `make` knows how."""
