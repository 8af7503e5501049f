import pytest

from security_hooks.secrets.entropy import looks_random, shannon


@pytest.mark.parametrize(("text", "bits"), [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0)])
def test_shannon_counts_bits_per_character(text: str, bits: float) -> None:
    assert shannon(text) == pytest.approx(bits)


@pytest.mark.parametrize(
    "text",
    [
        "kJ8sQm2Lx9Tz4Vb7" + "Nc1Rw6Yd3",
        "0f1e2d3c4b5a6978" + "8796a5b4c3d2e1f0",
        "q7x2m9k4t8w1z5b3" + "n6v0p2",
        "3f2a7c1e-8f62-4c6e-9a35-2f1e8d0b7a11",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXMPLKEY1q",
    ],
)
def test_generated_strings_look_random(text: str) -> None:
    assert looks_random(text)


@pytest.mark.parametrize(
    "text",
    [
        "short1",
        "backwards-compatibility-with-manylinux1",
        "/usr/lib/python3.11/site-packages",
        "urllib.request.url2pathname",
        "getUserByIdentifierAndRole2",
        "aaaaaaaaaaaaaaaaaaaaaaaa1",
        "00000000000000000000000000000001",
        "12345678901234567890",
        "onlylettersinaverylongword",
        "sha256-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7",
        "https://example.org/a1b2c3d4",
        "schlüssel-0f1e2d3c4b5a69788796",
    ],
)
def test_what_people_write_does_not(text: str) -> None:
    assert not looks_random(text)
