"""Where a provider may be: anywhere by http or https, but never a cloud's metadata service."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from chatapp.catalog.addresses import check_base_url, origin_of


@pytest.mark.parametrize(
    "url",
    [
        "https://chat.intern-ai.org.cn/api/v1",
        "http://127.0.0.1:11434/v1",
        "http://localhost:8000/v1",
        "http://[::1]:8000/v1",
        "http://10.0.0.7:23333/v1",
        "http://192.168.1.20/v1",
        "http://[fd00:1::7]/v1",
        "http://ollama:11434/v1",
        "http://gpu-1.internal/v1",
        "https://例子.example/v1",
    ],
)
def test_servers_of_the_world_and_of_the_house_are_allowed(url: str) -> None:
    check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.0.1/v1",
        "http://2852039166/v1",
        "http://0xa9fea9fe/v1",
        "http://0251.0376.0251.0376/v1",
        "http://169.254.43518/v1",
        "http://169.254.169.254./v1",
        "http://[::ffff:169.254.169.254]/v1",
        "http://[::ffff:a9fe:a9fe]/v1",
        "http://[64:ff9b::a9fe:a9fe]/v1",
        "http://[::169.254.169.254]/v1",
        "http://[fe80::1]/v1",
        "http://[fe80::1%25eth0]/v1",
        "http://[fd00:ec2::254]/v1",
        "http://100.100.100.200/v1",
        "http://metadata.google.internal/v1",
        "http://METADATA.google.internal./v1",
        "http://metadata/v1",
    ],
)
def test_metadata_services_are_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(ValidationError):
        check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "ftp://host/v1",
        "javascript:alert(1)",
        "//host/v1",
        "host/v1",
        "localhost:6379",
        "https://",
        "https:///v1",
        "https://user@host/v1",
        "https://user:password@host/v1",
        "https://@host/v1",
        "https://host:port/v1",
        "https://host:99999/v1",
        "https://[::1/v1",
        "https://host/v1?key=1",
        "https://host/v1#x",
        "https://host/a b",
        "https://host/v1\r\nX: y",
    ],
)
def test_everything_but_a_plain_http_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        check_base_url(url)


def test_the_usual_port_is_the_same_origin() -> None:
    assert origin_of("https://Host/v1") == origin_of("https://host:443/v2")
    assert len({origin_of(url) for url in ("https://h/", "http://h/", "https://h:444/", "https://i/")}) == 4
