"""A server of the Model Context Protocol on standard input and output, with two tools: `mark` and
`forbidden` both make an empty file.

Run as a program by the clients; it needs nothing but Python.
"""

import json
import sys
from pathlib import Path

SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
TOOLS = [{"name": name, "description": "makes an empty file", "inputSchema": SCHEMA} for name in ("mark", "forbidden")]


def result(method: str, params: dict[str, object]) -> dict[str, object] | None:
    """What the method returns; None where it is not one of ours."""
    match method:
        case "initialize":
            version = params.get("protocolVersion", "2025-06-18")
            server = {"name": "demo", "version": "1"}
            return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": server}
        case "tools/list":
            return {"tools": TOOLS}
        case "tools/call":
            arguments = params["arguments"]
            assert isinstance(arguments, dict)
            Path(arguments["path"]).touch()
            return {"content": [{"type": "text", "text": f"made {arguments['path']}"}]}
        case "ping":
            return {}
        case _:
            return None


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request or "method" not in request:
            continue
        answer = result(request["method"], request.get("params") or {})
        reply = {"error": {"code": -32601, "message": "no such method"}} if answer is None else {"result": answer}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **reply}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
