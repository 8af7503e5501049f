"""The Gemini API, as far as Gemini CLI needs it."""

import json
from collections.abc import Mapping
from typing import Any

from tests.clients.conversation import EVENTS, JSON, Call, Reply


class GeminiWire:
    """See `conversation.Wire`."""

    def is_turn(self, path: str, body: Mapping[str, Any]) -> bool:
        return path.endswith((":streamGenerateContent", ":generateContent")) and any(
            tool.get("functionDeclarations") for tool in body.get("tools") or ()
        )

    def is_delegated(self, body: Mapping[str, Any]) -> bool:
        offered = (declared for tool in body["tools"] for declared in tool.get("functionDeclarations") or ())
        return any(declared["name"] == "complete_task" for declared in offered)

    def results(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            _text(part["functionResponse"].get("response"))
            for content in body.get("contents") or ()
            for part in content.get("parts") or ()
            if "functionResponse" in part
        )

    def answer(self, body: Mapping[str, Any], number: int, call: Call | None) -> Reply:
        if call is None:
            return _reply({"text": "done"})
        asked = {"name": call.tool, "args": call.arguments, "id": f"call-{number}"}
        return _reply({"functionCall": asked})

    def aside(self, path: str, body: Mapping[str, Any]) -> Reply:
        if path.endswith(":streamGenerateContent"):
            return _reply({"text": "done"})
        if path.endswith(":generateContent"):
            return Reply(JSON, _response({"text": "done"}))
        return Reply(JSON, json.dumps({"totalTokens": 10}).encode())


def _text(response: object) -> str:
    """What the model reads: the output, or the error, of the call."""
    if isinstance(response, dict) and isinstance(response.get("output", response.get("error")), str):
        return str(response.get("output", response.get("error")))
    return json.dumps(response)


def _response(part: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
            "modelVersion": "scripted",
        }
    ).encode()


def _reply(part: dict[str, Any]) -> Reply:
    return Reply(EVENTS, b"data: " + _response(part) + b"\r\n\r\n")
