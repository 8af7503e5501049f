"""`security-hooks audit key`: the public half of the key that signs, for those who check."""

import argparse
import json
import sys
from pathlib import Path

from security_hooks.audit.keys import signing_key
from security_hooks.cli.command import Exit


def run(state: Path, arguments: argparse.Namespace) -> int:
    """Print it as PEM, or with its id as JSON."""
    public = signing_key(state).public
    pem = public.pem().decode("ascii")
    if arguments.json:
        print(json.dumps({"id": public.id, "algorithm": "Ed25519", "pem": pem}))
    else:
        sys.stdout.write(pem)
    return Exit.OK
