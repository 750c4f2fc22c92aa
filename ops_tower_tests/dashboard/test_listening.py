"""Nobody on another machine reaches the dashboard unless somebody has said so, nor steers it."""

import json
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

LISTENING = "0A"
LOOPBACK = "0100007F"  # 127.0.0.1 as the kernel writes it, on a little-endian machine


def listeners(port: int) -> list[str]:
    """The addresses on which this machine listens at a port, as the kernel writes them."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        if (file := Path("/proc/net") / table).exists()
        for line in file.read_text().splitlines()[1:]
    ]
    local = [row[1].split(":") for row in rows if row[3] == LISTENING]
    return [host for host, number in local if int(number, 16) == port]


def test_the_dashboard_listens_on_loopback_alone(address: str) -> None:
    port = urlsplit(address).port
    assert port is not None
    assert listeners(port) == [LOOPBACK]


def test_no_page_that_embeds_the_dashboard_may_steer_it(address: str) -> None:
    with urllib.request.urlopen(f"{address}/_stcore/host-config") as answer:  # noqa: S310
        assert json.load(answer)["allowedOrigins"] == []
