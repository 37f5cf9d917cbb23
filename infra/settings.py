"""The settings of one installation: what CROSSDOCK_* in the environment says, checked and explained."""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

VAULT_KEY_BYTES = 32
DRIVER = "postgresql+psycopg"

Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and says what is expected, never its value."""


class Settings(BaseSettings):
    """What an operator may choose. Every port may be 0: the stack then picks a free one."""

    model_config = SettingsConfigDict(
        env_prefix="CROSSDOCK_", env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(
        default=Path(".crossdock"), description="Folder of everything the embedded stack keeps; it resumes from it."
    )
    database_url: str | None = Field(
        default=None, repr=False, description="postgresql:// address of an external database; none: the embedded one."
    )
    vault_key: SecretStr | None = Field(
        default=None,
        description="32 random bytes in base64 that encrypt the keys of personal data; none: a key file in data_dir.",
    )
    policy_file: Path | None = Field(
        default=None, description="File with the policies of routing, pickup, returns; none: the built-in ones."
    )
    parties_file: Path | None = Field(
        default=None, description="TOML file with carriers, locations and the notifier; none: the sandbox world."
    )
    waking_window: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="How many orders that were waiting may set out at once when their cause is cleared; "
        "more of them drain no faster than the engine works, and new orders queue behind them.",
    )
    postgres_port: Port = Field(default=5480, description="Port of the embedded PostgreSQL, on loopback only.")
    temporal_port: Port = Field(default=7233, description="gRPC port of the embedded Temporal server.")
    ui_port: Port = Field(default=8233, description="Port of the Temporal Web UI.")
    gateway_port: Port = Field(default=8400, description="Port the HTTP gateway listens on.")
    sandbox_port: Port = Field(default=8500, description="Port the sandbox world listens on.")
    gateway_url: HttpUrl | None = Field(
        default=None, description="Address under which others reach the gateway; none: loopback and gateway_port."
    )
    sandbox_url: HttpUrl | None = Field(
        default=None, description="Address of an external sandbox world; none: loopback and sandbox_port."
    )

    feed_secret: SecretStr | None = Field(
        default=None, description="Bearer secret of the feeds at the gateway; none: they are for loopback only."
    )

    @field_validator("data_dir", "policy_file", "parties_file")
    @classmethod
    def _make_absolute(cls, path: Path | None) -> Path | None:
        # Child processes read the same settings, perhaps from another working directory.
        return path and path.expanduser().absolute()

    @field_validator("policy_file", "parties_file")
    @classmethod
    def _require_a_file(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, url: str | None) -> str | None:
        if url is None:
            return None
        scheme, separator, rest = url.partition("://")
        if scheme not in {DRIVER, "postgresql", "postgres"} or not separator or not rest:
            raise ValueError("expected postgresql://user:password@host:port/database")
        return f"{DRIVER}://{rest}"

    @field_validator("vault_key")
    @classmethod
    def _require_a_whole_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            decode_key(key.get_secret_value())
        return key

    @property
    def gateway_base_url(self) -> str:
        """Where the gateway is reached, without a slash at the end."""
        return str(self.gateway_url or f"http://127.0.0.1:{self.gateway_port}").rstrip("/")

    @property
    def sandbox_base_url(self) -> str:
        """Where the sandbox world is reached, without a slash at the end."""
        return str(self.sandbox_url or f"http://127.0.0.1:{self.sandbox_port}").rstrip("/")


def load_settings() -> Settings:
    """The settings of this environment; raises `SettingsError` with one line for each bad value."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"CROSSDOCK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(lines)) from None


def decode_key(text: str) -> bytes:
    """The bytes of a vault key; raises `ValueError` unless it is 32 bytes in base64 of either alphabet."""
    try:
        key = base64.b64decode(text.strip().translate(str.maketrans("+/", "-_")), altchars=b"-_", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != VAULT_KEY_BYTES:
        raise ValueError(f"expected {VAULT_KEY_BYTES} bytes in base64, as `openssl rand -base64 32` prints them")
    return key


def read_vault_key(settings: Settings) -> bytes:
    """The key of the vault: the given one, or that of `data_dir/vault.key`, which is made once.

    Raises `SettingsError` when the key file is damaged or open to other users.
    """
    if settings.vault_key is not None:
        return decode_key(settings.vault_key.get_secret_value())
    file = settings.data_dir / "vault.key"
    text = read_or_create_secret(file, base64.urlsafe_b64encode(secrets.token_bytes(VAULT_KEY_BYTES)).decode())
    try:
        return decode_key(text)
    except ValueError as error:
        raise SettingsError(f"{file}: {error}") from None


def read_or_create_secret(file: Path, fresh: str) -> str:
    """The text of a secret file; a missing one is made with `fresh`, whole and readable by its owner only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    if not file.exists():
        draft.touch(mode=0o600)
        draft.write_text(fresh)
        try:
            # A hard link appears whole or not at all, and never replaces the key another process just made.
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if file.stat().st_mode & 0o077:
        raise SettingsError(f"{file} can be read by other users: chmod 600 {file}")
    return file.read_text().strip()
