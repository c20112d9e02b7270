"""A provider's name may lead anywhere but to a cloud's metadata service; what counts is the address after DNS."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.upstream import transport
from chatapp.upstream.addresses import Address, is_global, may_be_provider
from chatapp.upstream.connection import connect
from chatapp.upstream.errors import Forbidden, Network
from chatapp.upstream.limits import Limits
from tests.upstream.replay import ask, target

METADATA = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
]
PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("text", METADATA)
def test_no_provider_and_no_link_is_at_a_metadata_address(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert not may_be_provider(address)
    assert not is_global(address)


@pytest.mark.parametrize("text", PRIVATE)
def test_a_provider_may_be_in_a_private_network_and_a_link_may_not_lead_there(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert may_be_provider(address)
    assert not is_global(address)


@pytest.mark.parametrize("text", PUBLIC)
def test_both_may_be_on_the_internet(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert may_be_provider(address)
    assert is_global(address)


class Names:
    """The name service, which is of the world outside, and a note of every address that is connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.connected: list[str] = []
        loop = asyncio.get_running_loop()
        look_up, connect_to = loop.getaddrinfo, loop.create_connection

        async def getaddrinfo(host: Any, port: Any, **options: Any) -> Any:
            if host not in self.known:
                return await look_up(host, port, **options)
            self.asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, port)) for at in self.known[host]]

        async def create_connection(factory: Callable[[], Any], host: str, *rest: Any, **options: Any) -> Any:
            self.connected.append(host)
            return await connect_to(factory, host, *rest, **options)

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(loop, "create_connection", create_connection)


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.mark.parametrize("address", METADATA)
async def test_a_name_that_leads_to_a_metadata_service_is_not_connected_to(names: Names, address: str) -> None:
    names.known["model.example"] = [address]
    result = await ask(target("http://model.example/v1"))
    assert result.error == "network"
    assert (names.asked, names.connected) == (["model.example"], [])


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:a9fe:a9fe]", "2852039166", "0xa9fea9fe"]
)
async def test_nor_is_the_address_itself_however_it_is_written(names: Names, host: str) -> None:
    result = await ask(target(f"http://{host}/v1"))
    assert result.error == "network"
    assert names.connected == []


async def test_of_several_addresses_only_the_permitted_ones_are_tried(names: Names) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        names.known["gpu.example"] = ["169.254.7.7", "127.0.0.1"]
        connection = await connect("gpu.example", server.getsockname()[1], secure=False, limits=Limits(connect=5))
        connection.abort()
    assert names.connected == ["127.0.0.1"]


async def test_the_next_address_is_tried_when_one_does_not_take_connections(names: Names) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        names.known["gpu.example"] = ["127.0.0.2", "127.0.0.1"]
        connection = await connect("gpu.example", server.getsockname()[1], secure=False, limits=Limits(connect=5))
        connection.abort()
    assert names.connected == ["127.0.0.2", "127.0.0.1"]


async def test_the_answer_of_the_name_service_that_was_checked_is_the_one_that_is_used(names: Names) -> None:
    """A name that gives a good address first and a bad one later gains nothing: it is asked once."""
    checked: list[Address] = []

    def permit(address: Address) -> bool:
        checked.append(address)
        names.known["rebinding.example"] = ["169.254.169.254"]
        return True

    with socket.create_server(("127.0.0.1", 0)) as server:
        names.known["rebinding.example"] = ["127.0.0.1"]
        port = server.getsockname()[1]
        connection = await connect("rebinding.example", port, secure=False, limits=Limits(connect=5), permit=permit)
        connection.abort()
    assert [str(address) for address in checked] == names.connected == ["127.0.0.1"]
    assert names.asked == ["rebinding.example"]


async def test_a_request_takes_a_permit_of_its_own() -> None:
    with pytest.raises(Forbidden) as refused:
        await transport.send("GET", "http://127.0.0.1:9/", {}, None, Limits(connect=5), is_global)
    assert isinstance(refused.value, Network)
    assert "127.0.0.1" not in str(refused.value)
