"""Why a whole file cannot be imported."""

from __future__ import annotations


class Refused(Exception):
    """`str()` is a sentence for the operator."""


class ImportWithdrawn(Refused):
    """The import was withdrawn while it ran: none of its lines is in the books."""
