"""Customers: consents, language, e-mail, their own data."""
