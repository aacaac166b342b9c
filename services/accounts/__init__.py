"""Accounts and the people who may use them."""
