"""Broadcasts: one message of the company to many customers."""
