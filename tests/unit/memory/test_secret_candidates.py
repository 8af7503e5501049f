import pytest

from security_hooks.memory.secret_candidates import candidates, given

# Never written whole, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zC0bF1234"
RANDOM = "q7Rk2mXw9ZtL4vBn8HsJ5dGc"
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CHOSEN = "Kx9-vva!12mnQQ"
JWT = "ey" + "JhbGciOiJIUzI1NiJ9" + ".ey" + "JzdWIiOiIxMjM0In0." + "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c"


@pytest.mark.parametrize(
    ("text", "value", "is_strong"),
    [
        (f"token {TOKEN}\n", TOKEN, True),
        (f"A=1\nAPI_TOKEN={RANDOM}\nB=2", RANDOM, True),
        (f'{{"clientSecret": "{RANDOM}"}}', RANDOM, True),
        (f'{{\\"clientSecret\\": \\"{RANDOM}\\"}}', RANDOM, True),
        (f"export SECRET_KEY='{HEX}'", HEX, True),
        (f"  apiKey: {RANDOM}\n", RANDOM, True),
        (f"curl --token={RANDOM} x", RANDOM, True),
        (f"DB_PASSWORD={CHOSEN}", CHOSEN, False),
        (f"postgres://app:{CHOSEN}@db.example.org:5432/x", CHOSEN, False),
        (f"Authorization: Bearer {RANDOM}{RANDOM}", RANDOM + RANDOM, True),
        (f"x {JWT} y", JWT.rpartition(".")[2], True),
    ],
)
def test_secrets_are_found(text: str, value: str, is_strong: bool) -> None:
    assert (value, is_strong) in {(found.value, found.is_strong) for found in candidates(text)}


@pytest.mark.parametrize(
    "text",
    [
        f"commit {HEX[:40]}\nAuthor: A B <a@b.example>\n",
        f"password: changeme\nDB_PASSWORD=postgres\nhost={RANDOM}",
        f"resolved key {HEX}\nintegrity sha512-{RANDOM}{RANDOM}==",
        f'"integrity": "sha512-{RANDOM}{RANDOM}==", "cacheKey": "{HEX}"',
        f'"nextPageToken": "{RANDOM}"',
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF3mJ9Qm1b2v7w8s5d4f3g2h1j0kLmNpQrStUvWxYz12 me@host",
        "CLIENT_SECRET=3f2a9c1b-7d8e-4f60-a1b2-c3d4e5f60718",
        "API_KEY=your-api-key-goes-here-1A",
        "AWS_ACCESS_KEY_ID=AKIA" + "IOSFODNN7EXAMPLE",
        "token = process.env.GITHUB_TOKEN_2 || getToken(request)",
        "const password = SecretStr2Factory",
        "password: Option<String2Secret>",
        "API_TOKEN=$OTHER_TOKEN_1234567890aB\nPASSWORD=${{ secrets.PASSWORD_1A }}",
        "private_key = Ed25519PrivateKey.generate()",
        "password: [REDACTED:password]",
        "TOKEN=/run/secrets/token_1A_of_the_app",
        "SECRET_URL_TOKEN=https://e.example/aB3dE6gH9jK2mN5pQ8sT1vW4",
        "tmp.q7Rk2mXw9Z  i-0abc1234def567890  dpl_q7Rk2mXw9ZtL4vBn8HsJ5dGc",
    ],
)
def test_what_is_no_secret_is_not(text: str) -> None:
    assert list(candidates(text)) == []


def test_who_a_secret_is_for_is_known_by_its_shape_or_its_address() -> None:
    (token,) = candidates(TOKEN)
    assert "api.github.com" not in token.hosts and "*.github.com" in token.hosts
    (word,) = candidates(f"https://app:{CHOSEN}@Db.Example.org/x")
    assert word.hosts == ("db.example.org",)


@pytest.mark.parametrize(
    ("value", "is_worth"), [(TOKEN, True), (RANDOM, True), (CHOSEN, True), ("dev", False), ("", False)]
)
def test_values_of_variables(value: str, is_worth: bool) -> None:
    assert (given(value) is not None) is is_worth
    assert given(TOKEN) == next(candidates(TOKEN))
