"""Ports for servers that begin to listen later."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port of 127.0.0.1 that no connection and no other program is given until the block ends.

    Connections are refused there until a server listens with SO_REUSEADDR, as servers of asyncio do. Only Linux lets
    it listen while the port is held; elsewhere the port was free a moment ago.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        number: int = holder.getsockname()[1]
        if sys.platform != "linux":
            holder.close()
        yield number
