"""Every Python process of the test suite loads this: a connection to anywhere but loopback ends the process's test."""

import os
import sys

_LOCAL = ("127.", "::1", "localhost", "::ffff:127.")


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
        _refuse_unless_local(str(host), isinstance(address, tuple))
    elif event == "socket.getaddrinfo":
        _refuse_unless_local(str(arguments[0] or "localhost"), True)
    elif event == "socket.sendto" and isinstance(arguments[1], tuple):
        _refuse_unless_local(str(arguments[1][0]), True)


def _refuse_unless_local(host: str, network: bool) -> None:
    if network and not host.startswith(_LOCAL):
        log = os.environ.get("NOVA_TEST_CONNECTIONS")
        if log:
            with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would slow every start
                file.write(f"{host}\n")
        raise PermissionError(f"the test suite tried to reach {host}")


sys.addaudithook(_watch)
