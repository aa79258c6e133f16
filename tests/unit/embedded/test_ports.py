"""Ports for tests and benchmarks: never one that the system gives to an outgoing connection."""

import socket
from pathlib import Path

from adapters.embedded.process import free_port
from adapters.embedded.system import Ports


def test_no_port_comes_twice_and_none_is_one_of_outgoing_connections() -> None:
    text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    lowest = int(text.split()[0])
    found = [free_port() for _ in range(200)]
    assert len(set(found)) == len(found)
    assert max(found) < lowest


def test_a_port_that_somebody_has_is_passed_over() -> None:
    first = free_port()
    with socket.create_server(("127.0.0.1", first + 1)):
        assert free_port() not in {first, first + 1}


def test_the_ports_of_one_system_are_neighbours_and_nobody_elses() -> None:
    ports = Ports.free()
    roles = range(ports.http, ports.http + 10)
    others = {ports.postgres, ports.kafka, ports.command, ports.query, ports.venue, free_port()}
    assert not others & set(roles)
