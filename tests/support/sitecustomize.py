"""Every Python process of the test suite loads this: a connection to anywhere but loopback ends the process's test."""

import os
import sys
from typing import cast

_LOCAL = ("127.", "::1", "localhost", "::ffff:127.")


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        _refuse_unless_local(_host(arguments[1]))
    elif event == "socket.getaddrinfo":
        _refuse_unless_local(str(arguments[0] or "localhost"))
    elif event == "socket.sendto":
        _refuse_unless_local(_host(arguments[1]))


def _host(address: object) -> str:
    """The host of an internet address; a path of a local socket counts as this machine."""
    return str(cast("tuple[object, ...]", address)[0]) if isinstance(address, tuple) else "localhost"


def _refuse_unless_local(host: str) -> None:
    if not host.startswith(_LOCAL):
        log = os.environ.get("NOVA_TEST_CONNECTIONS")
        if log:
            with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would slow every start
                file.write(f"{host}\n")
        raise PermissionError(f"the test suite tried to reach {host}")


sys.addaudithook(_watch)
