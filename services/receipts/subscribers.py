"""Subscribers who may still get the receipts of an account."""

from __future__ import annotations

from services.accounts.models import Link
from services.customers.models import Customer
from services.notices.models import Channel
from services.receipts.models import Subscription
from services.receipts.payment_code import Subscribers


def mailable(link: Link, rule: Subscribers) -> bool:
    """Whether receipts of the account may be sent by e-mail to the link's customer."""
    by_address = rule is Subscribers.ADDRESS and not link.barred
    return link.sees or (by_address and not link.shared)


def entitled(customer: Customer | None, subscription: Subscription, rule: Subscribers) -> Link | None:
    """The link by which a receipt may come to its subscriber; None: no more."""
    if customer is None or not customer.agreed:
        return None
    if customer.stopped and subscription.channel is Channel.TELEGRAM:
        return None
    link = next((link for link in customer.links if link.account == subscription.account), None)
    if link is None:
        return None
    by_mail = subscription.channel is Channel.MAIL and mailable(link, rule)
    return link if link.sees or by_mail else None
