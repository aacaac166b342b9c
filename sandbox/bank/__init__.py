"""The payment provider: YooKassa API v3 as its documentation describes it, its payment page, its notifications."""

from sandbox.bank.bank import Bank
from sandbox.bank.payments import Payment, Refund, Shop

__all__ = ["Bank", "Payment", "Refund", "Shop"]
