"""The Anthropic Messages API, as far as Claude Code needs it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.clients.conversation import DELEGATED, EVENTS, JSON, Call, Reply


class AnthropicWire:
    """See `conversation.Wire`."""

    def is_turn(self, path: str, body: Mapping[str, Any]) -> bool:
        return path == "/v1/messages" and bool(body.get("tools"))

    def is_delegated(self, body: Mapping[str, Any]) -> bool:
        first: Mapping[str, Any] = next((message for message in body["messages"] if message["role"] == "user"), {})
        return DELEGATED in text_of(first.get("content"))

    def results(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            text_of(block.get("content"))
            for message in body["messages"]
            if message["role"] == "user" and isinstance(message["content"], list)
            for block in message["content"]
            if block.get("type") == "tool_result"
        )

    def answer(self, body: Mapping[str, Any], number: int, call: Call | None) -> Reply:
        if not body.get("stream"):
            return self._whole(body, number, call)
        return Reply(EVENTS, b"".join(_event(kind, data) for kind, data in self._events(body, number, call)))

    def aside(self, path: str, body: Mapping[str, Any]) -> Reply:
        if path == "/v1/messages":
            return self.answer(body, 0, None)
        return Reply(JSON, json.dumps({"input_tokens": 10, "data": [], "has_more": False}).encode())

    def _whole(self, body: Mapping[str, Any], number: int, call: Call | None) -> Reply:
        message = {**_message(body, number), "content": [_block(number, call)], "stop_reason": _stop_reason(call)}
        return Reply(JSON, json.dumps(message).encode())

    def _events(self, body: Mapping[str, Any], number: int, call: Call | None) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "message_start", {"message": _message(body, number)}
        block = _block(number, call)
        if call is None:
            yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            yield "content_block_start", {"index": 0, "content_block": {**block, "input": {}}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield "content_block_delta", {"index": 0, "delta": delta}
        yield "content_block_stop", {"index": 0}
        ended = {"stop_reason": _stop_reason(call), "stop_sequence": None}
        yield "message_delta", {"delta": ended, "usage": {"output_tokens": 5}}
        yield "message_stop", {}


def text_of(content: object) -> str:
    """The text of a message's content, however it is given."""
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content or () if isinstance(block, dict))  # type: ignore[attr-defined]  # JSON


def _message(body: Mapping[str, Any], number: int) -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "scripted"),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def _block(number: int, call: Call | None) -> dict[str, Any]:
    if call is None:
        return {"type": "text", "text": "done"}
    return {"type": "tool_use", "id": f"toolu_scripted{number:04}", "name": call.tool, "input": call.arguments}


def _stop_reason(call: Call | None) -> str:
    return "end_turn" if call is None else "tool_use"


def _event(kind: str, data: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({**data, 'type': kind})}\n\n".encode()
