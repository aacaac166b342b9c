"""Reminders: readings that are missing, bills to be paid, meters to be verified."""
