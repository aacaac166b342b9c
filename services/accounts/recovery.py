"""The access of a lost Telegram is withdrawn for an owner who proves the account from a new one, unless it objects."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.accounts.accounts import proved
from services.accounts.errors import AccessEnded, RecoveryRefused, RecoveryTooEarly
from services.accounts.members import shut_out
from services.accounts.models import Action, Link, RecoveryRequest
from services.accounts.ports import ProofRepository, RecoveryRepository
from services.accounts.seniority import Seniority
from services.customers.models import Customer
from services.errors import NotYours
from services.notices.catalog import Recovered, RecoveryAsked, RecoveryKept, Withdrawn
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Alerts, Clock, Store, UnitOfWork

PROVED = timedelta(days=1)  # how old the asking owner's proof must be
SILENCE = timedelta(days=7)  # for which the old Telegram may object, from the moment the question reached it
UNREACHED = timedelta(days=30)  # the same where it could not be reached: the account is deleted, or the bot stopped


class Recovery:
    def __init__(self, store: Store, clock: Clock, alerts: Alerts, seniority: Seniority) -> None:
        self._store = store
        self._clock = clock
        self._seniority = seniority
        self._alerts = alerts

    async def check(self, customer: Customer, own_id: str, link_id: str) -> Link:
        """The customer's own link, if the access `link_id` may be asked for; raises what `ask` raises."""
        own = proved(customer, own_id)
        async with self._store.reading() as unit:
            await self._pair(unit, own, link_id)
        return own

    async def ask(self, customer: Customer, own_id: str, link_id: str) -> Link:
        """Ask that the access `link_id` be withdrawn; its holder is told at once. Asked twice, it is one request.
        Raises NotYours, NotVerified, OwnersOnly, AccessEnded, RecoveryTooEarly, RecoveryRefused."""
        own, now = proved(customer, own_id), self._clock.now()
        async with self._store.writing() as unit:
            own, old = await self._pair(unit, own, link_id)
            if await unit.of(RecoveryRepository).open(own.account, own.user_id, old.user_id, now):
                await unit.of(ProofRepository).record(own.account, own.user_id, Action.RECOVERY_ASKED, now)
                facts = RecoveryAsked(tail=own.tail, link=own.id, own=old.id)
                await unit.of(NoticeRepository).tell(Notice(_question(own, old), old.user_id, facts), now)
                await unit.commit()
        return own

    async def _pair(self, unit: UnitOfWork, own: Link, link_id: str) -> tuple[Link, Link]:
        """The one who asks and the one whose access is to end, as they stand now."""
        owners = {owner.id: owner for owner in await unit.of(ProofRepository).verified(own.account)}
        if own.id not in owners:
            raise NotYours
        own, old = owners[own.id], owners.get(link_id)
        if old is None:
            raise AccessEnded
        if not old.came_before(own):
            raise NotYours
        if own.verified_at is None or self._clock.now() - own.verified_at < PROVED:
            raise RecoveryTooEarly
        asked = await unit.of(RecoveryRepository).get(own.account, own.user_id, old.user_id)
        if asked and asked.objected_at:
            raise RecoveryRefused
        return own, old

    async def refuse(self, customer: Customer, own_id: str, link_id: str) -> None:
        """Keep one's access, whatever has become of the request of `link_id`. Raises NotYours, NotVerified,
        OwnersOnly."""
        own, now = proved(customer, own_id), self._clock.now()
        async with self._store.writing() as unit:
            other = await unit.of(ProofRepository).find(link_id)
            if other and await unit.of(RecoveryRepository).object(own.account, other.user_id, own.user_id, now):
                await unit.of(ProofRepository).record(own.account, own.user_id, Action.RECOVERY_REFUSED, now)
                notice = Notice(f"refused:{other.id}:{own.id}", other.user_id, RecoveryKept(tail=own.tail))
                await unit.of(NoticeRepository).tell(notice, now)
                await unit.commit()

    async def withdraw_due(self) -> None:
        """End accesses that were not defended in time."""
        async with self._store.reading() as unit:
            unanswered = await unit.of(RecoveryRepository).unanswered(self._clock.now() - SILENCE)
        for request in unanswered:
            try:
                await self._withdraw_if_due(request)
            except Exception as error:  # noqa: BLE001  # of one request, which must not keep the others waiting
                await self._alerts.send(f"an access could not be withdrawn: {type(error).__name__}", error)

    async def _withdraw_if_due(self, request: RecoveryRequest) -> None:
        now = self._clock.now()
        async with self._store.reading() as unit:  # most only wait: these need not keep the other writers waiting
            if await self._due(unit, request, now) is None:
                return
        async with self._store.writing() as unit:
            pair = await self._due(unit, request, now)
            if pair is None:
                return
            own, old = pair
            await shut_out(unit, old, now)
            await unit.of(ProofRepository).record(own.account, own.user_id, Action.RECOVERED, now)
            await _tell_both(unit, own, old, now)
            await unit.commit()

    async def _due(self, unit: UnitOfWork, request: RecoveryRequest, now: datetime) -> tuple[Link, Link] | None:
        """Links of the asking owner and of the old Telegram whose access ends now; None after an objection, when either
        has left, while the silence is too short, or while the asking owner does not decide about others yet."""
        owners = {owner.user_id: owner for owner in await unit.of(ProofRepository).verified(request.account)}
        own, old = owners.get(request.asked_by), owners.get(request.against)
        if own is None or old is None or self._seniority.waits_until(own):
            return None
        still_open = (
            await unit.of(RecoveryRepository).get(request.account, request.asked_by, request.against) == request
        )
        return (own, old) if still_open and await _heard(unit, own, old, request, now) else None


async def _heard(unit: UnitOfWork, own: Link, old: Link, request: RecoveryRequest, now: datetime) -> bool:
    """Whether silence means anything: a Telegram that was not reached had no chance to object, and one that goes on
    using the account is not lost."""
    reached = await unit.of(NoticeRepository).delivered_at(_question(own, old))
    if old.used_at and old.used_at > (reached or request.asked_at):
        return False
    return now - request.asked_at >= UNREACHED or (reached is not None and now - reached >= SILENCE)


async def _tell_both(unit: UnitOfWork, own: Link, old: Link, at: datetime) -> None:
    withdrawn, recovered = Withdrawn(tail=own.tail), Recovered(tail=own.tail)
    await unit.of(NoticeRepository).tell(Notice(f"withdrawn:{old.id}", old.user_id, withdrawn), at)
    await unit.of(NoticeRepository).tell(Notice(f"recovered:{old.id}:{own.id}", own.user_id, recovered), at)


def _question(own: Link, old: Link) -> str:
    """Its key: links are new each time an account is linked, so each request has its own."""
    return f"recovery:{own.id}:{old.id}"
