import pytest

from security_hooks.memory.secret_names import speaks_of_secret


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "clientSecret",
        "GITHUB_TOKEN",
        "apiKey",
        "X-Api-Key",
        "SECRET_KEY_BASE",
        "SecretAccessKey",
        "token",
    ]
    + ["AZURE_CLIENT_SECRET", "auth.token", "SecretString", "API_KEY_2", "pass", "stripe_secret_key"],
)
def test_names_of_secrets(name: str) -> None:
    assert speaks_of_secret(name)


@pytest.mark.parametrize(
    "name",
    ["nextPageToken", "NextToken", "csrf_token", "publicKey", "primary_key", "key", "cacheKey", "sha", "integrity"]
    + [
        "tokenizer",
        "path",
        "commit",
        "password_file",
        "max_tokens",
        "PUBLISHABLE_API_KEY",
        "secretary",
        "",
        "2",
        "author",
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert not speaks_of_secret(name)
