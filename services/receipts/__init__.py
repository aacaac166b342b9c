"""Receipts: the payment document of an account and a charged month."""
