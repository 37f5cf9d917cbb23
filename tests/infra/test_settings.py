"""Settings are checked, explained, and never quote a secret."""

import base64
from pathlib import Path

import pytest

from infra.settings import Settings, SettingsError, load_settings, read_vault_key

KEY = bytes(range(220, 252))


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_nothing_needs_to_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.data_dir == tmp_path / ".crossdock"
    assert settings.database_url is None
    assert settings.gateway_base_url == "http://127.0.0.1:8400"
    assert settings.sandbox_base_url == "http://127.0.0.1:8500"


def test_addresses_of_others_replace_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSDOCK_GATEWAY_URL", "https://oms.example.com/")
    monkeypatch.setenv("CROSSDOCK_SANDBOX_URL", "http://10.0.0.7:9000/world")
    settings = load_settings()
    assert settings.gateway_base_url == "https://oms.example.com"
    assert settings.sandbox_base_url == "http://10.0.0.7:9000/world"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_may_be_named_in_any_usual_form(scheme: str) -> None:
    assert Settings(database_url=f"{scheme}://u:p@db/oms").database_url == "postgresql+psycopg://u:p@db/oms"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROSSDOCK_DATABASE_URL", "mysql://u:hunter2@db/oms"),
        ("CROSSDOCK_DATABASE_URL", "hunter2"),
        ("CROSSDOCK_VAULT_KEY", "hunter2"),
        ("CROSSDOCK_VAULT_KEY", base64.b64encode(b"hunter2").decode()),
        ("CROSSDOCK_GATEWAY_PORT", "99999"),
        ("CROSSDOCK_TEMPORAL_PORT", "seven"),
        ("CROSSDOCK_SANDBOX_URL", "hunter2"),
        ("CROSSDOCK_POLICY_FILE", "/nowhere/policy.toml"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as refusal:
        load_settings()
    assert "hunter2" not in str(refusal.value)


def test_a_mistyped_setting_in_code_is_refused() -> None:
    with pytest.raises(ValueError, match="gateway_prot"):
        Settings.model_validate({"gateway_prot": 1})


def test_a_printed_setting_shows_neither_key_nor_database_password() -> None:
    key = base64.b64encode(KEY).decode()
    shown = repr(Settings.model_validate({"vault_key": key, "database_url": "postgresql://u:hunter2@db/oms"}))
    assert "hunter2" not in shown
    assert key not in shown


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_given_vault_key_is_taken_in_either_base64_alphabet(encode: type[bytes], tmp_path: Path) -> None:
    settings = Settings.model_validate({"vault_key": encode(KEY).decode(), "data_dir": tmp_path})
    assert read_vault_key(settings) == KEY
    assert not list(tmp_path.iterdir())


def test_a_vault_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "fresh")
    key = read_vault_key(settings)
    file = settings.data_dir / "vault.key"
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_vault_key(settings) == key
    assert list(settings.data_dir.iterdir()) == [file]


def test_a_vault_key_open_to_others_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    read_vault_key(settings)
    (tmp_path / "vault.key").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_vault_key(settings)


def test_a_damaged_vault_key_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    read_vault_key(settings)
    (tmp_path / "vault.key").write_text("short")
    with pytest.raises(SettingsError, match="32 bytes"):
        read_vault_key(settings)
