"""The OpenAI Responses API, as far as Codex CLI needs it."""

import json
from collections.abc import Mapping
from typing import Any

from tests.clients.conversation import EVENTS, JSON, Call, Reply


class OpenAiWire:
    """See `conversation.Wire`."""

    def is_turn(self, path: str, body: Mapping[str, Any]) -> bool:
        return path.endswith("/responses")

    def is_delegated(self, body: Mapping[str, Any]) -> bool:
        return "x-openai-subagent" in (body.get("client_metadata") or {})

    def results(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(
            _text(item.get("output"))
            for item in body.get("input") or ()
            if isinstance(item, dict) and item.get("type") in ("function_call_output", "custom_tool_call_output")
        )

    def answer(self, body: Mapping[str, Any], number: int, call: Call | None) -> Reply:
        item = _item(number, call)
        usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
        head: dict[str, Any] = {"id": f"resp_{number}", "object": "response", "model": body.get("model"), "output": []}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": {**head, "status": "in_progress"}},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {
                "type": "response.completed",
                "response": {**head, "status": "completed", "output": [item], "usage": usage},
            },
        ]
        return Reply(EVENTS, b"".join(_event({**event, "sequence_number": n}) for n, event in enumerate(events)))

    def aside(self, path: str, body: Mapping[str, Any]) -> Reply:
        return Reply(JSON, json.dumps({"models": [], "data": [], "object": "list"}).encode())


def _text(output: object) -> str:
    return output if isinstance(output, str) else json.dumps(output)


def _item(number: int, call: Call | None) -> dict[str, Any]:
    if call is None:
        content = [{"type": "output_text", "text": "done", "annotations": []}]
        return {"type": "message", "id": f"msg_{number}", "role": "assistant", "content": content}
    item: dict[str, Any] = {"id": f"item_{number}", "call_id": f"call_{number}", "name": call.tool}
    if call.namespace:
        item["namespace"] = call.namespace
    if isinstance(call.arguments, str):
        return {**item, "type": "custom_tool_call", "input": call.arguments}
    return {**item, "type": "function_call", "arguments": json.dumps(call.arguments)}


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()
