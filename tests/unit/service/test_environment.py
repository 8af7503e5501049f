from security_hooks.service.environment import secret_values


def test_secret_variables_are_chosen_by_name() -> None:
    environment = {"GITHUB_TOKEN": "a", "MY_API_KEY": "b", "HOME": "/root", "github_token": "c"}
    assert secret_values(environment, ("GITHUB_TOKEN", "*_API_KEY")) == {"GITHUB_TOKEN": "a", "MY_API_KEY": "b"}
