"""Erasure: its draft."""

from __future__ import annotations

from fsm.draft import Draft


class ErasureDraft(Draft):
    """The customer is asked for the last time whether everything about them is to be erased."""
