"""Code that tries everything it should not be able to do in the sandbox, and says what it managed.

    python -m tests.support.hostile FOLDER SECRET PORT

runs the attack in the sandbox on FOLDER and prints as JSON what it managed. It needs nothing but Nova's `core` and
`policy`, so that another user with another Python can run it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from nova.policy import sandbox
from nova.policy.bubblewrap import Limits
from nova.policy.interpreters import interpreter_of

SMALL = Limits(processes=40, file_bytes=4_000_000, scratch_bytes=8_000_000, memory_bytes=600_000_000)
ALIVE = "alive-after-the-end"

ATTACK = r"""
import ctypes, json, os, socket, sys, time
secret, port, host = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
managed = {}

def attempt(name, work):
    try:
        work()
    except (OSError, MemoryError, RuntimeError) as problem:
        managed[name] = False
    else:
        managed[name] = True

def over_unix(address):
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(address)

def write(path):
    with open(path, "ab"):
        pass

def fill(folder, name, size):
    with open(f"{folder}/{name}", "wb") as stream:
        for _ in range(size // 1_000_000):
            stream.write(b"x" * 1_000_000)

def unshare():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "no user namespace")

def look_home():
    home = sys.argv[4]
    way = {os.path.relpath(prefix, home).split("/")[0] for prefix in (sys.prefix, sys.base_prefix)}
    if not set(os.listdir(home)) - way:  # nothing but the folders on the way to the Python that runs this
        raise OSError

def fill_scratch():
    for number in range(4):
        fill("/scratch", f"part{number}", 3_000_000)

attempt("tcp", lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close())
attempt("outside", lambda: socket.create_connection(("192.0.2.1", 80), timeout=2).close())
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9)))
attempt("abstract socket", lambda: over_unix("\0nova-hostile-" + str(host)))
attempt("socket in a folder", lambda: over_unix(os.path.join(os.path.dirname(secret), "sock")))
attempt("secret file", lambda: open(secret).close())
attempt("home", look_home)
attempt("shadow", lambda: open("/etc/shadow").close())
attempt("write the system", lambda: write("/usr/nova-hostile"))
attempt("write outside", lambda: write(secret + ".new"))
attempt("write git's mark", lambda: write("/project/.git"))
attempt("move git's mark", lambda: os.rename("/project/.git", "/project/.git-old"))
attempt("write its Python", lambda: write(os.path.join(sys.prefix, "nova-hostile")))
attempt("kernel settings", lambda: open("/proc/sys/kernel/core_pattern", "r+").close())
attempt("kill a process outside", lambda: os.kill(host, 0))
attempt("user namespace", unshare)
attempt("memory", lambda: bytearray(700_000_000))
attempt("big file", lambda: fill("/project", "big", 6_000_000))
attempt("much scratch", fill_scratch)
managed["environment"] = "NOVA_HOSTILE" in os.environ
managed["processes seen"] = sum(name.isdigit() for name in os.listdir("/proc"))
managed["write the project"] = True
attempt("write the project", lambda: write("/project/mine"))

forked = 0
try:
    for _ in range(120):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        forked += 1
except OSError:
    pass
managed["forked"] = forked
print(json.dumps(managed), flush=True)
os._exit(0)
"""

DAEMON = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1)
        open("/project/{ALIVE}", "w").close()
        time.sleep(30)
    os._exit(0)
os._exit(0)
"""


async def attack(folder: Path, secret: Path, port: int, host: int) -> sandbox.Ran:
    """Run all of it. secret: a file that must stay hidden; port: a server of the host; host: a process of it."""
    python = interpreter_of(folder)
    home = str(Path.home())
    command = [str(python.path), "-c", ATTACK, str(secret), str(port), str(host), home]
    return await sandbox.run(command, folder=folder, seconds_max=60, readable=python.readable, limits=SMALL)


def main(folder: Path, secret: Path, port: int, host: int) -> None:
    """See above."""
    ran = asyncio.run(attack(folder, secret, port, host))
    stands = asyncio.run(sandbox.ready())
    told = {"code": ran.code, "output": ran.output, "not_held": list(stands.not_held)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
