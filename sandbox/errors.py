"""Refusals of the Bot API, and of the control API when a person cannot do a thing."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal of a Bot API call: HTTP status, `description`, optional `parameters` (ResponseParameters)."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def json(self) -> dict[str, Any]:
        """The body of the answer, as Telegram writes it."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class BadRequest(ApiError):
    """400; `reason` is what follows «Bad Request: »."""

    def __init__(self, reason: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(400, f"Bad Request: {reason}", parameters)


class Forbidden(ApiError):
    """403; `reason` is what follows «Forbidden: »."""

    def __init__(self, reason: str) -> None:
        super().__init__(403, f"Forbidden: {reason}")


class TooManyRequests(ApiError):
    """429; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


class Refused(Exception):
    """A person cannot do this in Telegram's own app: write to a closed topic, press a button that is not there."""
