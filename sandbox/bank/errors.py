"""How the provider says no."""

from __future__ import annotations

from typing import Any
from uuid import uuid4


class Refusal(Exception):
    """An answer other than 200: HTTP `status`, the provider's `code`, the request's `parameter`.

    `retry_after` in milliseconds.
    """

    def __init__(
        self, status: int, code: str, description: str, parameter: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.parameter = parameter
        self.retry_after = retry_after

    def json(self) -> dict[str, Any]:
        """The body of the answer."""
        body = {"type": "error", "id": str(uuid4()), "code": self.code, "description": self.description}
        more = {"parameter": self.parameter, "retry_after": self.retry_after}
        return body | {name: value for name, value in more.items() if value is not None}


class Invalid(Refusal):
    """400 «invalid_request»."""

    def __init__(self, description: str, parameter: str | None = None) -> None:
        super().__init__(400, "invalid_request", description, parameter)


class Unsupported(Refusal):
    """400 «not_supported»: documented, but not for this shop."""

    def __init__(self, description: str, parameter: str) -> None:
        super().__init__(400, "not_supported", description, parameter)


class Unauthorized(Refusal):
    """401."""

    def __init__(self) -> None:
        words = "Error in shopId or secret key. Check their validity. You can reissue the key in the Merchant Profile"
        super().__init__(401, "invalid_credentials", words, "Authorization")


class Forbidden(Refusal):
    """403: the key is right, the shop may not."""

    def __init__(self, description: str, parameter: str | None = None) -> None:
        super().__init__(403, "forbidden", description, parameter)


class NotFound(Refusal):
    """404."""

    def __init__(self, what: str, parameter: str) -> None:
        super().__init__(404, "not_found", f"{what} doesn't exist or access denied", parameter)
