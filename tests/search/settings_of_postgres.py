"""The tests' settings, on the PostgreSQL that PARLEY_DATABASE_URL names."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

assert DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
DATABASES["default"]["TEST"] = {"NAME": "parley_search"}
