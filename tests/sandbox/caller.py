"""A bot reduced to its calls."""

import io
from typing import Any

import aiohttp

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x02\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00IEND"
)
"""A picture of 640×480 as far as its header goes."""


class Caller:
    """Calls the Bot API at `root` with JSON bodies, or multipart when there are files."""

    def __init__(self, root: str, http: aiohttp.ClientSession) -> None:
        self.root = root
        self.http = http

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self.answer(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """The description of a call that must be refused."""
        answer = await self.answer(method, **params)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def answer(self, method: str, **params: Any) -> Any:
        """The whole body."""
        async with self.http.post(f"{self.root}/{method}", json=params) as response:
            answer = await response.json()
            assert response.status == answer.get("error_code", 200)
            return answer

    async def upload(self, method: str, files: dict[str, tuple[str, bytes]], **params: Any) -> Any:
        """The whole body of a multipart call; `files` by field: name and bytes."""
        form = aiohttp.FormData({key: str(value) for key, value in params.items()}, quote_fields=False)
        for field, (name, data) in files.items():
            form.add_field(field, io.BytesIO(data), filename=name)
        async with self.http.post(f"{self.root}/{method}", data=form) as response:
            return await response.json()

    async def send(self, chat_id: int, text: str = "Здравствуйте", **params: Any) -> int:
        """The id of a message that was sent."""
        return int((await self.call("sendMessage", chat_id=chat_id, text=text, **params))["message_id"])


def inline(*buttons: dict[str, Any]) -> dict[str, Any]:
    """An inline keyboard of one row."""
    return {"inline_keyboard": [list(buttons)]}
