"""The supplier's requisites are refused when they cannot be right, and the profile names what is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.config import GeneralSettings, WrongSettings, load
from bot.profile import load_profile
from services.payments.requisites import Requisites
from tests.conftest import SAMPLES

OURS = Requisites(
    name="АО «Пример Энергосбыт»",
    personal_acc="40702810138250123017",
    bank_name="ПАО «Банк Пример»",
    bic="044525225",
    corresp_acc="30101810400000000225",
    payee_inn="7700000009",
    kpp="770001001",
    purpose="Электроэнергия",
)
NUMBERS = ("personal_acc", "bic", "corresp_acc", "payee_inn", "kpp")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "name must have 1 to 160 characters"),
        ("name", "\t \n", "name must have 1 to 160 characters"),
        ("name", "N" * 161, "name must have 1 to 160 characters"),
        ("bank_name", "", "bank_name must have 1 to 45 characters"),
        ("bank_name", "Б" * 46, "bank_name must have 1 to 45 characters"),
        ("purpose", "", "purpose must have 1 to 100 characters"),
        ("purpose", "Э" * 101, "purpose must have 1 to 100 characters"),
        ("name", "Ж" * 88, "name and bank_name are too long: with the accounts 302 bytes of 300"),
        ("personal_acc", "4070281013825012301", "personal_acc must be 20 digits"),
        ("personal_acc", "407028101382501230170", "personal_acc must be 20 digits"),
        ("personal_acc", "00702810138250123017", "personal_acc must be 20 digits"),
        ("personal_acc", "40702Х10138250123017", "personal_acc must be 20 digits"),  # a Cyrillic Х
        ("personal_acc", "40702810138250123018", "personal_acc or bic is mistyped"),
        ("bic", "04452522", "bic must be 9 digits"),
        ("bic", "04452522²", "bic must be 9 digits"),
        ("bic", "044525226", "personal_acc or bic is mistyped"),
        ("corresp_acc", "3010181040000000022", "corresp_acc must be 20 digits"),
        ("corresp_acc", "30101810400000000226", "corresp_acc or bic is mistyped"),
        ("payee_inn", "770000000", "payee_inn must be 10 or 12 digits"),
        ("payee_inn", "77000000090", "payee_inn must be 10 or 12 digits"),
        ("payee_inn", "7700000008", "payee_inn is mistyped"),
        ("payee_inn", "500100732258", "payee_inn is mistyped"),
        ("payee_inn", "500100732269", "payee_inn is mistyped"),
        ("kpp", "77000100", "kpp must be 9 digits or empty"),
        ("kpp", "7700зз001", "kpp must be 9 digits or empty"),
    ],
)
def test_what_cannot_be_right_is_refused(field: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        replace(OURS, **{field: value})


@pytest.mark.parametrize(
    "change",
    [
        {"payee_inn": "500100732259", "kpp": ""},
        {"payee_inn": "7700000190"},
        {"kpp": "7700AB001"},
        {"name": "Ж" * 87},
        {"name": "N" * 160},
        {"purpose": "Э" * 100},
        {"personal_acc": "40702A10938250123017"},
    ],
    ids=[
        "a sole proprietor",
        "an INN with the rest 10",
        "a KPP with letters",
        "300 bytes",
        "160 characters",
        "long words",
        "clearing",
    ],
)
def test_what_is_unusual_but_right_is_taken(change: dict[str, str]) -> None:
    replace(OURS, **change)


@given(st.sampled_from(NUMBERS[:4]), st.data())
def test_one_mistyped_digit_is_always_noticed(field: str, data: st.DataObject) -> None:
    right = getattr(OURS, field)
    places = range(6, 9) if field == "bic" else range(len(right))  # the bank's own number within its BIC
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from("0123456789"))
    assume(digit != right[place])
    with pytest.raises(ValueError, match=f"^{field}|{field} is mistyped"):
        replace(OURS, **{field: right[:place] + digit + right[place + 1 :]})


def test_texts_lose_what_cannot_be_printed() -> None:
    assert replace(OURS, name="  АО\u200b  «Пример\n\tЭнерго\x00сбыт» ").name == "АО «Пример Энергосбыт»"


def test_texts_that_leave_no_separator_are_refused() -> None:
    replace(OURS, purpose="|#;:^_~{")
    with pytest.raises(ValueError, match="one must be free"):
        replace(OURS, purpose="|#;:^_~{}")


# The profile


def loaded(folder: Path, old: str, new: str) -> Requisites | None:
    text = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "supplier.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_profile(folder / "supplier.toml", load(GeneralSettings)).requisites


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the developer's


def test_the_sample_profile_has_them(tmp_path: Path) -> None:
    assert loaded(tmp_path, "", "") == OURS


def test_a_profile_may_do_without(tmp_path: Path) -> None:
    text = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    assert loaded(tmp_path, text[text.index("[requisites]") : text.index("# A region")], "") is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('bic = "044525225"', 'bic = "044525226"', "[requisites]: personal_acc or bic is mistyped"),
        ('bic = "044525225"', "", "[requisites] bic: Field required"),
        ('bic = "044525225"', "bic = 44525225", "[requisites] bic: Input should be a valid string"),
    ],
)
def test_a_wrong_profile_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(WrongSettings) as caught:
        loaded(tmp_path, old, new)
    assert str(caught.value).startswith(f"SUPPLIER_PROFILE {tmp_path / 'supplier.toml'}: {words}")
