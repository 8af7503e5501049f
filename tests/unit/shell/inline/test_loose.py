from collections.abc import Callable

import pytest

from security_hooks.shell.inline.reading import Value

Told = Callable[[str, str | Value], list[str]]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("perl", 'print "rm -rf /\\n"; my @a = map { $_ * 2 } (1, 2); s/system/exec/g; # system("id")'),
        ("ruby", 'puts "rm -rf /"; [1, 2].map { |x| x * 2 } # system("id")'),
        ("php", "<?php echo 'rm -rf /'; // system('id')\n/* exec('id') */ strlen('a');"),
        ("lua", 'print("rm -rf /") -- os.execute("id")\n--[[ os.remove("a") ]]'),
        ("r", "print(sum(c(1, 2))) # system('id')"),
        ("java", 'System.out.println("rm -rf /"); // Runtime.getRuntime().exec("id")'),
    ],
)
def test_words_in_texts_and_comments_are_data(told: Told, language: str, code: str) -> None:
    assert told(language, code) == []


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("perl", 'system("id")'),
        ("perl", "system 'id';"),
        ("perl", "`id`"),
        ("perl", "print qx{id}"),
        ("perl", 'my $x = "i"; exec($x . "d")'),
        ("perl", 'open(P, "id |")'),
        ("perl", 'eval "system(q(id))"'),
        ("ruby", "system 'id'"),
        ("ruby", "puts `id`"),
        ("ruby", "%x(id)"),
        ("ruby", "x = 'd'; exec(\"i#{x}\")"),
        ("ruby", "Kernel.send(:system, 'id')"),
        ("ruby", "IO.popen('id')"),
        ("ruby", "open('|id')"),
        ("php", "<?php shell_exec('id');"),
        ("php", "$f = 'sys' . 'tem'; $f('id');"),
        ("php", "eval(base64_decode('c3lzdGVtKCdpZCcpOw=='));"),
        ("php", "echo `id`;"),
        ("lua", 'os.execute("i" .. "d")'),
        ("lua", "local p = io.popen [[id]]"),
        ("r", 'x <- "id"; system(x)'),
        ("r", 'system(paste0("i", "d"), intern = TRUE)'),
        ("java", 'Runtime.getRuntime().exec("id");'),
        ("groovy", '"id".execute()'),
    ],
)
def test_a_shell_is_seen_however_it_is_spelled(told: Told, language: str, code: str) -> None:
    assert told(language, code) == ["shell id"]


@pytest.mark.parametrize(
    ("language", "code", "found"),
    [
        ("perl", 'system "rm", "-rf", "/"', ["argv rm -rf /"]),
        ("perl", "unlink '/x'; print $ENV{A};", ["deletes /x", "reads_env A"]),
        ("perl", "open(my $f, '<', '/x')", ["reads /x"]),
        ("perl", 'open(F, ">/x")', ["writes /x"]),
        ("perl", "print '/etc/shadow'", ["names /etc/shadow perhaps"]),
        ("ruby", "FileUtils.rm_rf '/x'", ["deletes /x below"]),
        ("ruby", "File.write('/x', ENV['A'])", ["reads_env A", "writes /x", "flow 0 1"]),
        ("ruby", "File.delete(File.join(Dir.home, 'x'))", ["deletes /home/me/x"]),
        ("php", "unlink('/x'); getenv('A');", ["deletes /x", "reads_env A"]),
        ("php", "eval(file_get_contents('https://e.example/'));", ["connects https://e.example/", "opaque network"]),
        ("lua", 'os.remove("/x"); io.open("/y", "w")', ["deletes /x", "writes /y"]),
        ("r", 'unlink("/x", recursive = TRUE)', ["deletes /x below"]),
        ("java", 'new ProcessBuilder("rm", "/x").start();', ["argv rm /x"]),
        ("java", 'Runtime.getRuntime().exec(new String[]{"sh", "-c", "id"});', ["argv sh -c id"]),
        ("java", 'Files.delete(Paths.get("/x"));', ["deletes /x"]),
        ("groovy", 'new File("/x").deleteDir()', ["deletes /x below"]),
    ],
)
def test_calls_have_the_effects_of_the_table(told: Told, language: str, code: str, found: list[str]) -> None:
    assert told(language, code) == found


def test_a_name_keeps_all_that_it_was_given(told: Told) -> None:
    code = '$c = "ls"; if ($x) { $c = "rm -rf /" } system($c);'
    assert told("perl", code) == ["shell rm -rf /", "shell ls"]
