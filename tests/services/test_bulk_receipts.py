"""Receipts that a process of its own sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.documents import TypstDocuments
from services.documents.helper import NotSet
from tests.services.receipt_examples import example


@pytest.fixture
def documents() -> Iterator[TypstDocuments]:
    documents = TypstDocuments()
    yield documents
    documents.close()


@pytest.mark.slow
async def test_a_receipt_of_many_is_the_same_paper_whatever_becomes_of_its_process(documents: TypstDocuments) -> None:
    expected = await documents.receipt(example())
    assert await documents.receipt(example(), bulk=True) == expected
    process = documents._helper._process
    assert process is not None
    process.kill()
    process.wait()
    assert await documents.receipt(example(), bulk=True) == expected
    with pytest.raises(NotSet, match=r"^AttributeError$"):  # and none of its words
        await documents.receipt(replace(example(), statement=None), bulk=True)  # type: ignore[arg-type]
    process = documents._helper._process
    assert process is not None
    assert await documents.receipt(example(), bulk=True) == expected
    assert documents._helper._process is process
    assert process.stdin is not None
    process.stdin.close()  # as when the bot is killed
    assert process.wait(60) == 0
    documents.close()
    assert await documents.receipt(example(), bulk=True) == expected
