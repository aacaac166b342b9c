"""Messages that the bot sends unasked."""
