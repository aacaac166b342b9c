"""The web server: webhooks, health, metrics."""
