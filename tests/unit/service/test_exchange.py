from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer


def test_time_goes_on() -> None:
    assert Exchange(Peer(1, 2)).elapsed_us() >= 0
