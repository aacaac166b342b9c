"""The encoding of a file is told rightly, or the file is refused."""

from __future__ import annotations

import io

import pytest

from services.ledger.encoding import NAMES, examine, known
from services.ledger.refused import Refused

LINES = (
    "г. Воронеж, ул. Лизюкова, д. 12, кв. 45;Ромашкина Мария Ивановна",
    "г Нижний Новгород, Сормовское ш., д.5 корп.2, кв. 118;Щукин П.Ю.",
    "ЙОШКАР-ОЛА, УЛ. ЭШКИНИНА, 8-14;ЯДЫКИНА ЭЛЬВИРА ШАМИЛЬЕВНА",
    "пгт. Хохольский, пер. Объездной, 3;ООО «ЮжЭнергоСбыт»",
    "ст-ца Цимлянская, ул. Щорса, 77а;Хачатрян Гагик Рубенович",
    'д. Чёрная Грязь, б/н;СНТ "Вишнёвый сад"',
    "обл Тульская, р-н Щекинский, рп Первомайский, ул Улитина, д 4;Жданкина Юлия Чеславовна",
    "х. Гуляй-Борисовка, ул. Энгельса 1;Оганесян Р.",
    "кв-л Юбилейный 2/1;Мхитарян А А",
    "тер. СДТ Ёлочка;Шпиц Ф.Э.",
)
HARD = (
    "Эжва, Мира 4-11;Ыбраев Ж.",
    "ГСК Мотор, бокс 14;Цзян Вэй",
    "Яя",
    "Уфа",
    "Эжва",
    "Лев",
    "кухня",
    "Щорса",
    "СБП",
    "ооо",
    "г.",
    "№",
    "«»",
    "Їжак",
)
WORDS = ("Воронеж", "касса", "почта", "МОСКВА", "телефон", "терминал", "Ижевск", "Хасанов", "БАНК", "ул. Мира")
ENCODINGS = ("cp1251", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5", "utf-8")


def read(data: bytes) -> str | None:
    """None when it is refused."""
    try:
        return data.decode(examine(io.BytesIO(data)).encoding, errors="replace")
    except Refused:
        return None


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line", LINES)
def test_an_address_and_a_holder_are_enough(line: str, encoding: str) -> None:
    data = f"account;address;holder\n360000123456;{line}\n".encode(encoding, errors="replace")
    assert read(data) == data.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", [*HARD, *WORDS])
def test_a_word_is_read_rightly_or_not_at_all(text: str, encoding: str) -> None:
    data = f"account;address\n360000123456;{text}\n".encode(encoding, errors="replace")
    assert read(data) in (None, data.decode(encoding))


@pytest.mark.parametrize("word", WORDS)
def test_a_usual_word_in_a_usual_encoding_is_enough(word: str) -> None:
    assert read(f"360000123456;{word}\n".encode("cp1251")) == f"360000123456;{word}\n"


def test_encodings_by_their_many_names() -> None:
    names = ["windows-1251", "CP866", "866", "dos", "utf8", "KOI8-R", "cp9", "rot13", "utf-7", ""]
    found = [known(name) for name in names]
    assert found == ["cp1251", "cp866", "cp866", "cp866", "utf-8", "koi8-r", None, None, None, None]
    assert {known(name) for name in NAMES} == set(NAMES)
