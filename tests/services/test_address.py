import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.accounts.address import HIDDEN, hide_flat, without_flat


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("г. Воронеж, ул. Лизюкова, д. 12, кв. 45", "г. Воронеж, ул. Лизюкова, д. 12, кв. ••"),
        ("г. Воронеж, ул. Лизюкова, д.12, кв.45", "г. Воронеж, ул. Лизюкова, д.12, кв.••"),
        ("г Воронеж, ул Лизюкова, д 12, кв45А", "г Воронеж, ул Лизюкова, д 12, кв••"),
        ("г. Воронеж, ул. Лизюкова, д. 12 кв. 45", "г. Воронеж, ул. Лизюкова, д. 12 кв. ••"),
        ("Г. ВОРОНЕЖ, УЛ. ЛИЗЮКОВА, Д. 12, КВ. № 45", "Г. ВОРОНЕЖ, УЛ. ЛИЗЮКОВА, Д. 12, КВ. № ••"),
        ("г. Воронеж, ул. Лизюкова, д. 12, квартира 45/1", "г. Воронеж, ул. Лизюкова, д. 12, квартира ••"),
        ("г. Воронеж, пр. Труда, д. 3, комната 7", "г. Воронеж, пр. Труда, д. 3, комната ••"),
        ("г. Воронеж, пр. Труда, д. 3, кв. 4, ком. 7", "г. Воронеж, пр. Труда, д. 3, кв. ••, ком. ••"),
        ("г. Воронеж, пр. Труда, д. 3, кв. 4 (ком. 7)", "г. Воронеж, пр. Труда, д. 3, кв. ••"),
        ("г. Воронеж, пр. Труда, д. 3, пом. III", "г. Воронеж, пр. Труда, д. 3, пом. ••"),
        ("г. Воронеж, пр. Труда, д. 3, оф. 301", "г. Воронеж, пр. Труда, д. 3, оф. ••"),
        ("г. Воронеж, пр. Труда, д. 3, корп. 2, кв. 8", "г. Воронеж, пр. Труда, д. 3, корп. 2, кв. ••"),
        ("кв. 8, пр. Труда, д. 3; г. Воронеж", "кв. ••, пр. Труда, д. 3, г. Воронеж"),
        ("с. Орлово ул. Садовая д. 12а кв. 7", "с. Орлово ул. Садовая д. •• кв. ••"),
        ("г. Воронеж, кв-л 5, д. 3, кв.-8", "г. Воронеж, кв-л 5, д. 3, кв.-••"),
    ],
)
def test_the_flat_is_hidden(address: str, shown: str) -> None:
    assert hide_flat(address) == shown


PRIVATE = [
    ("с. Орлово, ул. Садовая, д. 5", "с. Орлово, ул. Садовая, д. ••"),
    ("с. Орлово, ул. Садовая, дом 5", "с. Орлово, ул. Садовая, дом ••"),
    ("с. Орлово, ул. Садовая, д. 5 корп. 2", "с. Орлово, ул. Садовая, д. ••"),
    ("с. Орлово, ул. Садовая, д. 5, корп. 2", "с. Орлово, ул. Садовая, д. ••, корп. ••"),
    ("с. Орлово, ул. Садовая д.5а, 394000", "с. Орлово, ул. Садовая д.••, ••"),
    ("д. Ивановка, ул. Мира, д. 12/1", "д. Ивановка, ул. Мира, д. ••"),
    ("СНТ Заря, уч. 17", "СНТ Заря, уч. ••"),
    ("ГСК Спутник, гараж 17", "ГСК Спутник, гараж ••"),
    ("с. Орлово, ул. Садовая, д. 5, кв. 0", "с. Орлово, ул. Садовая, д. ••, кв. ••"),
    ("с. Орлово, ул. Садовая, д. 5, кв.", "с. Орлово, ул. Садовая, д. ••, кв."),
    ("г. Воронеж, ул. Лизюкова, д. 12, 45", "г. Воронеж, ул. Лизюкова, д. ••, ••"),
]
UNCLEAR = [
    ("с. Орлово, ул. Садовая, 12/1", "с. Орлово, ул. Садовая, ••"),
    ("г. Воронеж, ул. Лизюкова 12-45", "г. Воронеж, ••"),
    ("г. Воронеж, ул. Лизюкова, 12, 45", "г. Воронеж, ул. Лизюкова, ••, ••"),
    ("ул. Садовая 12, с. Орлово", "ул. Садовая ••, ••"),
    ("Садовая 12", "Садовая ••"),
    ("Орлово", "Орлово"),
    ("", ""),
]


@pytest.mark.parametrize(("address", "shown"), PRIVATE + UNCLEAR)
def test_without_a_flat_the_house_is_hidden(address: str, shown: str) -> None:
    assert hide_flat(address) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("г. Воронеж, ул. Лизюкова, д. 12, кв. 45", "г. Воронеж, ул. Лизюкова, д. 12"),
        ("г. Воронеж, ул. Лизюкова, д. 12 кв. 45", "г. Воронеж, ул. Лизюкова, д. 12"),
        ("г. Воронеж, пр. Труда, д. 3, кв. 4, ком. 7", "г. Воронеж, пр. Труда, д. 3"),
        ("с. Орлово ул. Садовая д. 12 кв. 7", "с. Орлово ул. Садовая д. ••"),
    ],
)
def test_the_home_card_leaves_the_flat_out(address: str, shown: str) -> None:
    assert without_flat(address) == shown


@pytest.mark.parametrize("address", [address for address, _ in PRIVATE + UNCLEAR])
def test_the_home_card_hides_a_private_house_too(address: str) -> None:
    assert without_flat(address) == hide_flat(address)


flats = st.from_regex(r"[1-9][0-9]{0,3}[а-в]?", fullmatch=True)
markers = st.sampled_from(["кв. ", "кв.", "кв", "квартира ", "Кв. № ", "ком. ", "комната ", "пом. ", "оф. ", "офис "])


@given(marker=markers, flat=flats, house=st.integers(1, 999), joint=st.sampled_from([", ", ",", " ", ";"]))
def test_no_flat_number_is_ever_shown(marker: str, flat: str, house: int, joint: str) -> None:
    assume(flat not in str(house))
    address = f"г. Воронеж, ул. Лизюкова, д. {house}{joint}{marker}{flat}"
    assert flat not in hide_flat(address)
    assert flat not in without_flat(address)
    assert hide_flat(address).endswith(HIDDEN)


@given(
    house=st.from_regex(r"[1-9][0-9]{0,2}(/[1-9])?[а-в]?", fullmatch=True),
    marker=st.sampled_from(["", "д. ", "дом ", "д.", "уч. ", "№ "]),
    tail=st.sampled_from(["", " корп. 2", ", корп. 2", ", 77", " - 77", ", с. Орлово"]),
)
def test_no_house_without_a_flat_is_ever_shown(house: str, marker: str, tail: str) -> None:
    for show in (hide_flat, without_flat):
        assert not any(character.isdigit() for character in show(f"с. Орлово, ул. Мира, {marker}{house}{tail}"))


@given(st.text(alphabet="дкв.у, 12-•№", max_size=40))
def test_any_text_is_shown_without_trouble(address: str) -> None:
    assert len(hide_flat(address)) <= 2 * len(address) + len(HIDDEN)
    assert without_flat(hide_flat(address)) is not None
