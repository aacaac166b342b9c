"""A port that a test is given stays its own until the end: connections are refused there until its server listens."""

from __future__ import annotations

import socket

import pytest


def test_an_unused_port_is_given_to_no_other_program(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", unused_tcp_port))
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", unused_tcp_port))
    with socket.create_server(("127.0.0.1", unused_tcp_port)) as own:
        socket.create_connection(own.getsockname()).close()
