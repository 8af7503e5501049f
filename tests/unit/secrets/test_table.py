import json

import pytest
import re2

from security_hooks.secrets.shapes import HINT, PLACEHOLDER, find
from security_hooks.secrets.table import SHAPES

ALNUM = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zC0bF" * 8
HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 8
LOWER = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6" * 8

# Never written whole, so that no scanner takes this file for a leak: (kind, beginning, rest).
EXAMPLES = (
    ("aws-access-key-id", "AK" + "IA", "Q3EGRTIOPWSXCDE2"),
    ("aws-access-key-id", "AS" + "IA", "Q3EGRTIOPWSXCDE2"),
    ("aws-session-token", "IQoJb3" + "JpZ2lu", ALNUM[:80]),
    ("aws-bedrock-key", "AB" + "SK", ALNUM[:100] + "="),
    ("github-token", "gh" + "p_", ALNUM[:36]),
    ("github-token", "gh" + "s_", "1234_" + ALNUM[:36] + "." + ALNUM[:40] + "." + ALNUM[:40]),
    ("github-token", "github" + "_pat_", ALNUM[:22] + "_" + ALNUM[:59]),
    ("gitlab-token", "gl" + "pat-", ALNUM[:20]),
    ("gitlab-token", "gl" + "rt-", "t1_" + ALNUM[:20]),
    ("slack-token", "xo" + "xb-", "123456789012-1234567890123-" + ALNUM[:24]),
    ("slack-token", "xa" + "pp-", "1-A0123456789-1234567890123-" + HEX[:64]),
    ("discord-token", "MT" + "Ax", ALNUM[:22] + "." + ALNUM[:6] + "." + ALNUM[:38]),
    ("telegram-token", "123456789:" + "AA", ALNUM[:33]),
    ("stripe-key", "sk_" + "live_", ALNUM[:24]),
    ("stripe-key", "rk_" + "test_", ALNUM[:24]),
    ("stripe-key", "wh" + "sec_", ALNUM[:32]),
    ("google-api-key", "AI" + "za", ALNUM[:35]),
    ("google-oauth", "ya" + "29.", ALNUM[:60]),
    ("google-oauth", "GOC" + "SPX-", ALNUM[:28]),
    ("anthropic-key", "sk-" + "ant-api03-", ALNUM[:90]),
    ("openai-key", "sk-" + "proj-", ALNUM[:80]),
    ("openai-key", "sk" + "-", ALNUM[:20] + "T3Blb" + "kFJ" + ALNUM[:20]),
    ("openai-key", "sk-" + "or-v1-", HEX[:64]),
    ("groq-key", "gs" + "k_", ALNUM[:52]),
    ("xai-key", "xa" + "i-", ALNUM[:80]),
    ("perplexity-key", "pp" + "lx-", ALNUM[:48]),
    ("replicate-token", "r8" + "_", ALNUM[:37]),
    ("langsmith-key", "lsv2" + "_pt_", HEX[:32] + "_" + HEX[:10]),
    ("huggingface-token", "h" + "f_", ALNUM[:34]),
    ("npm-token", "np" + "m_", ALNUM[:36]),
    ("pypi-token", "pypi-" + "AgEI", ALNUM[:120]),
    ("rubygems-key", "ruby" + "gems_", HEX[:48]),
    ("nuget-key", "oy" + "2", LOWER[:43]),
    ("crates-token", "ci" + "o", ALNUM[:32]),
    ("clojars-token", "CLO" + "JARS_", LOWER[:60]),
    ("docker-token", "dckr" + "_pat_", ALNUM[:27]),
    ("jfrog-token", "AK" + "Cp", ALNUM[:69]),
    ("sendgrid-key", "S" + "G.", ALNUM[:22] + "." + ALNUM[:43]),
    ("twilio-key", "S" + "K", HEX[:32]),
    ("mailgun-key", "ke" + "y-", HEX[:32]),
    ("mailchimp-key", HEX[:32], "-us" + "12"),
    ("brevo-key", "xkey" + "sib-", HEX[:64] + "-" + ALNUM[:16]),
    ("azure-client-secret", "abc" + "8", "Q~" + ALNUM[:34]),
    ("digitalocean-token", "dop" + "_v1_", HEX[:64]),
    ("heroku-key", "HR" + "KU-", ALNUM[:36]),
    ("databricks-token", "da" + "pi", HEX[:32]),
    ("vault-token", "hv" + "s.", ALNUM[:24]),
    ("terraform-token", ALNUM[:14], ".atlas" + "v1." + ALNUM[:67]),
    ("pulumi-token", "pu" + "l-", HEX[:40]),
    ("linear-key", "lin" + "_api_", ALNUM[:40]),
    ("postman-key", "PM" + "AK-", HEX[:24] + "-" + HEX[:34]),
    ("newrelic-key", "NR" + "AK-", ALNUM[:27].upper()),
    ("sentry-token", "sn" + "trys_", ALNUM[:60]),
    ("grafana-token", "gl" + "sa_", ALNUM[:32] + "_" + HEX[:8]),
    ("dynatrace-token", "dt0" + "c01.", LOWER[:24].upper() + "." + LOWER[:64].upper()),
    ("posthog-key", "ph" + "x_", ALNUM[:43]),
    ("shopify-token", "shp" + "at_", HEX[:32]),
    ("square-token", "sq0" + "atp-", ALNUM[:22]),
    ("atlassian-token", "AT" + "ATT3", ALNUM[:100]),
    ("figma-token", "fi" + "gd_", ALNUM[:40]),
    ("notion-token", "nt" + "n_", ALNUM[:46]),
    ("airtable-token", "pa" + "t", ALNUM[:14] + "." + HEX[:64]),
    ("cloudflare-ca-key", "v1." + "0-", HEX[:24] + "-" + HEX[:146]),
    ("fly-token", "fm" + "2_", ALNUM[:80]),
    ("supabase-key", "sb" + "p_", HEX[:40]),
    ("netlify-token", "nf" + "p_", ALNUM[:36]),
    ("planetscale-token", "pscale" + "_tkn_", ALNUM[:43]),
    ("doppler-token", "dp." + "pt.", ALNUM[:43]),
    ("circleci-token", "CCI" + "PAT_", ALNUM[:22] + "_" + HEX[:40]),
    ("buildkite-token", "bk" + "ua_", LOWER[:40]),
    ("sonar-token", "sq" + "p_", HEX[:40]),
    ("tailscale-key", "ts" + "key-auth-", ALNUM[:16] + "-" + ALNUM[:32]),
    ("contentful-token", "CF" + "PAT-", ALNUM[:43]),
    ("alibaba-key-id", "LT" + "AI", ALNUM[:20]),
    ("age-key", "AGE-SECRET" + "-KEY-1", LOWER[:58].upper()),
    ("jwt", "ey" + "J", ALNUM[:30] + ".ey" + "J" + ALNUM[:40] + "." + ALNUM[:43]),
)
# Shapes of which only a part is the secret: (kind, before, secret).
PARTIAL = (
    ("slack-webhook", "https://hooks.sl" + "ack.com/services/", "T0123/B0123/" + ALNUM[:24]),
    ("discord-webhook", "https://discord.com/api/" + "webhooks/123456789/", ALNUM[:68]),
    ("azure-storage-key", "AccountName=a;Account" + "Key=", ALNUM[:86] + "=="),
    ("azure-sas", "https://a.blob.example/c?sv=2024-01-01&si" + "g=", ALNUM[:43] + "%3D"),
    ("telegram-token", "https://api.telegram.org/bot", "123456789:" + "AA" + ALNUM[:33]),
)


def test_every_shape_has_an_example() -> None:
    assert {shape.kind for shape in SHAPES} == {kind for kind, *_ in (*EXAMPLES, *PARTIAL)}


def test_every_shape_names_its_source() -> None:
    assert all(shape.source.startswith("https://") or ": " in shape.source for shape in SHAPES)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
def test_each_pattern_has_one_group_and_its_kind_fits_a_placeholder(shape: object) -> None:
    assert isinstance(shape, type(SHAPES[0]))
    assert re2.compile(shape.pattern).groups == 1
    assert re2.fullmatch(PLACEHOLDER, f"[REDACTED:{shape.kind}]")


@pytest.mark.parametrize(("kind", "start", "rest"), EXAMPLES)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("echo ", " | sh"), ('{"a":"', '"}'), ("'", "'"), ("x\\n", ";"), ("t%3D", "&b=1")]
)
def test_shape_is_found_wherever_it_stands(kind: str, start: str, rest: str, before: str, after: str) -> None:
    secret = start + rest
    text = before + secret + after
    spans = [span for span in find(text) if span.kind == kind]
    assert [text[span.start : span.end] for span in spans] == [secret]


@pytest.mark.parametrize(("kind", "start", "rest"), [*EXAMPLES, *PARTIAL])
def test_hint_sees_each_shape_behind_any_json_escape(kind: str, start: str, rest: str) -> None:
    for before in ("", "\n", "\t", '"', "\\", "é", "\x01"):
        assert re2.search(HINT, json.dumps(before + start + rest).encode()), before
        assert re2.search(HINT, json.dumps(before + start + rest, ensure_ascii=False).encode()), before


@pytest.mark.parametrize(("kind", "before", "secret"), PARTIAL)
def test_only_the_secret_part_is_the_span(kind: str, before: str, secret: str) -> None:
    text = f"curl '{before}{secret}' -o x"
    assert [(span.kind, text[span.start : span.end]) for span in find(text)] == [(kind, secret)]
