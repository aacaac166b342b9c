"""Family access: one-time invitations to an account with a role, the people who have it, and its end."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from services.accounts.accounts import Limits, owned, proved
from services.accounts.errors import AccessEnded, AlreadyOwner, ClosedToOthers, InvitationGone, TooManyAccounts
from services.accounts.members import shut_out, tell_revoked
from services.accounts.models import AccountMembers, Action, Invitation, JournalEntry, Link, Role
from services.accounts.ports import ProofRepository, RecoveryRepository, ShareRepository
from services.accounts.seniority import Seniority
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.errors import NotYours
from services.notices.catalog import Joined
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork
from services.reminders.ports import ReminderRepository

LIFE = timedelta(hours=24)  # of an invitation
JOURNAL = 10  # newest entries shown
NAME = 64  # the most characters of a person's name


class Sharing:
    def __init__(self, store: Store, clock: Clock, limits: Limits, seniority: Seniority) -> None:
        self._store = store
        self._clock = clock
        self._seniority = seniority
        self._limits = limits

    async def invite(self, customer: Customer, link_id: str, role: Role, key: str, person: str) -> str:
        """The token of a new invitation; it cannot be learned a second time. The same `key` again makes the token
        before it worthless. `person`: the name under which the invited one sees the inviter. Raises NotYours,
        NotVerified, OwnersOnly, ClosedToOthers."""
        token = secrets.token_urlsafe(16)
        now = self._clock.now()
        async with self._store.writing() as unit:
            link = await self._seniority.owner(unit, customer, link_id)
            invitation = Invitation(link.account, customer.user_id, role, now + LIFE, person=person[:NAME] or None)
            if (await unit.of(ProofRepository).control(link.account)).closed:
                raise ClosedToOthers
            if await unit.of(ShareRepository).invite(_digest(token), key, invitation):
                await unit.of(ProofRepository).record(link.account, customer.user_id, Action.INVITED, now)
            await unit.commit()
        return token

    async def look_at(self, customer: Customer, token: str) -> Invitation:
        """Raises InvitationGone, AlreadyOwner, TooManyAccounts."""
        async with self._store.reading() as unit:
            return await self._good(unit, customer, token)

    async def join(self, customer: Customer, token: str, person: str) -> str:
        """The link to the account. `person`: the name under which its owner sees them. The same invitation again
        by the same person is fine. Raises InvitationGone, TooManyAccounts."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            invitation = await self._good(unit, customer, token)
            if not await unit.of(ShareRepository).use(_digest(token), now):
                return next(link.id for link in customer.links if link.account == invitation.account)
            link = await unit.of(ShareRepository).join(
                customer.user_id, secrets.token_urlsafe(6), invitation, person[:NAME], now
            )
            await unit.of(CustomerRepository).choose(customer.user_id, link.id)
            await unit.of(ReminderRepository).pass_over(customer.user_id)
            await unit.of(ProofRepository).record(invitation.account, customer.user_id, Action.JOINED, now)
            owners = await unit.of(ProofRepository).verified(invitation.account)
            own = next(owner.id for owner in owners if owner.user_id == invitation.granted_by)
            facts = Joined(tail=link.tail, person=person[:NAME], role=invitation.role, own=own)
            await unit.of(NoticeRepository).tell(Notice(f"joined:{link.id}", invitation.granted_by, facts), now)
            await unit.commit()
        return link.id

    async def _good(self, unit: UnitOfWork, customer: Customer, token: str) -> Invitation:
        """One that this customer may follow or has followed."""
        invitation = await unit.of(ShareRepository).invitation(_digest(token))
        if invitation is None or invitation.granted_by == customer.user_id:
            raise InvitationGone
        own = next((link for link in customer.links if link.account == invitation.account), None)
        if own and own.verified:
            raise AlreadyOwner
        if invitation.used_at and (own is None or own.granted_by != invitation.granted_by):
            raise InvitationGone
        inviter = await _inviter(unit, invitation)
        if invitation.expires_at <= self._clock.now() or inviter is None:
            raise InvitationGone
        if own and own.shared and own.granted_by != inviter.user_id and self._seniority.waits_until(inviter):
            raise InvitationGone  # a share of another owner's would become theirs, and end with them
        if own is None and len(customer.links) >= self._limits.accounts:
            raise TooManyAccounts(limit=self._limits.accounts)
        return invitation

    async def uninvite(self, customer: Customer, link_id: str, invitation_id: str) -> Link:
        """Take back an unused invitation; the customer's own link. Once more is fine.
        Raises NotYours, NotVerified, OwnersOnly, DecidesLater."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            own = await self._seniority.owner(unit, customer, link_id)
            good = await unit.of(ShareRepository).invitations(own.account, now)
            for invitation in (one for one in good if one.id == invitation_id):
                self._admit(own, invitation.granted_by)
            if await unit.of(ShareRepository).uninvite(own.account, invitation_id):
                await unit.of(ProofRepository).record(own.account, customer.user_id, Action.UNINVITED, now)
                await unit.commit()
        return owned(customer, link_id)

    def _admit(self, own: Link, granted_by: int | None) -> None:
        """A share or invitation of one's own can always be taken back. Raises DecidesLater."""
        if granted_by != own.user_id:
            self._seniority.admit(own)

    async def members(self, customer: Customer, link_id: str) -> AccountMembers:
        """Everybody else who has the account or may come to it. Raises NotYours, NotVerified, OwnersOnly."""
        link = proved(customer, link_id)
        async with self._store.reading() as unit:
            everybody = await unit.of(ShareRepository).members(link.account)
            invitations = await unit.of(ShareRepository).invitations(link.account, self._clock.now())
            requests = await unit.of(RecoveryRepository).asked_by(link.account, customer.user_id)
        others = tuple(member for member in everybody if member.user_id != customer.user_id)
        asked = {request.against: request for request in requests}
        return AccountMembers(others, invitations, asked, self._seniority.waits_until(link))

    async def member(self, customer: Customer, link_id: str, member_id: str) -> Link:
        """The link that somebody else has to the account. Raises NotYours, NotVerified, OwnersOnly, AccessEnded."""
        others = (await self.members(customer, link_id)).members
        found = next((member for member in others if member.id == member_id), None)
        if found is None:
            raise AccessEnded
        return found

    async def journal(self, customer: Customer, link_id: str) -> tuple[JournalEntry, ...]:
        """The newest important actions, as far as the account's present proofs go back. Raises NotYours, NotVerified,
        OwnersOnly."""
        link = proved(customer, link_id)
        async with self._store.reading() as unit:
            entries = await unit.of(ProofRepository).journal(link.account, JOURNAL)
        ended = next((index for index, entry in enumerate(entries) if entry.action.begins_anew), JOURNAL)
        return entries[: ended + 1]

    async def revoke(self, customer: Customer, member_id: str) -> Link:
        """End a person's share of an account; the customer's own link. Raises NotYours, also when it has ended,
        DecidesLater."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            member = await unit.of(ProofRepository).find(member_id)
            own = next((one for one in customer.links if member and one.account == member.account), None)
            if member is None or own is None or not own.verified or not member.shared:
                raise NotYours
            self._admit(await self._seniority.owner(unit, customer, own.id), member.granted_by)
            await shut_out(unit, member, now)
            await unit.of(ProofRepository).record(member.account, customer.user_id, Action.REVOKED, now)
            await tell_revoked(unit, [member], now)
            await unit.commit()
        return own


async def _inviter(unit: UnitOfWork, invitation: Invitation) -> Link | None:
    """The inviter's link, None when they are no owner any more or the account takes in no one new."""
    if (await unit.of(ProofRepository).control(invitation.account)).closed:
        return None
    owners = await unit.of(ProofRepository).verified(invitation.account)
    return next((owner for owner in owners if owner.user_id == invitation.granted_by), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
