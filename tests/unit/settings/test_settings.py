"""nova.toml becomes Settings, and every mistake in it becomes one sentence at one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.unit.settings.mutations import assert_located, mutated

from nova.core.errors import BadFiles
from nova.core.limits import Limits
from nova.settings.defaults import DEFAULT_SETTINGS, initial_settings
from nova.settings.definition import BUILT_IN, Confidentiality, EncoderKind, ModelChoice, Price, ProviderKind, Settings
from nova.settings.load import load_settings, parse_settings
from nova.settings.reference import settings_reference
from nova.settings.secrets import SecretPlace, SecretReference

FULL = """\
[models]
quick = ["local:qwen3", "openai:gpt-5.2-mini"]
strong = ["anthropic:claude-opus-4-8"]
arbiter = ["extractive"]

[providers.local]
kind = "openai-compatible"
base_url = "http://localhost:11434/v1/"
api_key = "file:~/.keys/local"
cleared_for = ["all"]
timeout_seconds = 20
prices = { "qwen3" = { input_usd = 0, output_usd = 0.5 } }

[providers.openai]
kind = "openai"
cleared_for = ["public", "airep"]

[router]
encoder = "endpoint"
endpoint = "https://vectors.example/v1"
endpoint_model = "small"
endpoint_key = "keyring:nova/vectors"
sure_error_max = 0.01

[limits]
tokens_max = 20000
seconds_max = 30
context_tokens_max = 4000

[store]
database_url = "env:NOVA_DATABASE_URL"
synchronous = "full"

[roster]
agents = ["general-chat", "orientation"]

[variables]
workspace = "/srv/code"
"""


def told(text: str) -> list[str]:
    """What a person is told about a nova.toml."""
    with pytest.raises(BadFiles) as caught:
        parse_settings(text, "nova.toml")
    return [str(problem) for problem in caught.value.problems]


def test_every_key_arrives() -> None:
    """What is written in nova.toml is what Nova works with."""
    read = parse_settings(FULL, "nova.toml")
    local, openai = read.providers["local"], read.providers["openai"]
    assert read.choices("quick") == (
        ModelChoice(provider="local", model="qwen3"),
        ModelChoice(provider="openai", model="gpt-5.2-mini"),
        BUILT_IN,
    )
    assert read.choices("arbiter") == (BUILT_IN,)
    assert (local.kind, local.base_url) == (ProviderKind.COMPATIBLE, "http://localhost:11434/v1")
    assert local.api_key == SecretReference(place=SecretPlace.FILE, name="~/.keys/local")
    assert local.prices["qwen3"] == Price(input_usd=0, output_usd=0.5)
    assert openai.api_key == SecretReference(place=SecretPlace.ENV, name="OPENAI_API_KEY")
    assert read.router.encoder is EncoderKind.ENDPOINT
    assert (read.router.endpoint, read.router.endpoint_model) == ("https://vectors.example/v1", "small")
    assert (read.router.sure_error_max, read.router.margin_standard_errors) == (0.01, 2.0)
    assert (read.context_tokens_max, read.store_synchronous) == (4000, "full")
    assert read.database_url == SecretReference(place=SecretPlace.ENV, name="NOVA_DATABASE_URL")
    assert read.roster == ("general-chat", "orientation")
    assert dict(read.variables) == {"workspace": "/srv/code"}


def test_ceilings_lower_and_never_raise() -> None:
    """A ceiling lowers an agent's limit; where none is written the agent's own counts."""
    ceilings = parse_settings(FULL, "nova.toml").limits
    agent = Limits(model_calls_max=50, tokens_max=60_000, seconds_max=10)
    assert ceilings.over(agent) == Limits(model_calls_max=50, tokens_max=20_000, seconds_max=10)


def test_clearance() -> None:
    """Text of a client goes to no provider that is not cleared for its scope, its level or all."""
    providers = parse_settings(FULL, "nova.toml").providers
    client, public = Confidentiality.CLIENT, Confidentiality.PUBLIC
    assert providers["local"].clears("shop", client)
    assert providers["openai"].clears("airep", client)
    assert providers["openai"].clears("shop", public)
    assert not providers["openai"].clears("shop", Confidentiality.INTERNAL)
    assert not providers["anthropic"].clears("airep", client)


def test_the_default_file_says_the_defaults() -> None:
    """The file a new home begins with changes nothing, and neither does a home without one."""
    assert parse_settings(DEFAULT_SETTINGS, "nova.toml") == Settings()
    assert load_settings(Path("does-not-exist") / "nova.toml") == Settings()


def test_a_file_that_may_not_be_seen_is_told() -> None:
    """Only an absent nova.toml means the defaults; one that cannot be looked at is a problem."""
    with pytest.raises(BadFiles, match="This file cannot be read: File name too long"):
        load_settings(Path("x" * 300) / "nova.toml")


def test_the_comments_of_the_default_file_are_true() -> None:
    """Whoever deletes a # in the default file gets a valid key, and in [router] the default itself."""
    text = re.sub(r"^# (?=\[?[a-z_.]+\]?(?: = .*)?$)", "", DEFAULT_SETTINGS, flags=re.MULTILINE)
    text = re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE)
    read = parse_settings(text, "nova.toml")
    assert read.router == Settings().router
    assert read.store_synchronous == Settings().store_synchronous
    assert str(read.database_url) == "env:NOVA_DATABASE_URL"
    assert read.context_tokens_max == Settings().context_tokens_max
    assert read.limits.over(Limits(tokens_max=99_000)) == Limits()
    assert read.models["quick"][1] == ModelChoice(provider="local", model="qwen3")
    assert set(re.findall(r"^([a-z_]+) = ", text, flags=re.MULTILINE)) >= {
        *("quick", "strong", "arbiter", "kind", "base_url", "api_key", "cleared_for", "timeout_seconds", "prices"),
        *("encoder", "sure_error_max", "outside_share", "tokens_max", "database_url", "synchronous", "agents"),
        "workspace",
    }


def test_a_new_home_gets_its_roster_and_its_workspace() -> None:
    """What init fills in is what is read back, whatever signs the path holds."""
    read = parse_settings(initial_settings(["general-chat", "decisions"], '/home/o"k\\x'), "nova.toml")
    assert read.roster == ("general-chat", "decisions")
    assert read.variables["workspace"] == '/home/o"k\\x'


MISTAKES = {
    "[model]\nquick = []": "1: “model” is no key here. Did you mean “models”?",
    '[models]\nfast = ["local:x"]': "2: “fast” is no key here. Known keys: quick, strong, arbiter.",
    'synchronous = "full"': "1: “synchronous” is no key here. It belongs under “store”.",
    '[models]\nquick = "openai:x"': "2: “models.quick” must be a list, and is text. Write [one, two], or [] for none.",
    '[models]\nquick = [\n  "gpt-5"]': (
        "3: This is not a model. Write provider:model (local:qwen3), or extractive for the built-in one."
    ),
    '[models]\nquick = ["opnai:gpt-5"]': "2: There is no provider “opnai”. Did you mean “openai”?",
    '[models]\nquick = ["local:x"]': "2: There is no provider “local”. Add a section [providers.local].",
    '[providers.my]\nkind = "openai-compatible"': (
        '1: An openai-compatible provider needs its base_url. Add base_url = "http://localhost:11434/v1".'
    ),
    '[providers.my]\nkind = "openai"\nbase_url = "localhost:1"': (
        "3: This is not an address. Write http://host:port/v1 or https://host/v1."
    ),
    '[providers.my]\nkind = "ollama"': (
        "2: “providers.my.kind” cannot be “ollama”. Choose one of: anthropic, openai, google, openai-compatible."
    ),
    "[router]\nencoder = minilm": (
        '2: This value is no text, number or list. Put text in double quotes: key = "text".'
    ),
    '[router]\nencoder = "minilm': "2: A quote that is opened here is never closed. Close it on the same line.",
    "[router]\nsure_error_max = 2": "2: “router.sure_error_max” is too large. Give at most 0.5.",
    "[limits]\ntokens_max: 100": "2: “tokens_max” is followed by a colon. In nova.toml it is key = value.",
    '[limits]\ntokens_max = "100"': (
        "2: “limits.tokens_max” must be a whole number, and is text. Write it with digits only."
    ),
    "[limits]\ntokens_max = 100\n\ntokens_max = 200": "4: This key was already given above. Keep one of the two.",
    "[limits]\n[store]\n[limits]": "3: This table was already given above. Move its keys there.",
    '[store]\nsynchronous = "ful"': "2: “store.synchronous” cannot be “ful”. Did you mean “full”?",
    '[variables]\nworkspace = "code"': "2: The path of “workspace” is not absolute. Begin it with /, ~ or ${home}.",
    '[router]\nencoder = "endpoint"': (
        "1: The encoder “endpoint” needs endpoint and endpoint_model. Add both under [router]."
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_likely_mistakes(text: str) -> None:
    """Each of the likely mistakes is told with its line and its mend."""
    assert told(text) == [f"nova.toml:{MISTAKES[text]}"]


def test_every_mistake_is_told_at_once() -> None:
    """Three mistakes are three problems, in one go."""
    assert len(told('x = 1\n[models]\nfast = []\n[store]\nsynchronous = "never"')) == 3


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "sk-proj-VERYSECRET123"',
        'apikey = "sk-proj-VERYSECRET123"',
        "api_key = sk-proj-VERYSECRET123",
        'api_key = "sk-proj-VERYSECRET123',
        'api_key = ["sk-proj-VERYSECRET123"]',
        'api_key = "env:sk-proj-VERYSECRET123"',
        'base_url = "https://me:sk-proj-VERYSECRET123@host/v1"',
        'kind = "openai"\nkind = "sk-proj-VERYSECRET123',
    ],
)
def test_a_key_in_the_file_is_refused_and_never_repeated(line: str) -> None:
    """A literal key is an error that says where keys belong, and its message does not hold the key."""
    answers = told(f'[providers.my]\n{line}\nkind = "openai"\n')
    assert not any("VERYSECRET" in answer for answer in answers)


@given(mutated([FULL.encode(), DEFAULT_SETTINGS.encode()]))
@settings(max_examples=300, deadline=None)
def test_broken_files_are_refused_with_lines(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """A nova.toml broken at random loads, or is refused with file and line; it never ends in a traceback."""
    file = tmp_path_factory.getbasetemp() / "nova.toml"
    file.write_bytes(data)
    try:
        load_settings(file)
    except BadFiles as error:
        assert_located(error, str(file), data)


def test_the_reference_names_every_key() -> None:
    """The reference is made from the models, so each key stands in it with its default."""
    page = settings_reference()
    for row in (
        "| `quick` | list of text | `[]` |",
        "| `kind` | `anthropic`, `openai`, `google`, `openai-compatible` | required |",
        "| `encoder` | `minilm`, `wordllama`, `words`, `endpoint` | `minilm` |",
        "| `context_tokens_max` | whole number | `8000` |",
        "| `input_usd` | number | required |",
    ):
        assert row in page
    assert "None" not in page
