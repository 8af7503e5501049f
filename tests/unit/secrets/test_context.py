import pytest

from security_hooks.secrets.context import assigned, names_secret
from security_hooks.secrets.shapes import find

RANDOM = "kJ8s" + "Qm2Lx9Tz4Vb7" + "Nc1Rw6Yd3"
BASE36 = "q7x2m9" + "k4t8w1z5b3n6v0p2"
LINE = "MIIEpAIBAAKCAQEA" + "0f1e2d3c4b5a6978" + "8796a5b4c3d2e1f0"
BEGIN, END = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE" + " KEY-----"


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("git clone https://bob:s3cr3tpw@git.example/x", "url-password", "s3cr3tpw"),
        ("psql postgres://app:p%40ss1@db.example/x", "url-password", "p%40ss1"),
        ("redis://:hunter22@cache.example", "url-password", "hunter22"),
        (f"git clone https://{BASE36}@git.example/x", "url-password", BASE36),
        (f"curl -H 'Authorization: Bearer {RANDOM}' https://x.example", "authorization", RANDOM),
        ("curl -H 'Authorization: Basic Ym9iOnMzY3JldA==' x", "authorization", "Ym9iOnMzY3JldA=="),
        (f'{{"Authorization": "Bearer {RANDOM}"}}', "authorization", RANDOM),
        (f"set bearer {RANDOM} now", "authorization", RANDOM),
        ("curl -u bob:s3cr3tpw https://x.example", "password", "s3cr3tpw"),
        ("curl --user 'bob:s3cr3tpw' https://x.example", "password", "s3cr3tpw"),
        ("sshpass -p s3cr3tpw ssh host", "password", "s3cr3tpw"),
        ("mysql -u root -ps3cr3tpw db", "password", "s3cr3tpw"),
        ("docker login -u bob -p s3cr3tpw", "password", "s3cr3tpw"),
        ("export DB_PASSWORD=hunter22", "password", "hunter22"),
        ("DB_PASSWORD=correcthorse ./run", "password", "correcthorse"),
        ("PGPASSWORD='two words' psql", "password", "two words"),
        ('password: "hunter22"', "password", "hunter22"),
        ("password: correcthorse\nuser: bob", "password", "correcthorse"),
        ('{"password":"hunter22"}', "password", "hunter22"),
        ('echo "{\\"password\\":\\"hunter22\\"}"', "password", "hunter22"),
        ("https://x.example/?user=a&password=hunter22&b=c", "password", "hunter22"),
        ("tool --password hunter22 --verbose", "password", "hunter22"),
        ("tool --db-password=hunter22", "password", "hunter22"),
        (f"API_KEY={RANDOM}", "secret", RANDOM),
        (f"token: {BASE36}", "secret", BASE36),
        (f"the api key is {RANDOM}", "secret", RANDOM),
        (f'client_secret => "{RANDOM}"', "secret", RANDOM),
        (f"aws_secret_access_key = wJalr{RANDOM}bPx", "secret", f"wJalr{RANDOM}bPx"),
        ("HEROKU_API_KEY=3f2a7c1e-8f62-4c6e-9a35-2f1e8d0b7a11", "secret", "3f2a7c1e-8f62-4c6e-9a35-2f1e8d0b7a11"),
        (f"tool --token {RANDOM}", "secret", RANDOM),
        (f"_authToken={RANDOM}", "secret", RANDOM),
    ],
)
def test_surroundings_give_the_secret_away(text: str, kind: str, secret: str) -> None:
    assert found(text) == [(kind, secret)]


@pytest.mark.parametrize(
    "text",
    [
        "password = getpass()",
        "password = os.environ['X']",
        "password = self.password",
        "password: str",
        "def login(user, password):",
        "PASSWORD=$DB_PASSWORD",
        'PASSWORD="${DB_PASSWORD}"',
        "PASSWORD=$(pass show db)",
        "password: <your password>",
        "password: ********",
        'password = ""',
        "PWD=/home/dev/project",
        "OLDPWD=/home/dev",
        "--password-file /run/secrets/db",
        "docker login --username AWS --password-stdin registry.example",
        "RESTIC_PASSWORD_COMMAND='pass show restic' restic backup",
        "the --password option is required",
        "https://host.example:8080/path/@scope/pkg",
        "https://bob@git.example/x",
        "git@github.com:owner/repo.git",
        "docker run -u 1000:1000 image",
        "curl -u bob https://x.example",
        "token = next(tokens)",
        "max_tokens: 4096",
        "key: value",
        "monkey patch the keyboard",
        "git show 3f2a7c1e8f624c6e9a352f1e8d0b7a1100aabbcc",
        "authorized_keys: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        '"key": "sha512-0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a=="',
        "cache-key: /usr/lib/python3.11/site-packages/auth",
        "key = urllib.request.url2pathname",
        "sort --key 2 file",
        'Authorization: "Bearer $TOKEN"',
        "grep -r '" + BEGIN + "' .; rm -rf build",
    ],
)
def test_ordinary_text_holds_no_secret(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("end", ["\n", "\\n", "\\\\n", '\\n"\n "', "\r\n", "\n    "])
def test_private_key_is_found_however_its_lines_are_joined(end: str) -> None:
    key = end.join((BEGIN, LINE, LINE, "abcd==", END))
    assert found(f"cat > k <<E\n{key}\nE\nrm -rf build") == [("private-key", key)]


def test_private_key_with_headers_is_found() -> None:
    key = "\n".join((BEGIN, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF", "", LINE, LINE, END))
    assert found(key) == [("private-key", key)]


def test_pgp_private_key_block_is_found() -> None:
    begin, end = "-----BEGIN PGP PRIVATE" + " KEY BLOCK-----", "-----END PGP PRIVATE" + " KEY BLOCK-----"
    key = "\n".join((begin, "", LINE, LINE, "=aB3d", end))
    assert found(f"x\n{key}\ny") == [("private-key", key)]


def test_private_key_cut_off_is_found_as_far_as_it_goes() -> None:
    key = f"{BEGIN}\n{LINE}\n{LINE}"
    assert found(key) == [("private-key", key)]


def test_a_key_header_cannot_hide_commands() -> None:
    script = f"echo '{BEGIN}'; rm -rf build; curl x | sh; echo '{END}'"
    assert found(script) == []


def test_putty_key_is_found() -> None:
    body = f"\n{LINE}\n{LINE}"
    assert found(f"Private-Lines: 2{body}\nPrivate-MAC: 00") == [("private-key", body)]


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("password", "hunter22", "password"),
        ("DB_PASSWORD", "correcthorse", "password"),
        ("api_key", RANDOM, "secret"),
        ("password", "$PASSWORD", None),
        ("api_key", "a description", None),
        ("description", RANDOM, None),
        ("password", 'with "quotes"', "password"),
        ("clé", "\ud800", None),
    ],
)
def test_value_is_judged_by_the_name_it_stands_under(name: str, value: str, kind: str | None) -> None:
    assert assigned(name, value) == kind


def test_names_that_may_hold_secrets() -> None:
    assert names_secret("apiKey") and names_secret("passphrase") and not names_secret("command")
