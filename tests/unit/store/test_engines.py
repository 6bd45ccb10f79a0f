"""Which database URLs are understood, and how they are called in front of people."""

import pytest

from bot.store.engines import described, understood


@pytest.mark.parametrize(
    ("given", "driver", "called"),
    [
        ("sqlite:////var/lib/ops.db", "sqlite+aiosqlite", "The database file /var/lib/ops.db"),
        ("sqlite:///ops.db", "sqlite+aiosqlite", "The database file ops.db"),
        ("postgresql://bot:hunter2@db/ops", "postgresql+psycopg", "The PostgreSQL database ops at db"),
        ("postgres://bot:hunter2@db/ops", "postgresql+psycopg", "The PostgreSQL database ops at db"),
        ("postgresql+asyncpg://db/ops", "postgresql+psycopg", "The PostgreSQL database ops at db"),
        ("postgresql:///ops?host=/run/pg", "postgresql+psycopg", "The PostgreSQL database ops at the local socket"),
    ],
)
def test_a_url_gets_our_driver_and_a_name_without_its_password(given: str, driver: str, called: str) -> None:
    url = understood(given)
    assert url.drivername == driver
    assert described(url) == called


def test_what_the_url_says_about_waiting_is_kept() -> None:
    assert understood("postgresql://db/ops?connect_timeout=30").query["connect_timeout"] == "30"
    assert understood("postgresql://db/ops").query["connect_timeout"] == "5"
