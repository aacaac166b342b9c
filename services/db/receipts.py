"""Receipts: files that Telegram keeps, tokens of accounts on paper, subscriptions, the paper that they replace,
deliveries, charged months."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    Row,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.lists import among
from services.db.metadata import Moment, metadata
from services.db.old_rows import remove
from services.db.prepared import LookUp, PreparedQuery, PreparedStatement
from services.errors import N_
from services.notices.models import Channel
from services.receipts.models import ChargedMonth, Delivery, Paperless, Reason, Subscription
from services.receipts.ports import (
    ChargedMonthRepository,
    DeliveryRepository,
    PaperTokenRepository,
    SubscriptionRepository,
    UploadRepository,
)
from services.supplier.models import Month

uploads = Table(
    "uploads",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(32), primary_key=True, comment="digest of the receipts that the file is"),
    Column("file_id", Text, nullable=False, comment="Telegram's, good for this bot alone"),
    Column("used_at", Moment, nullable=False),
)

paper_tokens = Table(
    "paper_tokens",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("token", String(24), nullable=False, unique=True),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("channel", String(16), primary_key=True, comment="telegram or mail"),
    Column("since", Moment, nullable=False),
    Column("address", String(254), nullable=False, server_default="", comment="confirmed, of letters"),
    Column("paperless", Boolean, nullable=False, server_default="0", comment="the account's owner wants no paper"),
)

paperless = Table(
    "paperless",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(12), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("ended_at", Moment, comment="paper receipts are printed again"),
)

ending_reasons = Table(
    "ending_reasons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("words", String(300), nullable=False, server_default=""),
)

deliveries = Table(
    "receipt_deliveries",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("account", String(12), primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("channel", String(16), primary_key=True, comment="telegram or mail"),
    Column("edition", Integer, primary_key=True, autoincrement=False, comment="1; more: of a corrected bill"),
    Column("digest", String(24), nullable=False, comment="of the bill's sums"),
    Column("kopecks", BigInteger, nullable=False, comment="to pay by this bill"),
    Column("formed_at", Moment, nullable=False),
    Column("made_at", Moment, comment="when the paper was made to be sent"),
    Column("paper", String(64), nullable=False, server_default="", comment="digest of the supplier's own file"),
    sqlite_with_rowid=False,
)

charged_months = Table(
    "charged_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("changed_at", Moment, nullable=False, comment="when charges of the month came or changed last"),
    Column("formed_for", Moment, comment="the change for which receipts were formed last"),
)
_PAUSE: Final = timedelta(days=1)  # between spans without paper: no receipts are printed in less
_BESIDES_KEY: Final = [column.name for column in deliveries.c if not column.primary_key]
_PLACE = (subscriptions.c.account, subscriptions.c.user_id, subscriptions.c.channel)


class SqlUploads(Repository):
    async def find(self, bot_id: int, key: str, at: datetime) -> str | None:
        this = (uploads.c.bot_id == bot_id, uploads.c.key == key)
        used = update(uploads).where(*this).values(used_at=at).returning(uploads.c.file_id)
        found: str | None = (await self._connection.execute(used)).scalar_one_or_none()
        return found

    async def keep(self, bot_id: int, key: str, file_id: str, at: datetime) -> None:
        row = {"bot_id": bot_id, "key": key, "file_id": file_id, "used_at": at}
        await _KEEP_UPLOAD.run(self._connection, [row])

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(uploads).where(uploads.c.used_at < before))


class SqlPaperTokens(Repository):
    async def token(self, account: str, new: str) -> str:
        await _ADD_TOKEN.run(self._connection, [{"account": account, "token": new}])
        [row] = await _TOKEN.all(self._connection, {"of_account": account})
        return str(row.token)

    async def find(self, account: str) -> str | None:
        found = await _TOKEN.all(self._connection, {"of_account": account})
        return found[0].token if found else None

    async def account(self, token: str) -> str | None:
        query = select(paper_tokens.c.account).where(paper_tokens.c.token == token)
        found: str | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found


class SqlSubscriptions(Repository):
    async def of_person(self, user_id: int) -> list[Subscription]:
        query = select(subscriptions).where(subscriptions.c.user_id == user_id).order_by(*_PLACE)
        return [_subscription(row) for row in await self._connection.execute(query)]

    async def of_account(self, user_id: int, account: str) -> list[Subscription]:
        rows = await _THEIR_SUBSCRIPTIONS.all(self._connection, {"of_user": user_id, "of_account": account})
        return [_subscription(row) for row in rows]

    async def page(self, after: Subscription | None, limit: int) -> list[Subscription]:
        query = select(subscriptions).order_by(*_PLACE).limit(limit)
        if after:
            query = query.where(tuple_(*_PLACE) > (after.account, after.user_id, after.channel))
        return [_subscription(row) for row in await self._connection.execute(query)]

    async def begin(self, subscription: Subscription) -> None:
        row = {
            "account": subscription.account,
            "user_id": subscription.user_id,
            "channel": subscription.channel,
            "since": subscription.since,
            "address": subscription.address,
            "paperless": subscription.paperless,
        }
        changed = {"address": subscription.address, "paperless": subscription.paperless}
        await self._connection.execute(
            upsert(subscriptions).values(row).on_conflict_do_update(index_elements=_PLACE, set_=changed)
        )
        await self._note_paper(subscription.account, subscription.since)

    async def end(self, user_id: int, account: str, channel: Channel, at: datetime) -> bool:
        this = (
            subscriptions.c.user_id == user_id,
            subscriptions.c.account == account,
            subscriptions.c.channel == channel,
        )
        ended = await self._connection.execute(delete(subscriptions).where(*this))
        await self._note_paper(account, at)
        return ended.rowcount > 0

    async def end_letters(self, accounts: Iterable[str], at: datetime) -> list[Subscription]:
        letters = (among(subscriptions.c.account, accounts), subscriptions.c.channel == Channel.MAIL)
        rows = await self._connection.execute(select(subscriptions).where(*letters).order_by(*_PLACE))
        found = [_subscription(row) for row in rows]
        for one in found:
            await self.end(one.user_id, one.account, one.channel, at)
        return found

    async def addresses(self, user_id: int) -> frozenset[str]:
        theirs = (subscriptions.c.user_id == user_id, subscriptions.c.channel == Channel.MAIL)
        return frozenset((await self._connection.execute(select(subscriptions.c.address).where(*theirs))).scalars())

    async def paperless(self, account: str, but: int) -> bool:
        others = (subscriptions.c.account == account, subscriptions.c.user_id != but, subscriptions.c.paperless)
        return (await self._connection.execute(select(subscriptions.c.user_id).where(*others))).first() is not None

    async def bring_paper(self, account: str, at: datetime) -> list[Subscription]:
        away = (subscriptions.c.account == account, subscriptions.c.paperless)
        rows = await self._connection.execute(select(subscriptions).where(*away).order_by(*_PLACE))
        found = [_subscription(row) for row in rows]
        await self._connection.execute(update(subscriptions).where(*away).values(paperless=False))
        await self._note_paper(account, at)
        return found

    async def _note_paper(self, account: str, at: datetime) -> None:
        """A span begins with the first subscription instead of paper, and ends with the last one; one that ended within
        a day goes on."""
        wanted = await self.paperless(account, but=0)
        going, ended = paperless.c.ended_at.is_(None), paperless.c.ended_at > at - _PAUSE
        now = (paperless.c.account == account, or_(going, ended) if wanted else going)
        known = await self._connection.execute(update(paperless).where(*now).values(ended_at=None if wanted else at))
        if wanted and not known.rowcount:
            await self._connection.execute(insert(paperless).values(account=account, since=at))

    async def paper_came(self, account: str, at: datetime) -> bool:
        then = select(paperless.c.id).where(paperless.c.account == account, paperless.c.ended_at == at)
        return (await self._connection.execute(then)).first() is not None

    async def note_reason(self, reason: Reason, words: str, day: date) -> None:
        await self._connection.execute(insert(ending_reasons).values(reason=reason, words=words, day=day))

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(paperless).where(paperless.c.ended_at < before))
        await self._connection.execute(delete(ending_reasons).where(ending_reasons.c.day < before.date()))

    async def spans(self) -> AsyncIterator[Paperless]:
        """All spans without paper, by account and from the first one on."""
        query = select(paperless).order_by(paperless.c.account, paperless.c.id)
        for row in await self._connection.execute(query):
            yield Paperless(row.account, row.since, row.ended_at)

    async def reasons(self, first: date, last: date) -> AsyncIterator[tuple[date, Reason, str]]:
        """Days, reasons and words, in the order in which they were given."""
        query = select(ending_reasons).where(ending_reasons.c.day.between(first, last))
        for row in await self._connection.execute(query.order_by(ending_reasons.c.day, ending_reasons.c.id)):
            yield row.day, Reason(row.reason), row.words

    async def count(self) -> int:
        return int((await self._connection.execute(select(func.count()).select_from(subscriptions))).scalar_one())


class SqlDeliveries(Repository):
    async def of_accounts(self, month: Month, accounts: Collection[str]) -> list[Delivery]:
        rows = await _OF_ACCOUNTS.all(self._connection, {"of_month": str(month), "of_accounts": list(accounts)})
        return [_delivery(row) for row in rows]

    async def of_subscriber(self, month: Month, account: str, user_id: int, channel: Channel) -> list[Delivery]:
        this = {"of_month": str(month), "of_account": account, "of_user": user_id, "of_channel": channel}
        return [_delivery(row) for row in await _OF_SUBSCRIBER.all(self._connection, this)]

    async def formed(self, month: Month) -> bool:
        query = select(deliveries.c.account).where(deliveries.c.month == str(month)).limit(1)
        return (await self._connection.execute(query)).first() is not None

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        await _ADD.run(self._connection, [{**_row_key(one), **_row_values(one)} for one in deliveries])

    async def update(self, delivery: Delivery) -> None:
        this = {f"of_{name}": value for name, value in _row_key(delivery).items()}
        await _UPDATE.run(self._connection, [this | _row_values(delivery)])

    async def forget(self, before: datetime, most: int) -> bool:
        charged = deliveries.c.month <= str(Month.of(before.date()))  # the key: later ones need no look
        return await remove(self._connection, deliveries, most, charged, deliveries.c.formed_at < before) == most


class SqlChargedMonths(Repository):
    async def unformed(self, now: datetime, wait: timedelta) -> list[ChargedMonth]:
        known = charged_months.c
        another = known.formed_for.is_distinct_from(known.changed_at)  # not a later one: clocks are set back
        settled = or_(known.changed_at <= now - wait, known.changed_at > now + wait)
        query = select(charged_months).where(settled, another).order_by(known.month.desc())
        rows = await self._connection.execute(query)
        return [ChargedMonth(Month.parse(row.month), row.changed_at) for row in rows]

    async def form(self, charged: ChargedMonth) -> None:
        this = update(charged_months).where(charged_months.c.month == str(charged.month))
        await self._connection.execute(this.values(formed_for=charged.changed_at))


async def note_charged(connection: AsyncConnection, months: Iterable[str], at: datetime) -> None:
    """Charges of these months, or the supplier's own receipts, came, changed or went."""
    changed = upsert(charged_months)
    changed = changed.on_conflict_do_update(index_elements=["month"], set_={"changed_at": changed.excluded.changed_at})
    if rows := [{"month": month, "changed_at": at} for month in months]:
        await connection.execute(changed, rows)


def _row_key(one: Delivery) -> dict[str, Any]:
    return {
        "month": str(one.month),
        "account": one.account,
        "user_id": one.user_id,
        "channel": one.channel,
        "edition": one.edition,
    }


def _row_values(one: Delivery) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _BESIDES_KEY}


def _delivery(row: Row[Any]) -> Delivery:
    month, channel = Month.parse(row.month), Channel(row.channel)
    sums = (row.digest, row.kopecks, row.formed_at, row.made_at, row.paper)
    return Delivery(row.account, month, row.user_id, channel, row.edition, *sums)


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(row.user_id, row.account, Channel(row.channel), row.since, row.address, row.paperless)


_kept = upsert(uploads)
_KEEP_UPLOAD = PreparedStatement(
    _kept.on_conflict_do_update(
        index_elements=["bot_id", "key"],
        set_={"file_id": _kept.excluded.file_id, "used_at": _kept.excluded.used_at},
    )
)
_ADD_TOKEN = PreparedStatement(upsert(paper_tokens).on_conflict_do_nothing())
_TOKEN = LookUp(select(paper_tokens.c.token).where(paper_tokens.c.account == bindparam("of_account")))
_THEIR_SUBSCRIPTIONS = PreparedQuery(
    select(subscriptions)
    .where(subscriptions.c.user_id == bindparam("of_user"), subscriptions.c.account == bindparam("of_account"))
    .order_by(subscriptions.c.channel)
)
_of_month = select(deliveries).where(deliveries.c.month == bindparam("of_month")).order_by(*deliveries.primary_key)
_OF_ACCOUNTS = PreparedQuery(_of_month.where(among(deliveries.c.account, "of_accounts")))
_OF_SUBSCRIBER = PreparedQuery(
    _of_month.where(
        deliveries.c.account == bindparam("of_account"),
        deliveries.c.user_id == bindparam("of_user"),
        deliveries.c.channel == bindparam("of_channel"),
    )
)
_ADD = PreparedStatement(insert(deliveries))
_UPDATE = PreparedStatement(
    update(deliveries)
    .where(*(column == bindparam(f"of_{column.name}") for column in deliveries.primary_key))
    .values({name: bindparam(name) for name in _BESIDES_KEY})
)
GROUP: Final = TableGroup(
    repositories={
        UploadRepository: SqlUploads,
        PaperTokenRepository: SqlPaperTokens,
        SubscriptionRepository: SqlSubscriptions,
        DeliveryRepository: SqlDeliveries,
        ChargedMonthRepository: SqlChargedMonths,
    },
    traces=(
        Trace("receipts", N_("квитанции, которые приходят вам сами"), subscriptions.c.user_id),
        Trace(
            "sent_receipts", N_("квитанции, которые бот вам прислал"), deliveries.c.user_id, hidden("digest", "paper")
        ),
    ),
    impersonal={
        "uploads": "digests and Telegram's ids of files",
        "paper_tokens": "names of accounts on paper, without a person",
        "paperless": "when no paper was printed for an account, without who wanted it so",
        "ending_reasons": "why letters with receipts were ended, for a year, without whose they were",
        "charged_months": "months, of all accounts",
    },
)
