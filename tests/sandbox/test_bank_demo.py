"""The payment provider as the demo's bot gets to know it."""

from __future__ import annotations

import socket
from pathlib import Path

import aiohttp
import pytest

from sandbox.bank import Shop
from sandbox.demo import LINKS, Demo, play
from tests.sandbox.merchant import Merchant, asked, order


async def test_the_bot_is_told_where_to_pay_and_the_provider_whom_to_notify(
    tmp_path: Path, http: aiohttp.ClientSession, unused_tcp_port: int
) -> None:
    demo = Demo("127.0.0.1", 0, tmp_path, unused_tcp_port)
    async with demo.sandbox:
        settings = demo.settings()
        assert settings["YOOKASSA_API_BASE"] == f"{demo.sandbox.url}/yookassa/v3"
        assert settings["YOOKASSA_SECRET_KEY"].startswith("test_")
        assert settings["YOOKASSA_UTILITY_ORDER"] == "true"
        assert demo.bank.notifications.url == f"http://127.0.0.1:{settings['WEB_PORT']}/yookassa"
        with socket.create_server(("127.0.0.1", int(settings["WEB_PORT"]))):
            pass
        shop = Shop(settings["YOOKASSA_SHOP_ID"], settings["YOOKASSA_SECRET_KEY"])
        merchant = Merchant(settings["YOOKASSA_API_BASE"], shop, http)
        assert (await merchant.post("/payments", asked()))[1]["parameter"] == "payment_orders"
        payment = await merchant.create(payment_order=order())
        demo.sandbox.world.advance(3600)
        assert (await merchant.payment(payment["id"]))["status"] == "canceled"


async def test_the_port_of_the_bot_is_given_to_no_other_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def run(demo: Demo) -> None:
        """The bot has not begun to listen."""
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", int(demo.settings()["WEB_PORT"])))
        tried.append(demo)

    monkeypatch.setattr(Demo, "run", run)
    await play("127.0.0.1", 0, tmp_path)
    assert tried


async def test_the_cabinet_is_among_the_links_and_answers(
    tmp_path: Path, http: aiohttp.ClientSession, unused_tcp_port: int
) -> None:
    demo = Demo("127.0.0.1", 0, tmp_path, unused_tcp_port)
    async with demo.sandbox:
        for link in LINKS:
            async with http.get(demo.sandbox.url + link["url"]) as answer:
                assert answer.status == 200
    assert "/bank" in {link["url"] for link in LINKS}
