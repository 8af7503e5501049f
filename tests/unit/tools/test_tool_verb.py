"""What the names of MCP servers' tools say."""

import pytest

from security_hooks.tools.tool_verb import path_deed, verbs_of, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("write_file", "write file"),
        ("deleteRepository", "delete repository"),
        ("kv_namespaceDelete", "kv namespace delete"),
        ("listS3Buckets", "list s buckets"),
        ("GETStatus", "get status"),
        ("", ""),
        ("文件", ""),
    ],
)
def test_a_name_is_made_of_words(name: str, words: str) -> None:
    assert " ".join(words_of(name)) == words


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("write_file", "write"),
        ("create_or_update_file", "write"),
        ("str_replace_based_edit_tool", "write"),
        ("search_and_replace", "write"),
        ("delete_file", "destroy remove"),
        ("deleteRepository", "destroy remove"),
        ("kv_namespace_delete", "destroy remove"),
        ("remove_volume", "destroy remove"),
        ("remove_label", "remove"),
        ("cancel_subscription", "destroy"),
        ("cancel_request", ""),
        ("flushall", "destroy"),
        ("force_push", "destroy"),
        ("create_refund", "destroy write"),
        ("move_file", "move"),
        ("copy_file", "copy"),
        ("browser_file_upload", "send"),
        ("read_file", "look"),
        ("list_deleted_files", "look"),
        ("list_delete_candidates", "look"),
        ("get_payment", "look"),
        ("read_secret", "look reveal"),
        ("getPasswordForUser", "look reveal"),
        ("list_secrets", "look"),
        ("count_tokens", "look"),
        ("browser_click", ""),
        ("process", ""),
    ],
)
def test_a_name_says_what_is_done(name: str, verbs: str) -> None:
    assert " ".join(sorted(verb.value for verb in verbs_of(name))) == verbs


@pytest.mark.parametrize(
    ("name", "field", "deed"),
    [
        ("write_file", "path", "writes"),
        ("write_file", "content", "names"),
        ("edit_file", "file_path", "writes"),
        ("delete_file", "path", "deletes"),
        ("delete_directory", "path", "deletes below"),
        ("remove_dir", "dir", "deletes below"),
        ("move_file", "source", "moves below"),
        ("move_file", "destination", "writes"),
        ("rename", "new_path", "writes"),
        ("rename", "oldPath", "moves below"),
        ("edit_file", "new_text", "names"),
        ("copy", "from", "reads"),
        ("copy", "to", "writes"),
        ("upload_file", "path", "reads"),
        ("read_file", "path", "reads"),
        ("list_directory", "path", "reads"),
        ("process", "path", "names"),
    ],
)
def test_a_path_is_written_deleted_or_read_as_the_name_says(name: str, field: str, deed: str) -> None:
    kind, is_deep = path_deed(words_of(name), field)
    assert kind.value + (" below" if is_deep else "") == deed
