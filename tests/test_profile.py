"""The supplier's profile: its mistyped names are told, and a sample is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config import GeneralSettings, WrongSettings, load
from bot.profile import load_profile, own_profile
from services.receipts.payment_code import PaymentCodeKind, ReceiptSettings, Subscribers
from services.supplier.profile import SupplierProfile
from tests.conftest import SAMPLES
from tests.e2e.children import TOKEN

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """A copy of the sample with one thing replaced, at its first place; it is that of the settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPPLIER_PROFILE", "supplier.toml")

    def written(old: str, new: str) -> Path:
        text = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "supplier.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path / "supplier.toml"

    return written


def profile(path: Path) -> SupplierProfile:
    return load_profile(path, load(GeneralSettings))


def test_what_receipts_are_paid_by_and_who_may_have_them_sent(write: Write) -> None:
    said, link = 'payment_code = "gost"', "https://qr.example/AS1?sum={kopecks}"
    assert profile(write(said, said)).receipts == ReceiptSettings()
    assert profile(write(f"[receipts]\n{said}", "[receipts]")).receipts == ReceiptSettings(PaymentCodeKind.GOST)
    assert profile(write(said, 'payment_code = "none"')).receipts.payment_code is PaymentCodeKind.NONE
    assert profile(write(said, 'subscribe = "address"')).receipts.subscribe is Subscribers.ADDRESS
    by_link = profile(write(said, f'payment_code = "sbp_link"\nsbp_link = "{link}"')).receipts
    assert by_link == ReceiptSettings(PaymentCodeKind.SBP_LINK, link)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('hours = "8:00-17:00"', 'hours = "8-17"', ["[appeals] hours must look like 8:00-17:00, not '8-17'"]),
        ('days = "1-5"', 'days = "5-1"', ["[appeals] days must look like 1-5 or 1,3,5, not '5-1'"]),
        ('key = "payment"', 'key = "charges"', ["[[appeals.subjects]] key: 'charges' stands twice"]),
        (
            "# [[desk.groups]]",
            '[[desk.groups]]\nchat = 5\nsubjects = ["metre"]\nregions = ["Воронеж"]\n[[desk.groups]]\nchat = -5\n'
            "[[desk.groups]]\nchat = -6",
            [
                "[[desk.groups]] chat: 5 is no group",
                "[[desk.groups]] subjects: there is no 'metre'; there are: charges, ",
                "[[desk.groups]] regions: there is no 'Воронеж'; there are: Воронежская область, ",
                "[[desk.groups]] the rule for all appeals stands twice",
            ],
        ),
        (
            "# [[desk.groups]]",
            "[desk]\nbroadcast = [-5]\n[[desk.groups]]\nchat = -6",
            ["[desk] broadcast is not known, did you mean broadcasts?"],
        ),
        (
            "# [[desk.groups]]",
            "[desk]\nbroadcasts = -6\n[[desk.groups]]\nchat = -6",
            ["[desk] broadcasts: Input should be a list in brackets"],
        ),
        (
            "# [[desk.groups]]",
            "[desk]\nbroadcasts = [-5, -6]\n[[desk.groups]]\nchat = -6",
            ["[desk] broadcasts: -5 is no group of the desk; there are: -6"],
        ),
        ("[requisites]", "[requisitess]", ["[requisitess] is not known, did you mean [requisites]?"]),
        ("bic =", "bik =", ["[requisites] bik is not known, did you mean bic?", "[requisites] bic: Field required"]),
        (
            "[[regions.offices]]",
            "[[regions.office]]",
            ["[[regions]] [[office]] is not known, did you mean [[offices]]?"],
        ),
        ("hours =", "elsewhere = 1\nhours =", ["elsewhere is not known"]),
        ("timezone =", "time_zone =", ["[[regions]] time_zone is not known, did you mean timezone?"]),
        ('phone = "8 473 000-00-01"', 'fax = "1"', ["[[regions]] [[offices]] fax is not known"]),
        ("version =", "data =", ["[[consents]] data is not known", "[[consents]] 1.version: Field required"]),
        ('reading_days = "23-25"', 'reading_days = "25-23"', ["[[regions]] 1.reading_days: "]),
        ('reading_days = "23-25"', "reading_days = 25", ["[[regions]] 1.reading_days: "]),
        ('timezone = "Europe/Moscow"', 'timezone = "Moscow"', ["[[regions]] 1.timezone: "]),
        ('phone = "8 800 000-00-00"', "phone = 88000000000", ["phone: Input should be a valid string"]),
        ('prefixes = ["36"]', 'prefixes = ["36", "61"]', ["[[regions]] prefixes: '61' stands twice"]),
        (
            'prefixes = ["36"]',
            'prefixes = [""]',
            ["[[regions]] prefixes: '' must be the first digits of account numbers"],
        ),
        ('language = "en"', 'language = "ru"', ["[[consents]] services stands twice in ru"]),
        ('name = "АО', "name = АО", ["Invalid value (at line 7, column 8)"]),
        (
            'personal_acc = "40702810138250123017"',
            'personal_acc = "40702810138250123018"',
            ["[requisites]: personal_acc or bic"],
        ),
        (
            'payment_code = "gost"',
            'payment_code = "qr"',
            ["[receipts] payment_code: Input should be 'gost', 'sbp_link'"],
        ),
        (
            "form_after_minutes = 60",
            "form_after_minutes = -1",
            ["[receipts]: form_after_minutes must be from 0 to 10080"],
        ),
        ('payment_code = "gost"', 'payment_code = "sbp_link"', ["[receipts]: sbp_link must be an address"]),
        (
            'payment_code = "gost"',
            'pay_code = "gost"',
            ["[receipts] pay_code is not known, did you mean payment_code?"],
        ),
    ],
)
def test_what_is_mistyped_is_named(write: Write, old: str, new: str, words: list[str]) -> None:
    path = write(old, new)
    with pytest.raises(WrongSettings) as caught:
        profile(path)
    told = str(caught.value).splitlines()
    starts = [f"SUPPLIER_PROFILE {path}: {start}" for start in words]
    assert all(any(line.startswith(start) for line in told) for start in starts), told


@pytest.mark.parametrize(
    "text", ["regions = 'x'", "regions = [1]", "[regions]\nname = 'x'", "[[requisites]]\nbic = '1'"]
)
def test_a_table_of_another_kind_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "supplier.toml").write_text(text)
    with pytest.raises(WrongSettings, match=r"supplier\.toml: "):
        profile(tmp_path / "supplier.toml")


def test_a_file_of_windows_is_read_and_another_encoding_named(write: Write) -> None:
    path = write("Воронежская", "Воронежская")
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert profile(path).name == "АО «Пример Энергосбыт»"
    path.write_bytes(text.encode("cp1251", "replace"))
    with pytest.raises(WrongSettings, match="it must be text in UTF-8"):
        profile(path)


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match=r"^SUPPLIER_PROFILE: cannot read .*: Is a directory$"):
        profile(tmp_path)


# The sample


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("http://0.0.0.0:8080", True),
        ("https://api.telegram.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.1:8081", False),
    ],
)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_sample_is_for_this_machine_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch, address: str, fits: bool, token: str | None
) -> None:
    write("", "")
    monkeypatch.setenv("BOT_API_BASE", address)
    monkeypatch.setenv("BOT_TOKEN", token or "")
    if fits:
        assert own_profile().sample
    else:
        with pytest.raises(WrongSettings, match=r"^SUPPLIER_PROFILE: this is a sample, its payee"):
            own_profile()


def test_a_sample_is_not_for_a_real_bot_by_a_server_on_this_machine(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("", "")
    monkeypatch.setenv("BOT_API_BASE", "http://127.0.0.1:8081")
    monkeypatch.setenv("BOT_TOKEN", "7654321098:AAa-real-token_of-a-real-bot-000000")
    with pytest.raises(WrongSettings, match=r"for other bots than 7654321098 \(bots = \[1234567\]\)") as caught:
        own_profile()
    assert "AAa" not in str(caught.value)


def test_a_profile_of_ones_own_is_for_any_bot(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("sample = true\nbots = [1234567]\n", "")
    monkeypatch.setenv("BOT_TOKEN", "7654321098:AAa-real-token_of-a-real-bot-000000")
    assert not own_profile().sample
