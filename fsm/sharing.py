"""Invitations: their draft."""

from __future__ import annotations

from fsm.draft import Draft


class InvitationDraft(Draft):
    """`token`: of the invitation that the customer is asked to accept."""

    token: str
