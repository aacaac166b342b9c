"""Payments through the bot: orders, the provider, payment codes."""
