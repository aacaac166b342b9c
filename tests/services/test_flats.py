import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.accounts.address import HIDDEN, hide_flat
from services.accounts.flats import Dwelling, question
from tests.services.test_address import PRIVATE, UNCLEAR, flats, markers

HOME = "г. Воронеж, ул. Лизюкова, д. 12, "
SAME = ["12", "кв 12", "квартира 12", "кв.12", "Кв. № 12", "№12", " 12 ", "012", "12.", "12 кв", "12-я квартира", "12я"]
LETTERED = ["12а", "12А", "12 а", "12 А", "12-а", "12 - А", "12A", "12 a", "кв 12 «А»", "кв. 12-А", "№ 12а", "12 а кв"]
WITH_HOUSE = ["д. 5, кв. 12", "Лизюкова 9, кв.12", "дом 5 квартира 12", "г. Воронеж, ул. Лизюкова, д. 12, кв. 12"]


def fits(address: str, typed: str) -> bool:
    asked = question(address)
    assert asked is not None
    return asked.numbers_in(typed) in asked.answers


@pytest.mark.parametrize("flat", SAME)
@pytest.mark.parametrize("typed", [*SAME, *WITH_HOUSE])
def test_a_flat_is_understood_as_people_write_it(flat: str, typed: str) -> None:
    number = flat if "кв" in flat.lower() else f"кв. {flat}"
    if flat not in {"12 кв", "12-я квартира"}:  # registries write the name first
        assert fits(HOME + number, typed)
        assert not fits(HOME + number + "а", typed) or number.endswith("я")


@pytest.mark.parametrize("flat", ["12а", "12А", "12 а", "12-а", "12A"])
@pytest.mark.parametrize("typed", LETTERED)
def test_a_letter_is_part_of_the_number_in_any_writing(flat: str, typed: str) -> None:
    assert fits(f"{HOME}кв. {flat}", typed)
    assert not fits(f"{HOME}кв. 12", typed)
    assert not fits(f"{HOME}кв. 12б", typed)


@pytest.mark.parametrize("typed", [*SAME, "12б", "12d", "12 d", "12бис", "13", "1", "2", "112", "12 12", "12/1", ""])
def test_twelve_is_not_twelve_a(typed: str) -> None:
    assert not fits(f"{HOME}кв. 12а", typed)


HOUSE, FLAT, ROOM = Dwelling.HOUSE, Dwelling.FLAT, Dwelling.ROOM


@pytest.mark.parametrize(
    ("address", "asked", "right", "wrong"),
    [
        (
            HOME + "кв. 45",
            (FLAT,),
            ["45", "кв 45", "45-я квартира по Лизюкова", "394000, ул. Лизюкова, 12, кв. 45"],
            ["12", "46", "45а", "45 46", "45/1"],
        ),
        (HOME + "кв. 45", (FLAT,), ["12-45", "12 45", "12/45", "Лизюкова 12, 45"], ["12-46", "13-45", "45-12", "1245"]),
        ("ул. 9 Января, 68, корп. 3, кв. 20", (FLAT,), ["68к3-20", "9 Января 68/3-20", "3-20"], ["68-20", "9-20"]),
        (HOME + "квартира 45/1", (FLAT,), ["45/1", "45-1", "45 1", "кв 45 / 1"], ["45", "1", "451", "45/2"]),
        (HOME + "кв. 12-13", (FLAT,), ["12-13", "12, 13", "12/13"], ["12", "13", "1213"]),
        (HOME + "кв. 4, ком. 7", (FLAT, ROOM), ["4 7", "кв 4 ком 7", "4, 7", "4-7"], ["4", "7", "7 4", "4 8"]),
        (HOME + "кв. 4 (ком. 7)", (FLAT, ROOM), ["4 7"], ["4"]),
        (HOME + "кв. 4 подъезд 2", (FLAT,), ["4", "кв 4 подъезд 2"], ["2", "42"]),
        (HOME + "комната 7", (ROOM,), ["7", "комната 7"], ["12"]),
        (HOME + "помещ. 3", (Dwelling.PREMISES,), ["3", "пом. 3"], ["12"]),
        (HOME + "пом. III", (Dwelling.PREMISES,), ["III", "iii", "пом. III", "помещение III"], ["3", "II", "да"]),
        (HOME + "оф. 301", (Dwelling.OFFICE,), ["301", "офис 301"], ["12"]),
        ("с. Орлово ул. Садовая д. 12а кв. 7", (FLAT,), ["7"], ["12а"]),
        ("кв. 8, пр. Труда, д. 3; г. Воронеж", (FLAT,), ["8", "д. 3 кв. 8"], ["3"]),
        (
            "с. Орлово, ул. Садовая, д. 5",
            (HOUSE,),
            ["5", "дом 5", "д.5", "№ 5", "ул. 9 Января, д. 5"],
            ["6", "5а", "кв 6"],
        ),
        ("с. Орлово, ул. Садовая, д. 5-а", (HOUSE,), ["5а", "5 А", "5A"], ["5"]),
        ("с. Орлово, ул. Садовая, д. 5 корп. 2", (HOUSE,), ["5", "5к2", "5 к. 2", "5 корп 2"], ["2", "52", "5к3"]),
        ("с. Орлово, ул. Садовая д.5а, 394000", (HOUSE,), ["5а"], ["5", "394000"]),
        ("с. Орлово, ул. Садовая, д. 5 лит. А", (HOUSE,), ["5А", "5 литера А"], ["5", "5б"]),
        ("д. Ивановка, ул. Мира, д. 12/1", (HOUSE,), ["12/1", "12-1"], ["12", "1", "121"]),
        ("г. Воронеж, ул. Лизюкова, д. 12, 45", (HOUSE,), ["12", "12 45", "12-45"], ["45", "1245"]),
        ("СНТ Заря, уч. 17", (Dwelling.PLOT,), ["17", "участок 17"], ["7"]),
        ("СНТ Заря, влд. 17", (Dwelling.ESTATE,), ["17", "владение 17"], ["7"]),
        ("ГСК Спутник, гараж 17", (Dwelling.GARAGE,), ["17", "гараж 17"], ["7"]),
        ("ГСК Спутник, бокс 17", (Dwelling.GARAGE,), ["17"], ["7"]),
        ("с. Орлово, ул. Садовая, д. 5, кв. 0", (HOUSE,), ["5"], ["0"]),
        ("с. Орлово, ул. Садовая, 12/1", (), ["12/1"], ["1", "12"]),
        ("г. Воронеж, ул. Лизюкова 12-45", (), ["12-45", "12 45", "д. 12 кв. 45"], ["12", "1"]),
        ("г. Воронеж, ул. Лизюкова, 12, 45", (), ["12 45", "45"], ["12"]),
        ("ул. Садовая 12, с. Орлово", (), ["12", "дом 12"], ["12с"]),
        ("394000, г. Воронеж, ул. 9 Января, 12", (), ["12"], ["9", "394000", "394000 9"]),
    ],
)
def test_what_is_asked_and_what_is_right(
    address: str, asked: tuple[Dwelling, ...], right: list[str], wrong: list[str]
) -> None:
    found = question(address)
    assert found is not None
    assert found.dwellings == asked
    assert [typed for typed in right if not fits(address, typed)] == []
    assert [typed for typed in wrong if fits(address, typed)] == []


@pytest.mark.parametrize("address", ["", "Орлово", "с. Орлово, ул. Садовая", "г. Воронеж"])
def test_where_no_number_is_hidden_nothing_is_asked(address: str) -> None:
    assert question(address) is None


@pytest.mark.parametrize("address", [address for address, _ in PRIVATE + UNCLEAR])
def test_what_is_asked_is_never_what_is_shown(address: str) -> None:
    if found := question(address):
        shown = hide_flat(address)
        assert HIDDEN in shown
        assert found.numbers_in(shown) not in found.answers


@given(marker=markers, flat=flats, house=st.integers(1, 999), joint=st.sampled_from([", ", ",", " ", ";"]))
def test_any_flat_answers_for_itself_alone(marker: str, flat: str, house: int, joint: str) -> None:
    address = f"г. Воронеж, ул. Лизюкова, д. {house}{joint}{marker}{flat}"
    assert fits(address, flat)
    assert fits(address, flat.upper())
    assert not fits(address, flat + "1")
    assert str(house) == flat or not fits(address, str(house))


@given(
    house=st.from_regex(r"[1-9][0-9]{0,2}(/[1-9])?[а-в]?", fullmatch=True),
    marker=st.sampled_from(["д. ", "дом ", "уч. "]),
)
def test_any_house_answers_for_itself_alone(house: str, marker: str) -> None:
    assume("/" not in house or house[-1].isdigit())
    address = f"с. Орлово, ул. Мира, {marker}{house}"
    assert fits(address, house)
    assert not fits(address, house + "1")


@given(st.text(alphabet="дкв.у, 12-•№а/ом()", max_size=40), st.text(max_size=40))
def test_any_text_is_asked_about_and_answered_without_trouble(address: str, typed: str) -> None:
    found = question(address)
    if found:
        assert found.least > 0
        assert HIDDEN in hide_flat(address)
        found.numbers_in(typed)
