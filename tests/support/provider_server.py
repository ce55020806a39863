"""Servers on loopback that speak the providers' real streaming formats over real HTTP, and break as real ones do.

Knows three wire formats (OpenAI chat completions, Anthropic messages, Google generateContent); refuses to know Nova.
Which format is spoken follows from the path that is asked for. Each request takes the next turn of the list.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, TypeAlias, cast

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"
INPUT_TOKENS, OUTPUT_TOKENS = 321, 45
"""What every good turn reports as its usage."""
PIECE_CHARACTERS = 9
GARBAGE = "event: message_start\ndata: {this is no JSON\n\n"


class Ending(Enum):
    """How a stream ends that has begun well."""

    WHOLE = "with its reason, the usage, and whatever the format says last"
    FILTERED = "with the reason that its content was filtered"
    LENGTH = "with the reason that the model's own limit of tokens was reached"
    UNSAID = "properly, as far as HTTP is concerned, but without ever saying why"
    CUT = "the connection is closed in the middle"
    MALFORMED = "with something that is no JSON"
    OVERLOADED = "with the error that this provider sends inside a stream"
    HANG = "not at all: nothing more comes"


@dataclass(frozen=True, slots=True)
class Speak:
    """The model says this, in pieces, one every `pause_seconds`."""

    text: str
    ending: Ending = Ending.WHOLE
    piece_characters: int = PIECE_CHARACTERS
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class UseTool:
    """The model calls a tool; the arguments travel in pieces, where the format has pieces. number: of the call."""

    tool: str
    arguments: dict[str, Json]
    ending: Ending = Ending.WHOLE
    number: str = ""
    raw: str = ""
    piece_characters: int = PIECE_CHARACTERS


@dataclass(frozen=True, slots=True)
class UseTools:
    """Several calls in one reply."""

    calls: tuple[UseTool, ...]
    ending: Ending = Ending.WHOLE


@dataclass(frozen=True, slots=True)
class Refuse:
    """An HTTP error with the body that this provider sends for it.

    retry_after: the header, as it is sent; body_seconds: the wish in the body, where the format has a place for it.
    """

    status: int
    message: str = "not today"
    retry_after: str = ""
    body_seconds: float = 0.0


class Break(Enum):
    """Ways in which a connection or a stream goes wrong from its beginning."""

    CUT_BEFORE_FIRST_BYTE = "the status line says 200, then the connection is closed without a byte of the stream"
    RESET = "the connection is reset before any answer"
    MALFORMED = "the stream holds something that is no JSON"
    WRONG_SHAPE = "the stream holds JSON of another kind"
    CUT_IN_THE_MIDDLE = "some words arrive, then the connection is closed"
    SILENT = "nothing comes for a second and a half"
    DRIP = "a comment that says nothing arrives now and then, for ever"
    ENDLESS_LINE = "one line without end"


Stream: TypeAlias = Speak | UseTool | UseTools
Turn: TypeAlias = Stream | Refuse | Break
SILENT_SECONDS = 1.5
DRIP_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived. headers: names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Json]
    text: str


@dataclass(kw_only=True)
class ProviderServer:
    """What a running server was asked, and where it is. Every request is counted, also those that fail."""

    address: str
    turns: list[Turn]
    asked: list[Asked] = field(default_factory=list[Asked])


class _Quiet(ThreadingHTTPServer):
    """A client that hangs up is what some tests are about; anything else is a bug of the server and is shown."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # pyright: ignore[reportArgumentType]


@contextmanager
def serve(*turns: Turn) -> Generator[ProviderServer]:
    """A server on a free port of loopback for the time of the block."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", "0"))).decode("utf-8")
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = cast("dict[str, Json]", json.loads(raw))
            with lock:
                running.asked.append(Asked(path=self.path, headers=headers, body=body, text=raw))
                number = len(running.asked)
                turn = running.turns.pop(0) if running.turns else Refuse(500, "the list of turns is used up")
            _answer(self, turn, number)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Nothing is written to the terminal of the tests."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    running = ProviderServer(address=f"http://127.0.0.1:{server.server_port}", turns=list(turns))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> str:
    """An address on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def _answer(handler: BaseHTTPRequestHandler, turn: Turn, number: int) -> None:
    if isinstance(turn, Refuse):
        _refuse(handler, turn)
    elif turn is Break.RESET:
        linger = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True
        handler.connection.close()
    elif turn is Break.SILENT:
        time.sleep(SILENT_SECONDS)
        handler.close_connection = True
    else:
        _stream(handler, turn, number)


def _stream(handler: BaseHTTPRequestHandler, turn: Stream | Break, number: int) -> None:
    """Server-sent events in HTTP chunks; a cut is a connection that ends without the last chunk."""
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream; charset=utf-8")
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    handler.wfile.flush()
    wire = _wire(handler.path)
    match turn:
        case Break.CUT_BEFORE_FIRST_BYTE:
            handler.close_connection = True
            return
        case Break.MALFORMED:
            _chunk(handler, GARBAGE)
        case Break.WRONG_SHAPE:
            shape: Json = {"type": "message_start", "choices": 5, "candidates": "none", "message": [1]}
            _chunk(handler, _data(shape, event="message_start"))
        case Break.CUT_IN_THE_MIDDLE:
            for piece in list(wire.words(Speak("Half of an answer, and then"), number))[:3]:
                _chunk(handler, piece)
            handler.close_connection = True
            return
        case Break.DRIP:
            while True:
                _chunk(handler, ": \n\n")
                time.sleep(DRIP_SECONDS)
        case Break.ENDLESS_LINE:
            _chunk(handler, "data: {")
            while True:
                _chunk(handler, "x" * 100_000)
        case Speak() | UseTool() | UseTools():
            if not _spoken(handler, wire, turn, number):
                return
        case _:
            raise ValueError(f"{turn} is no stream")
    handler.wfile.write(b"0\r\n\r\n")


def _spoken(handler: BaseHTTPRequestHandler, wire: Wire, turn: Stream, number: int) -> bool:
    """Sends a stream; whether HTTP's own last chunk is to follow."""
    pause = turn.pause_seconds if isinstance(turn, Speak) else 0.0
    for piece in wire.words(turn, number):
        _chunk(handler, piece)
        time.sleep(pause)
    match turn.ending:
        case Ending.WHOLE | Ending.FILTERED | Ending.LENGTH:
            for piece in wire.end(turn, number):
                _chunk(handler, piece)
        case Ending.UNSAID:
            return True
        case Ending.MALFORMED:
            _chunk(handler, GARBAGE)
        case Ending.OVERLOADED:
            _chunk(handler, wire.overloaded())
        case Ending.HANG:
            time.sleep(SILENT_SECONDS)
            handler.close_connection = True
            return False
        case Ending.CUT:
            handler.close_connection = True
            return False
    return True


def _chunk(handler: BaseHTTPRequestHandler, text: str) -> None:
    data = text.encode("utf-8")
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


class Wire(Protocol):
    """One format: what is sent for a stream, before it ends and at its end."""

    def words(self, turn: Stream, number: int) -> Iterator[str]:
        """All of it but the end."""
        ...

    def end(self, turn: Stream, number: int) -> Iterator[str]:
        """The reason, the usage, and the last words of the format."""
        ...

    def overloaded(self) -> str:
        """The error inside a stream."""
        ...


def _wire(path: str) -> Wire:
    if path.startswith("/v1/chat/completions"):
        return _OpenAI()
    if path.startswith("/v1/messages"):
        return _Anthropic()
    if ":streamGenerateContent" in path and "alt=sse" in path:
        return _Google()
    raise ValueError(f"no provider has a stream at {path}")


def _data(value: Json, event: str = "") -> str:
    return (f"event: {event}\n" if event else "") + f"data: {json.dumps(value)}\n\n"


def _pieces(text: str, size: int = PIECE_CHARACTERS) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _calls(turn: UseTool | UseTools) -> tuple[UseTool, ...]:
    return turn.calls if isinstance(turn, UseTools) else (turn,)


def _written(call: UseTool) -> str:
    return call.raw or json.dumps(call.arguments)


class _OpenAI:
    """Chunks of `chat.completion.chunk`, the usage in one of its own without choices, then `[DONE]`."""

    def words(self, turn: Stream, number: int) -> Iterator[str]:
        yield self._chunk(number, {"role": "assistant", "content": "" if isinstance(turn, Speak) else None})
        if isinstance(turn, Speak):
            for piece in _pieces(turn.text, turn.piece_characters):
                yield self._chunk(number, {"content": piece})
            return
        for place, call in enumerate(_calls(turn)):
            begin: Json = {
                "index": place,
                "id": call.number or f"call_{number}_{place}",
                "type": "function",
                "function": {"name": call.tool, "arguments": ""},
            }
            yield self._chunk(number, {"tool_calls": [begin]})
            for piece in _pieces(_written(call), call.piece_characters):
                yield self._chunk(number, {"tool_calls": [{"index": place, "function": {"arguments": piece}}]})

    def end(self, turn: Stream, number: int) -> Iterator[str]:
        usual = "stop" if isinstance(turn, Speak) else "tool_calls"
        reason = {Ending.FILTERED: "content_filter", Ending.LENGTH: "length"}.get(turn.ending, usual)
        yield self._chunk(number, {}, reason)
        usage: Json = {
            "prompt_tokens": INPUT_TOKENS,
            "completion_tokens": OUTPUT_TOKENS,
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        }
        yield _data({**self._head(number), "choices": [], "usage": usage})
        yield "data: [DONE]\n\n"

    def overloaded(self) -> str:
        error: Json = {"message": "overloaded", "type": "server_error", "param": None, "code": "server_error"}
        return _data({"error": error})

    def _chunk(self, number: int, delta: dict[str, Json], finish: str | None = None) -> str:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._head(number), "choices": [choice], "usage": None})

    def _head(self, number: int) -> dict[str, Json]:
        return {
            "id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1_795_000_000, "model": "served",
            "system_fingerprint": "fp_1",
        }  # fmt: skip


class _Anthropic:
    """message_start, content blocks in deltas with a ping between, message_delta with the usage, message_stop."""

    def words(self, turn: Stream, number: int) -> Iterator[str]:
        message: Json = {
            "id": f"msg_{number}", "type": "message", "role": "assistant", "model": "served", "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": 1},
        }  # fmt: skip
        yield self._event("message_start", message=message)
        if isinstance(turn, Speak):
            yield self._event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            yield self._event("ping")
            for piece in _pieces(turn.text, turn.piece_characters):
                yield self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            return
        for place, call in enumerate(_calls(turn)):
            name = call.number or f"toolu_{number}_{place}"
            block: Json = {"type": "tool_use", "id": name, "name": call.tool, "input": {}}
            yield self._event("content_block_start", index=place, content_block=block)
            for piece in ["", *_pieces(_written(call), call.piece_characters)]:
                delta: Json = {"type": "input_json_delta", "partial_json": piece}
                yield self._event("content_block_delta", index=place, delta=delta)
            if place < len(_calls(turn)) - 1:
                yield self._event("content_block_stop", index=place)

    def end(self, turn: Stream, number: int) -> Iterator[str]:
        del number
        usual = "end_turn" if isinstance(turn, Speak) else "tool_use"
        reason = {Ending.FILTERED: "refusal", Ending.LENGTH: "max_tokens"}.get(turn.ending, usual)
        place = 0 if isinstance(turn, Speak) else len(_calls(turn)) - 1
        yield self._event("content_block_stop", index=place)
        delta: Json = {"stop_reason": reason, "stop_sequence": None}
        yield self._event("message_delta", delta=delta, usage={"output_tokens": OUTPUT_TOKENS})
        yield self._event("message_stop")

    def overloaded(self) -> str:
        return self._event("error", error={"type": "overloaded_error", "message": "overloaded"})

    def _event(self, kind: str, **fields: Json) -> str:
        return _data({"type": kind, **fields}, event=kind)


class _Google:
    """Whole GenerateContentResponse objects; a function call is never split, the usage is in the last one."""

    def words(self, turn: Stream, number: int) -> Iterator[str]:
        if isinstance(turn, Speak):
            yield from (self._response(number, [{"text": one}]) for one in _pieces(turn.text, turn.piece_characters))
            return
        for call in _calls(turn):
            said: dict[str, Json] = {"name": call.tool, "args": cast("Json", call.arguments)}
            if call.number:
                said["id"] = call.number
            yield self._response(number, [{"functionCall": said}])

    def end(self, turn: Stream, number: int) -> Iterator[str]:
        reason = {Ending.FILTERED: "SAFETY", Ending.LENGTH: "MAX_TOKENS"}.get(turn.ending, "STOP")
        yield self._response(number, [{"text": ""}], reason)

    def overloaded(self) -> str:
        return _data({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})

    def _response(self, number: int, parts: list[Json], finish: str | None = None) -> str:
        candidate: dict[str, Json] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        value: dict[str, Json] = {"candidates": [candidate], "modelVersion": "served", "responseId": f"g{number}"}
        if finish:
            candidate["finishReason"] = finish
            value["usageMetadata"] = {
                "promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": OUTPUT_TOKENS,
                "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS,
            }  # fmt: skip
        return _data(cast("Json", value))


def _refuse(handler: BaseHTTPRequestHandler, turn: Refuse) -> None:
    data = json.dumps(_error(handler.path, turn)).encode("utf-8")
    handler.send_response(turn.status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(data)))
    if turn.retry_after:
        handler.send_header("retry-after", turn.retry_after)
    handler.end_headers()
    handler.wfile.write(data)


def _error(path: str, turn: Refuse) -> Json:
    if path.startswith("/v1/messages"):
        kinds = {401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}
        return {"type": "error", "error": {"type": kinds.get(turn.status, "api_error"), "message": turn.message}}
    if ":streamGenerateContent" in path:
        kinds = {401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}
        status = kinds.get(turn.status, "UNKNOWN")
        details: list[Json] = []
        if turn.body_seconds:
            wish = f"{turn.body_seconds:g}s"
            details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": wish})
        return {"error": {"code": turn.status, "message": turn.message, "status": status, "details": details}}
    kinds = {401: "invalid_request_error", 429: "requests", 500: "server_error"}
    code = {401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(turn.status)
    wish = f" Please try again in {turn.body_seconds:g}s." if turn.body_seconds else ""
    said = turn.message + wish
    error: Json = {"message": said, "type": kinds.get(turn.status, "server_error"), "param": None, "code": code}
    return {"error": error}
