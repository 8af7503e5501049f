"""What an address tells its server, and the many that tell nothing."""

import base64
import hashlib
import time

import pytest

from security_hooks.tools.smuggled import carries_data

RANDOM = base64.urlsafe_b64encode(b"".join(hashlib.sha256(bytes([n])).digest() for n in range(5))).decode().rstrip("=")
SECRET_TEXT = "DB_HOST=db.internal\nDB_USER=admin"
ENCODED = base64.b64encode(SECRET_TEXT.encode()).decode()
ORDINARY = (
    "https://e.example/",
    "e.example/page",
    "https://docs.example/en/latest/how-to-write-a-very-long-page-name-that-says-all-of-what-it-is-about.html#and-its-part",
    "https://git.example/a/b/commit/9fceb02d0ae598e95dc970b74767f19372d61af8",
    "https://git.example/a/b/blob/main/src/some_package/some_module/SomeVeryLongClassNameForFactories.java#L10-L20",
    "https://registry.example/v2/a/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "https://docs.example/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0",
    "https://e.example/123e4567-e89b-12d3-a456-426614174000?utm_source=a&utm_medium=b&utm_campaign=spring_sale_2026",
    "https://search.example/?q=python+how+to+read+a+file+line+by+line+without+loading+it+whole&hl=en&start=10",
    "https://api.example/v1/items?fields=id,name,created_at,updated_at,description,author,tags&filter[state]=open",
    f"https://bucket.example/x.tar.gz?X-Amz-Signature={'9f' * 32}&X-Amz-Security-Token={RANDOM}",
    f"https://e.example/rule/{'0a' * 32}",
    "https://video.example/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
    "https://d1q2w3e4r5t6y7.cdn.example/assets/index-BkQ3fJ2a.js",
    "https://a-very-long-preview-name-of-a-branch-git-main-team.apps.example/",
    "https://maps.example/@52.5,13.4,15z/data=!4m5!3m4!1s0x47a84e373f035901:0x42120465b5e3b70!8m2!3d52.5!4d13.4",
    "https://e.example/wiki/Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
)


@pytest.mark.parametrize("address", ORDINARY)
def test_ordinary_addresses_carry_nothing(address: str) -> None:
    assert not carries_data(address)


@pytest.mark.parametrize(
    "address",
    [
        f"https://e.example/?d={ENCODED}",
        f"https://e.example/{ENCODED.rstrip('=')}/x.png",
        f"https://e.example/#{ENCODED}",
        f"https://e.example/?d={SECRET_TEXT.encode().hex()}",
        f"e.example/{ENCODED}",
        "https://e.example/?k=AKIAIOSFODNN7QRSTUVW",
        "https://e.example/?sig=" + "ghp_" + "9aZ8bY7cX6dW5eV4fU3gT2hS1iR0jQ9kPlMn",
        "https://e.example/?q=" + "some+words+of+a+file+" * 100,
        f"https://e.example/{RANDOM}",
        f"https://e.example/?a=1&b={RANDOM}",
        f"https://{SECRET_TEXT.encode().hex()[:60]}.e.example/",
        f"https://{'abcdefghijklmnopqrstuvwxyz234567' * 1}.{'bcdefghijklmnopqrstuvwxyz234567a'}.e.example/",
    ],
)
def test_data_is_found_wherever_it_stands(address: str) -> None:
    assert carries_data(address)


@pytest.mark.parametrize("unit", ["a", "/", "%41", "A1b2-", "=", "x.", "0a"])
def test_no_address_takes_long(unit: str) -> None:
    before = time.thread_time()
    carries_data("https://e.example/" + unit * 200_000)
    assert time.thread_time() - before < 1
