"""Faults that tests and the page switch on: the network and Telegram at their worst."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Final

from sandbox.errors import Refused

# Faults that act before the call has an effect, and those that act after it.
BEFORE: Final = (
    "delay",
    "hang",
    "reset_before",
    "http_status",
    "json_5xx",
    "too_many_requests",
    "unauthorized",
    "conflict",
)
AFTER: Final = ("reset_after", "truncated_body")
DUPLICATES: Final = ("duplicate_updates",)
MALFORMED: Final = "malformed_update"
KINDS: Final = (*BEFORE, *AFTER, *DUPLICATES, MALFORMED)


@dataclass(slots=True)
class Fault:
    """One fault.

    `kind`: `http_status` (`status`, HTML `body`), `json_5xx` (no description), `reset_before` (nothing happens),
    `reset_after` (it happens, the reply is lost), `delay` (`seconds`), `hang`, `too_many_requests` (`retry_after`),
    `unauthorized`, `conflict`, `truncated_body`, `duplicate_updates` (each update comes `times` times),
    `malformed_update` (`update` is queued as it is, at once).
    `method` is a pattern with `*`; `chat_id` narrows to one chat; `count` calls, with `probability`, for `duration`
    seconds; None means without end.
    """

    kind: str
    method: str = "*"
    chat_id: int | None = None
    count: int | None = None
    probability: float = 1.0
    duration: float | None = None
    status: int = 502
    body: str = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    seconds: float = 1.0
    retry_after: int = 1
    update: dict[str, Any] | None = None
    times: int = 2
    hits: int = 0
    since: float = field(default=0.0)


_NAMES: Final = frozenset(one.name for one in fields(Fault)) - {"hits", "since"}


class Faults:
    """The faults that are on, of the `kinds` that a server knows."""

    def __init__(
        self,
        now: Callable[[], float],
        inject: Callable[[dict[str, Any]], object] = lambda _: None,
        kinds: tuple[str, ...] = KINDS,
    ) -> None:
        self._now = now
        self._inject = inject
        self._kinds = kinds
        self._on: list[Fault] = []
        self._random = random.Random(0)  # noqa: S311 - the same run falls the same way

    def add(self, kind: str, **settings: Any) -> Fault:
        """Switch a fault on. Raises `Refused` for an unknown kind or setting."""
        if kind not in self._kinds:
            raise Refused(f"unknown fault {kind!r}, known: {', '.join(self._kinds)}")
        if unknown := settings.keys() - _NAMES:
            raise Refused(f"unknown settings of a fault: {', '.join(sorted(unknown))}")
        fault = Fault(kind, **settings, since=self._now())
        if kind == MALFORMED:
            self._inject(fault.update or {})
        else:
            self._on.append(fault)
        return fault

    def clear(self, *kinds: str) -> None:
        """Switch these kinds off, without any named everything."""
        self._on = [fault for fault in self._on if kinds and fault.kind not in kinds]

    def json(self) -> list[dict[str, Any]]:
        """As the control API shows them."""
        return [asdict(fault) for fault in self._on]

    def take(self, method: str, chat_id: int | None, kinds: Iterable[str]) -> list[Fault]:
        """Faults of these kinds that hit this call; each counts as used."""
        if not self._on:
            return []
        hits = [fault for fault in self._on if fault.kind in kinds and self._hits(fault, method, chat_id)]
        for fault in hits:
            fault.hits += 1
        self._on = [fault for fault in self._on if not self._over(fault)]
        return hits

    def _hits(self, fault: Fault, method: str, chat_id: int | None) -> bool:
        return (
            fnmatchcase(method, fault.method)
            and fault.chat_id in (None, chat_id)
            and not self._over(fault)
            and (fault.probability >= 1 or self._random.random() < fault.probability)
        )

    def _over(self, fault: Fault) -> bool:
        used = fault.count is not None and fault.hits >= fault.count
        return used or (fault.duration is not None and self._now() > fault.since + fault.duration)
