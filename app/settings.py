"""The settings of the service: environment and `.env` in, typed values out. A bad one stops the start and is named."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.database_url import checked_database_url
from app.errors import BadInput
from app.keys import MIN_SECRET_LENGTH

Switch = Literal["on", "off"]


class Settings(BaseSettings):
    """Each field is one variable of the environment, in capitals; `.env.example` holds them all."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder of the database and of the keys made at the first start.")
    database_url: str = Field(
        "", description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME; default: a SQLite file in DATA_DIR."
    )
    secret_key: str = Field(
        "", description="At least 32 characters that encrypt credentials and sign URLs; made in DATA_DIR when absent."
    )
    secret_key_previous: str = Field(
        "", description="The SECRET_KEY before the last change, so that old URLs go on for TOKEN_GRACE_DAYS."
    )
    admin_token: str = Field("", description="Opens the management API; made in DATA_DIR and printed once when absent.")
    base_url: str = Field(
        "", description="Public address of the service (https://cron.shop.example), used in the URLs it shows."
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1",
        description="Addresses of the proxies whose X-Forwarded-For and -Proto are believed, separated by commas; * is "
        "all.",
    )
    root_path: str = Field(
        "", description="Path prefix under which a proxy serves the service, for example /marketcron."
    )
    executor: Literal["auto", "local"] = Field("auto", description="Where runs are executed; local is this process.")
    scheduler: Switch = Field("off", description="on hits every cron URL by itself at its recommended times.")
    min_intervals: Switch = Field("on", description="off lets every hit run, however soon (for tests).")
    clock_speed: float = Field(
        1.0, gt=0, le=100_000, description="How many times faster business time runs (for tests)."
    )
    clock_base: datetime | None = Field(
        None, description="Moment from which CLOCK_SPEED counts, so that several processes agree (ISO 8601)."
    )
    wait_default_s: float = Field(25.0, ge=0, le=300, description="Seconds a hit is held until its report is ready.")
    wait_max_s: float = Field(55.0, ge=0, le=300, description="The most a caller may ask for with wait=.")
    run_deadline_s: float = Field(
        600.0, gt=0, description="Seconds after which a run pauses and goes on by itself later."
    )
    runs_at_once: int = Field(20, ge=1, le=200, description="How many runs this process works on at the same time.")
    lease_s: float = Field(20.0, ge=1, description="Seconds without a sign of life after which a run is taken over.")
    tick_s: float = Field(2.0, gt=0, description="Seconds between two looks at queued, paused and abandoned runs.")
    unknown_outcome_wait_s: float = Field(
        60.0, ge=0, description="Seconds to wait before a write whose outcome is unknown is looked up and repeated."
    )
    token_grace_days: float = Field(7.0, ge=0, description="Days for which cron URLs work on after a rotation.")
    report_link_days: float = Field(7.0, gt=0, description="Days for which the link to a report opens it.")
    keep_runs_days: float = Field(30.0, gt=0, description="Days after which reports of runs are deleted.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="json for machines, console for people; auto chooses by whether a terminal looks on."
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        return checked_database_url(value) if value else value

    @field_validator("secret_key", "secret_key_previous")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < MIN_SECRET_LENGTH:
            raise ValueError(f"needs at least {MIN_SECRET_LENGTH} characters; make one with `openssl rand -base64 48`")
        return value

    @field_validator("admin_token")
    @classmethod
    def _hard_to_guess(cls, value: str) -> str:
        if value and len(value) < 20:
            raise ValueError("needs at least 20 characters; make one with `openssl rand -base64 30`")
        return value

    @field_validator("base_url", "root_path")
    @classmethod
    def _no_slash_at_the_end(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("clock_base")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a time zone, for example 2026-01-31T08:00:00Z")
        return value

    @property
    def database(self) -> str:
        """The database to use, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'marketcron.db'}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")


def load_settings() -> Settings:
    """Return the settings of this environment; raises BadInput naming the variable that can't be used."""
    try:
        return Settings()
    except ValidationError as exc:
        lines = [
            f"{'.'.join(str(part) for part in error['loc']).upper()}: {error['msg'].removeprefix('Value error, ')}"
            for error in exc.errors(include_input=False, include_url=False)
        ]
        raise BadInput("The settings can't be used. " + "; ".join(lines)) from exc
