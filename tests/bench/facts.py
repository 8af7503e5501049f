"""How long it takes to understand a shell text, in microseconds: one JSON object with the median of each kind of text.

The texts are only ever read. All of them are read in turns, so that a disturbance of the machine falls on all alike.
"""

import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.service.collector import settle
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

ROUNDS = 300
PLACE = Place("/home/user/project", "/home/user", "/home/user/project")
ONE_LINE = (
    "git status",
    "ls -la src",
    "cat package.json",
    "rm -rf build dist",
    "sed -n 1,80p src/main.py",
    "grep -rn TODO src | head -20",
    "curl -s https://e.example/x.json | jq .name",
    "cd app && npm test 2>&1 | tail -40",
    'git add -A && git commit -m "x"',
    "find . -name '*.py' | xargs grep -l import",
    "python -m pytest -q tests/unit 2>&1 | tail -5",
    "docker compose up -d --build",
)
# Ten programs each, as agents write them: a release, a build, a trial run.
SCRIPTS = (
    """set -euo pipefail
VERSION=$(cat VERSION)
for f in src/*.py; do
  python -m py_compile "$f"
done
npm ci && npm test 2>&1 | tail -40
cat > NOTES.md <<END
Release $VERSION
END
git add -A && git commit -m "Release $VERSION"
""",
    """BUILD="$PWD/build"
mkdir -p "$BUILD"
cat <<'END' > "$BUILD/settings.json"
{"debug": false, "port": 8080}
END
while read -r name; do
  cp "src/$name" "$BUILD/"
done < files.txt
grep -rn TODO src | sort | head -20
tar czf app.tar.gz -C "$BUILD" .
ls -la "$BUILD"
""",
    """export PORT=3000
npm run build
npm start > server.log 2>&1 &
SERVER=$!
for i in 1 2; do
  curl -fsS "http://localhost:$PORT/health"
done
curl -s "http://localhost:$PORT/items" | jq length
cat <<END >> report.md
Tried on port $PORT
END
kill $SERVER
tail -20 server.log
""",
)


def main() -> int:
    """Print the medians of each kind: of all its texts together, and of the slowest."""
    kinds = {"one_line": ONE_LINE, "script": SCRIPTS}
    times = _measure(kinds)
    one_line = statistics.median([taken for each in times["one_line"] for taken in each])
    slowest = max(statistics.median(each) for each in times["one_line"])
    script = statistics.median([taken for each in times["script"] for taken in each])
    slowest_script = max(statistics.median(each) for each in times["script"])
    figures = {"one_line": one_line, "slowest_one_line": slowest, "script": script, "slowest_script": slowest_script}
    print(json.dumps(figures))
    return 0


def _measure(kinds: Mapping[str, Sequence[str]]) -> dict[str, list[list[float]]]:
    """Of each text, how long each round took."""
    catalogue, limits = shipped(), ShellLimits()
    times: dict[str, list[list[float]]] = {kind: [[] for _ in texts] for kind, texts in kinds.items()}
    # As the daemon does once it is up.
    settle()
    for _ in range(ROUNDS):
        for kind, texts in kinds.items():
            for text, taken in zip(texts, times[kind], strict=True):
                started = time.perf_counter()
                read_script(text, PLACE, catalogue, limits)
                taken.append((time.perf_counter() - started) * 1e6)
    return times


if __name__ == "__main__":
    sys.exit(main())
