"""Promises of the house that the source itself must keep."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from enum import Enum, StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, get_type_hints

import pytest
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.state import State, StatesGroup
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from sqlalchemy import BigInteger, Connection, Table
from sqlalchemy import inspect as inspect_tables

import bot.config
import fsm
import handlers
import services
import services.db
from bot.assembly import Assembly, Missing
from bot.clock import SystemClock
from bot.telegram.introduction import menu
from handlers import FLOWS, build_router
from handlers.commands import COMMANDS
from handlers.desk.group import build_desk_router
from handlers.filters import Pressed
from services.accounts.accounts import Limits
from services.accounts.control import Controls
from services.db import store
from services.db.engine import Database
from services.db.groups import GROUPS, TRACES
from services.db.metadata import metadata
from services.db.migrate import migrate
from services.db.users import users
from services.ledger import tables as ledger_tables
from services.notices.models import Edit, Text
from services.ports import Clock
from services.supplier.ports import Supplier
from tests.harness import BotHarness
from tests.source_tree import classes, modules
from tests.test_notices import EXAMPLES, message_of
from tests.test_screens import BUILDERS, screens_of
from tools.texts import template, updated

ROOT: Final = Path(__file__).parent.parent
PRODUCT: Final = ("bot", "handlers", "fsm", "services", "locales", "context")
CYRILLIC: Final = re.compile("[А-Яа-яЁё]")


def sources(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        place = ROOT / room
        for path in [place] if place.suffix else sorted(place.rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def where(path: Path, node: ast.AST) -> str:
    return f"{path}:{getattr(node, 'lineno', 0)}"


# Rooms


def test_arrows_between_rooms_never_turn_back() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


ADAPTERS: Final = (
    "calendars",
    "db",
    "documents",
    "ledger",
    "mail",
    "spreadsheets",
    "yookassa",
)  # all else in services is a use case
FOREIGN: Final = ("aiogram", "sqlalchemy", "httpx", "apscheduler", "alembic", "typst", "aiosmtplib", "pydantic")


def strangers(module: ast.Module) -> set[str]:
    """Modules that a use case must not import: frameworks, adapters, rooms above it."""
    imported = {
        name
        for node in ast.walk(module)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or "."] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    adapters = {f"services.{name}" for name in ADAPTERS}
    return {
        name
        for name in imported
        if name.split(".")[0] not in sys.stdlib_module_names | {"services"} or ".".join(name.split(".")[:2]) in adapters
    }


def test_use_cases_import_the_standard_library_and_each_other() -> None:
    found = {str(path): strangers(module) for path, module in sources("services") if path.parts[1] not in ADAPTERS}
    assert len(found) > 40
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("name", [*FOREIGN, "bot.app", "handlers.show", *(f"services.{name}" for name in ADAPTERS)])
def test_an_import_of_a_framework_or_an_adapter_is_found(name: str) -> None:
    for line in (f"import {name}", f"from {name} import x", f"def use():\n    from {name} import x"):
        assert strangers(ast.parse(line)) == {name}


# Handlers, states, buttons


def test_every_router_is_among_the_flows() -> None:
    """Its states and buttons would have no handlers."""
    routers = {module.__name__ for module in modules(handlers) if module.__name__.endswith(".router")}
    assert routers - {flow.__name__ for flow in FLOWS} == set(), "not in handlers/__init__.py"


def registered() -> list[tuple[str, HandlerObject]]:
    return [
        (event, handler)
        for router in (build_router(), build_desk_router())
        for event, observer in router.observers.items()
        for handler in observer.handlers
    ]


def filters_of(handler: HandlerObject, kind: type[Any]) -> list[Any]:
    return [one.callback for one in handler.filters or () if isinstance(one.callback, kind)]


def asked_of(callback: Callable[..., Any], told: int) -> set[str]:
    """Parameters after the first `told` that have to be provided."""
    parameters = list(inspect.signature(callback).parameters.values())[told:]
    return {one.name for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD}


async def test_every_parameter_of_every_handler_is_provided(harness: BotHarness) -> None:
    always = set(harness.app.dispatcher.workflow_data) | {
        *("bot", "dispatcher", "turn", "state", "raw_state", "handler", "event_router"),
        *("event", "event_update", "event_context", "event_from_user", "event_chat", "conversation"),
    }
    missing = []
    for event, handler in registered():
        provided = always | ({"callback_data"} if filters_of(handler, Pressed) else set())
        provided |= {"command"} if filters_of(handler, Command) else set()
        missing += [(event, handler.callback.__qualname__, name) for name in asked_of(handler.callback, 1) - provided]
    assert missing == []
    assert len(registered()) > 40


def asked_for(module: ModuleType) -> Iterator[type[Any]]:
    """Types that its functions take by `talk.use(…)`."""
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "use":
            yield eval(ast.unparse(node.args[0]), vars(module))


async def test_everything_that_handlers_use_is_provided(harness: BotHarness) -> None:
    asked = {kind for module in modules(handlers) for kind in asked_for(module)}
    assert len(asked) > 10
    for kind in asked:
        assert harness.app.use(kind) is harness.app.use(kind)


@pytest.mark.parametrize(("kind", "missing"), [(Supplier, "port Supplier"), (Controls, "port"), (Limits, "`lookups`")])
def test_a_use_case_that_cannot_be_built_says_what_is_missing(kind: type[Any], missing: str) -> None:
    with pytest.raises(Missing, match=missing):
        Assembly({Clock: SystemClock()}).get(kind)


MOST_PARAMETERS: Final = 5


def test_no_handler_takes_the_parts_of_a_conversation() -> None:
    parts = {"customer", "state", "message", "callback", "bot"}
    found = [
        where(path, node)
        for path, module in sources("handlers")
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for names in [[one.arg for one in [*node.args.args, *node.args.kwonlyargs]]]
        if len(names) > MOST_PARAMETERS or ("talk" in names and parts & set(names))
    ]
    assert found == []


def states() -> set[str]:
    return {str(state.state) for group in classes(fsm, StatesGroup) for state in group.__all_states__}


# A person who has not agreed yet gets the consents as the answer to any text: `ConsentGate` sees to it.
WITHOUT_TEXT: Final = {"Consenting:choosing"}


@pytest.mark.parametrize("event", ["message", "edited_message"])
def test_every_state_has_a_handler_for_what_is_typed(event: str) -> None:
    handled = {
        state.state if isinstance(state, State) else str(state)
        for kind, handler in registered()
        if kind == event
        for one in filters_of(handler, StateFilter)
        for state in one.states
    }
    assert states() - handled == WITHOUT_TEXT


def kinds() -> list[type[CallbackData]]:
    return classes(handlers, CallbackData)


def actions(kind: type[CallbackData]) -> list[str]:
    """Names that `Pressed` must be asked for: the prefix, with each action where the first field is one."""
    first = next(iter(kind.model_fields.values()), None)
    enumerated = first is not None and isinstance(first.annotation, type) and issubclass(first.annotation, StrEnum)
    own = {one.key for _, handler in registered() for one in filters_of(handler, Pressed) if one.kind is kind}
    if kind.__prefix__ in own or not enumerated or first is None:
        return [kind.__prefix__]
    members: Any = first.annotation
    return [f"{kind.__prefix__}:{member}" for member in members]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_button_has_a_handler(kind: type[CallbackData]) -> None:
    pressed = [one.key for _, handler in registered() for one in filters_of(handler, Pressed)]
    assert [key for key in actions(kind) if pressed.count(key) != 1] == []


# Buttons that no screen has: the reason.
OFF_SCREEN: Final = {"ag1": "under the answer to an error of ours, in handlers/errors.py"}


async def test_every_button_is_on_a_screen_or_under_a_notice() -> None:
    """As `BUILDERS` and `EXAMPLES` make them; a handler whose button nothing shows cannot be reached."""
    screens = [screen for name in BUILDERS for screen in screens_of(name)]
    screens += [await message_of(facts) for facts in EXAMPLES if isinstance(facts, Text | Edit)]
    shown = {
        f"{button.callback_data}:"
        for screen in screens
        if screen.markup
        for row in screen.markup.inline_keyboard
        for button in row
    }
    keys = [key for kind in kinds() for key in actions(kind)]
    assert {key for key in keys if not any(data.startswith(f"{key}:") for data in shown)} == set(OFF_SCREEN)


# Commands that Telegram's own button sends.
OFF_MENU: Final = {"start"}


def test_the_menu_is_the_commands_that_handlers_ask_for() -> None:
    asked = {command for _, handler in registered() for one in filters_of(handler, Command) for command in one.commands}
    assert asked == {command.command for command in menu()} | OFF_MENU


def test_no_words_stand_for_two_commands() -> None:
    spoken = [words for command in COMMANDS for words in command.spoken]
    assert sorted(spoken) == sorted(set(spoken))


def test_every_prefix_is_used_once_and_has_a_version() -> None:
    prefixes = [kind.__prefix__ for kind in kinds()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(re.fullmatch("[a-z]{2}[0-9]", prefix) for prefix in prefixes)


# As wide as the columns that hold them; a meter's digest has 12 characters.
LONGEST: Final[Mapping[str, str]] = {
    "link": "x" * 16,
    "draft": "x" * 16,
    "key": "x" * 32,
    "appeal": "x" * 32,
    "confirmation": "x" * 32,
    "meter": "x" * 12,
    "quiet": "22-10",
    "until": "2026-11-30",
}


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_the_longest_button_fits_in_64_bytes(kind: type[CallbackData]) -> None:
    longest = {name: _longest(name, hint) for name, hint in get_type_hints(kind).items() if name in kind.model_fields}
    assert len(kind(**longest).pack().encode()) <= 64


def _longest(name: str, hint: Any) -> object:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return max(hint, key=lambda member: len(str(member.value)))
    return {bool: True, int: 1_000_000, str: LONGEST.get(name, "ru")}[hint]


# Words


SPELLINGS: Final = {"ё", "е"}  # of one letter: no words that people see


def test_every_russian_word_that_people_see_is_marked_for_translation() -> None:
    found = [
        words
        for path, module in sources("handlers", "services", "bot")
        if path.parts[0] != "services" or path.name == "errors.py"
        for words in _unmarked(path, module)
    ]
    assert found == []


def _unmarked(path: Path, module: ast.Module) -> Iterator[str]:
    marked = {"_", "plural", "N_", "spoken"}
    inside: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marked:
            inside |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))  # a docstring
    for node in ast.walk(module):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in inside else None
        if isinstance(text, str) and text not in SPELLINGS and CYRILLIC.search(text):
            yield f"{where(path, node)} {text}"


def test_marked_texts_are_whole_sentences_not_pieces_put_together() -> None:
    """gettext reads the source: an f-string inside `_()` is never found in a catalog."""
    found = [
        where(path, node)
        for path, module in sources("handlers", "services", "bot")
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_", "plural"}
        for part in node.args
        if isinstance(part, ast.JoinedStr | ast.BinOp)
    ]
    assert found == []


def catalog(language: str) -> Catalog:
    with (ROOT / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_every_text_of_the_code_is_seen_by_the_one_who_collects_them() -> None:
    """Babel does not look into the braces of f-strings."""
    known = {name for message in template() for name in ([message.id] if isinstance(message.id, str) else message.id)}
    said = {
        part.value
        for _, module in sources("handlers", "services", "bot", "fsm")
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_", "plural"}
        for part in node.args
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    assert len(said) > 500
    assert said <= known


@pytest.mark.parametrize("language", ["ru", "en"])
def test_catalogs_are_what_the_code_says(language: str) -> None:
    file = ROOT / "locales" / language / "LC_MESSAGES" / "messages.po"
    assert updated(file, template()) == file.read_bytes(), "run `make texts`"
    known = catalog(language)
    assert {message.id for message in known if message.id} == {message.id for message in template() if message.id}
    assert [message.id for message in known if message.fuzzy] == []
    assert list(known.obsolete) == []


def forms(message: Any) -> list[tuple[str, str]]:
    """Source and translation, of each plural form."""
    if isinstance(message.id, tuple):
        return [(message.id[min(number, 1)], text) for number, text in enumerate(message.string)]
    return [(message.id, message.string)]


def test_english_is_complete() -> None:
    assert [source for one in catalog("en") if one.id for source, text in forms(one) if not text.strip()] == []


def test_russian_plurals_are_complete() -> None:
    plurals = [message for message in catalog("ru") if isinstance(message.id, tuple)]
    assert plurals
    assert [one.id for one in plurals if [bool(text) for _, text in forms(one)] != [True] * 3] == []


@pytest.mark.parametrize(
    "pattern", [r"\{[^}]*\}", r"</?[a-z]+>", r"/[a-z]+(?![a-z>])"], ids=["facts", "tags", "commands"]
)
def test_translations_hold_what_their_sources_hold(pattern: str) -> None:
    different = [
        (source, text)
        for message in catalog("en")
        if message.id
        for source, text in forms(message)
        if sorted(re.findall(pattern, source)) != sorted(re.findall(pattern, text))
    ]
    assert different == []


def test_no_english_text_is_russian() -> None:
    assert [text for one in catalog("en") if one.id for _, text in forms(one) if CYRILLIC.search(text)] == []


# Settings


def test_the_example_of_settings_is_the_settings() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert example == dict(settings())
    assert all(CYRILLIC.search(line) is None for line in lines)


def settings() -> Iterator[tuple[str, str]]:
    for _, part in inspect.getmembers(bot.config, inspect.isclass):
        if issubclass(part, BaseSettings) and part is not BaseSettings:
            prefix = str(part.model_config.get("env_prefix", "")).upper()
            for name, field in part.model_fields.items():
                yield prefix + name.upper(), _example(field.get_default() if not field.is_required() else None)


def _example(value: object) -> str:
    assert not isinstance(value, SecretStr)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "" if value is None else str(value)


# Migrations


@pytest.fixture
async def database(tmp_path: Path) -> Any:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    yield database
    await database.close()


async def test_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    assert {users, ledger_tables.accounts} <= set(metadata.tables.values())
    for to in ("head", "base", "head"):
        await migrate(database, to)
        async with database.writing() as connection:
            found = await connection.run_sync(_differences if to == "head" else _names)
        assert found == ([] if to == "head" else ["alembic_version"])


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def _names(connection: Connection) -> list[str]:
    return inspect_tables(connection).get_table_names()


# Personal data

NO_PERSON: Final = {
    "submissions.cost",
    "orders.kopecks",
    "orders.refunded",
    "orders.shown_in",
    "receipt_deliveries.kopecks",
    "refunds.kopecks",
    "shown_sums.kopecks",
    "inbox.update_id",
    "moved_chats.old_id",
    "moved_chats.new_id",
    "desk_topics.group_id",
    "desk_topics.chat_id",
    "desk_templates.group_id",
    "uploads.bot_id",
    "broadcast_cards.group_id",
    "broadcast_cards.chat_id",
    "broadcasts.after",  # a place in the order of ids
    "reminder_rounds.after",  # a place in the order of ids
}


def test_every_table_and_column_that_holds_people_is_known_to_the_one_who_collects_what_is_theirs() -> None:
    ledgers = {table.name for _, table in inspect.getmembers(ledger_tables) if isinstance(table, Table)}
    own = [table for table in metadata.tables.values() if table.name not in ledgers]
    impersonal = [name for group in GROUPS for name in group.impersonal]
    traced = {str(trace.person) for trace in TRACES}
    assert {table.name for table in own} - {place.split(".")[0] for place in traced} == set(impersonal)
    assert all(reason for group in GROUPS for reason in group.impersonal.values())
    numbers = {str(column) for table in own for column in table.c if isinstance(column.type, BigInteger)}
    referring = {str(column) for table in own for column in table.c if column.references(users.c.id)}
    assert (numbers | referring) - NO_PERSON <= traced


def test_every_section_of_ones_own_data_is_explained_in_both_languages() -> None:
    assert {trace.words for trace in TRACES} <= {message.id for message in template()}


def test_every_table_group_is_listed() -> None:
    """A table file that no list names has no tables for migrations and no traces for erasure."""
    found = {module.__name__: module.GROUP for module in modules(services.db) if hasattr(module, "GROUP")}
    assert [name for name, group in found.items() if group not in GROUPS] == [], "not in services/db/groups.py"
    assert len(GROUPS) == len(found)


def test_every_port_of_tables_has_its_repository() -> None:
    ports = {
        port
        for port in classes(services, object)
        if port.__name__.endswith("Repository") and port.__module__.endswith(".ports")
    }
    assert ports == set(store._REPOSITORIES)


# Words


def test_a_class_name_has_one_meaning() -> None:
    """But for those that belong to one module, whose names begin with `_`."""
    found = Counter(
        node.name
        for _, module in sources(*PRODUCT)
        for node in module.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in found.items() if times > 1] == []


# Docstrings and comments

VAGUE: Final = re.compile("what|who|whoever|nobody|somebody|whatever|which", re.IGNORECASE)
VAGUE_COMMENT: Final = re.compile(rf"#\s*({VAGUE.pattern})\b", re.IGNORECASE)
ROOMS: Final = (*PRODUCT, "tools", "sandbox", "samples", "tests")


def is_vague(words: str) -> bool:
    return VAGUE.fullmatch((words.split() or ["-"])[0].strip(",.")) is not None


def test_a_docstring_begins_with_the_thing_that_it_is_about() -> None:
    found = [
        where(path, node)
        for path, module in sources(*ROOMS)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if is_vague(ast.get_docstring(node) or "-")
    ]
    assert found == []


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Line and words of each comment; of one that goes over several lines only the first."""
    if not VAGUE_COMMENT.search(path.read_text(encoding="utf-8")):
        return
    last = 0
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                goes_on = last == token.start[0] - 1 and token.line.strip().startswith("#")
                last = token.start[0] if token.line.strip().startswith("#") else 0
                if not goes_on:
                    yield from ((token.start[0], part) for part in token.string.split("#"))


def test_a_comment_begins_with_the_thing_that_it_is_about() -> None:
    found = [
        f"{path}:{line}" for path, _ in sources(*ROOMS) for line, words in comments(ROOT / path) if is_vague(words)
    ]
    assert found == []


# Tables

QUEUES: Final = re.compile(r"\b(from|into|update|join|table)\s+(inbox|outbox)\b", re.IGNORECASE)
ASKING_QUEUES: Final = {"tests/queues.py", "tests/services/test_migrations.py"}


def test_other_tests_ask_a_harness_about_updates_and_notices() -> None:
    """Benches fill the tables themselves."""
    found = {
        str(path)
        for path, module in sources("tests")
        if path.parts[1] != "bench"
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and QUEUES.search(node.value)
    }
    assert found == ASKING_QUEUES


# Footguns


def test_tasks_start_in_one_place() -> None:
    found = [
        where(path, node)
        for path, module in sources(*PRODUCT)
        if path not in {Path("bot/tasks.py"), Path("services/db/cancellation.py")}  # the second waits for its own
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in {"create_task", "ensure_future", "TaskGroup"}
    ]
    assert found == []


def test_no_moment_is_without_its_zone() -> None:
    bare = {"now": 0, "utcnow": -1, "today": -1, "fromtimestamp": 1, "utcfromtimestamp": -1}
    found = [
        where(path, node)
        for path, module in sources(*PRODUCT)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in bare
        if isinstance(node.func.value, ast.Name) and node.func.value.id in {"datetime", "date"}
        if len(node.args) + len(node.keywords) <= bare[node.func.attr] or bare[node.func.attr] < 0
    ]
    assert found == []


# Rates and habits are judged, never charged.
FLOATS: Final = {"services/readings/plausibility.py": "kWh a day of a habit, compared with generous factors"}


def test_no_float_is_near_money() -> None:
    found = {
        str(path)
        for path, module in sources("services", "handlers", "locales")
        for node in ast.walk(module)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    }
    assert found == set(FLOATS)


# Calls that give a sum of an account, and modules that may make them.
SUMS: Final = {
    "services/accounts/disclosures.py": {"bill", "charges", "details", "paid", "payments", "receipt", "totals"},
    "services/payments/crediting.py": {"payments"},
    "services/accounts/proofs.py": {"payments"},
    "services/appeals/desk.py": {"bill"},
}


def test_sums_of_an_account_reach_people_on_one_way() -> None:
    """`Disclosures` alone asks for sums: it puts on record those for people who have not proved the account. The staff
    of the company see a balance on the card of an appeal."""
    asking = {name for names in SUMS.values() for name in names}
    found: dict[str, set[str]] = {}
    for path, module in sources("services", "handlers", "bot", "fsm"):
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and node.attr in asking and "supplier" in ast.unparse(node.value):
                found.setdefault(str(path), set()).add(node.attr)
    assert found == SUMS


def test_nothing_prints() -> None:
    found = [
        where(path, node)
        for path, module in sources(*PRODUCT)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []
