"""What an ask becomes for a client, as it is configured."""

from security_hooks.clients.client import AskPolicy, Client
from security_hooks.policy.snapshot import Snapshot

_ASK_POLICIES = {policy.value: policy for policy in AskPolicy}


def ask_policy(client: Client, snapshot: Snapshot) -> AskPolicy:
    """`[clients.NAME] ask`, or the client's own default."""
    configured = snapshot.config.ask_by_client.get(client.name)
    return client.ask_policies[0] if configured is None else _ASK_POLICIES[configured]
