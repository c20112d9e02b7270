"""All settings, read from the environment; a bad value stops the start with its name."""

from __future__ import annotations

import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def read_flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").lower()
    if value not in ("", "0", "1", "false", "true", "no", "yes"):
        raise ImproperlyConfigured(f"{name} is {value!r}: use 1 or 0.")
    return default if value == "" else value in ("1", "true", "yes")


def read_number(name: str, default: int, least: int, most: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number from {least} to {most}.")
    return int(value)


def read_origin(name: str) -> str:
    """An origin such as https://chat.example.org, or "" when the variable is not set."""
    value = os.environ.get(name, "").rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
        raise ImproperlyConfigured(f"{name} is {value!r}: use an origin such as https://chat.example.org.")
    return value


def read_secret(name: str, file: Path) -> str:
    """A secret from the environment, or one made at the first start and kept readable by us alone."""
    if value := os.environ.get(name):
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} is shorter than 32 characters.")
        return value
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        made = secrets.token_urlsafe(48)
        handle.write(made)
    return made


def read_image_storage(directory: Path) -> dict[str, object]:
    """Where images are kept: in this directory, or in the S3-compatible bucket that PARLEY_S3_BUCKET names."""
    bucket = os.environ.get("PARLEY_S3_BUCKET")
    if not bucket:
        where = {"location": directory, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": where}
    if find_spec("storages") is None:
        raise ImproperlyConfigured("PARLEY_S3_BUCKET is set: install requirements-scale.txt as well.")
    options = {
        "bucket_name": bucket,
        "endpoint_url": read_origin("PARLEY_S3_ENDPOINT") or None,
        "region_name": os.environ.get("PARLEY_S3_REGION") or None,
        # Without these, boto3 looks where it always does: a role of the machine, ~/.aws.
        "access_key": os.environ.get("PARLEY_S3_ACCESS_KEY") or None,
        "secret_key": os.environ.get("PARLEY_S3_SECRET_KEY") or None,
        "location": os.environ.get("PARLEY_S3_PREFIX", ""),
        "default_acl": None,
        # Names are ours and never repeat; asking first whether one exists costs a request.
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def read_database(file: Path) -> dict[str, object]:
    """SQLite in this file, or the PostgreSQL database that PARLEY_DATABASE_URL names."""
    url = os.environ.get("PARLEY_DATABASE_URL")
    if not url:
        options = {
            # Without IMMEDIATE two writers end in "database is locked", whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA journal_size_limit=27103364;"
                "PRAGMA cache_size=2000;PRAGMA mmap_size=134217728;"
            ),
        }
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": options}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured("PARLEY_DATABASE_URL is not like postgresql://user:password@host:5432/name.")
    if find_spec("psycopg") is None or find_spec("psycopg_pool") is None:
        raise ImproperlyConfigured("PARLEY_DATABASE_URL is set: install requirements-scale.txt as well.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        # A connection is looked at before it is used: a restart of PostgreSQL breaks none that comes after it.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**{name: values[-1] for name, values in parse_qs(parts.query).items()}, "pool": read_pool()},
    }


def read_pool() -> dict[str, float]:
    """The connections that all threads of one process share; a thread that gets none in time is refused."""
    most = read_number("PARLEY_DATABASE_CONNECTIONS", 20, 2, 1000)
    return {"min_size": 2, "max_size": most, "timeout": 10.0}


DATA_DIR = Path(os.environ.get("PARLEY_DATA_DIR") or BASE_DIR / "data")
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = read_flag("PARLEY_DEBUG", False)
SECRET_KEY = read_secret("SECRET_KEY", DATA_DIR / "secret-key")
# Opens the provider keys in the database. Keep it out of the database's backups.
PARLEY_SEALING_KEY = read_secret("PARLEY_SEALING_KEY", DATA_DIR / "sealing-key")

PARLEY_HOST = os.environ.get("PARLEY_HOST") or "127.0.0.1"
PARLEY_PORT = read_number("PORT", 8000, 0, 65535)
PARLEY_ORIGIN = read_origin("PARLEY_ORIGIN")
PARLEY_TRUST_PROXY = read_flag("PARLEY_TRUST_PROXY", False)
# How long an upstream may be silent, and how long one answer may take in all.
PARLEY_SILENCE_SECONDS = read_number("PARLEY_SILENCE_SECONDS", 90, 1, 3600)
PARLEY_ANSWER_SECONDS = read_number("PARLEY_ANSWER_SECONDS", 1800, 10, 86400)
PARLEY_DRAIN_SECONDS = read_number("PARLEY_DRAIN_SECONDS", 20, 0, 600)
# Of one uploaded file, of what it decodes to, of one message, and of all that a member keeps.
# A request as a whole is held to 40 MB (chatapp/server.py).
PARLEY_IMAGE_BYTES = read_number("PARLEY_IMAGE_BYTES", 20_000_000, 100_000, 39_000_000)
PARLEY_IMAGE_PIXELS = read_number("PARLEY_IMAGE_PIXELS", 50_000_000, 1_000_000, 200_000_000)
PARLEY_IMAGES_PER_MESSAGE = read_number("PARLEY_IMAGES_PER_MESSAGE", 10, 1, 50)
PARLEY_IMAGE_QUOTA = read_number("PARLEY_IMAGE_QUOTA", 2_000_000_000, 1_000_000, 10**15)
# The built-in demo upstream is started beside the server unless this is off; its address is set then.
PARLEY_DEMO = read_flag("PARLEY_DEMO", True)
PARLEY_DEMO_URL = ""
INTERN_API_KEY = os.environ.get("INTERN_API_KEY", "")

_own = [PARLEY_ORIGIN] if PARLEY_ORIGIN else []
_local = [f"http://{host}:{PARLEY_PORT}" for host in ("127.0.0.1", "localhost", "[::1]")]
# Where pages come from; a websocket from anywhere else is refused.
PARLEY_ORIGINS = [*_own, *_local]
_hosts = [urlsplit(origin).hostname or "" for origin in _own]
ALLOWED_HOSTS = [*_hosts, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = _own
USE_HTTPS = PARLEY_ORIGIN.startswith("https:")

INSTALLED_APPS = [
    "accounts",
    "chatapp",
    "chatapp.catalog",
    "chatapp.images",
    "chatapp.search",
    "chatapp.filing",
    "chatapp.transfer",
    "chatapp.retention",
    "chatapp.feedback",
    "chatapp.prompts",
    "chatapp.sharing",
    "chatapp.audit",
    "chatapp.unread",
    "chatapp.conversations",
    "channels",
    "csp",
    "django_htmx",
    "accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chatapp.static.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SignedOutMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "chatapp.database.ConnectionMiddleware",
]

ROOT_URLCONF = "chatapp.urls"
ASGI_APPLICATION = "chatapp.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": read_database(DATA_DIR / "parley.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "accounts.validators.MaximumLengthValidator"},
]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {"BACKEND": "chatapp.static.Storage"},
    "images": read_image_storage(DATA_DIR / "images"),
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = USE_HTTPS
SESSION_COOKIE_NAME = "__Host-parley" if USE_HTTPS else "parley"
CSRF_COOKIE_NAME = "__Host-parley-csrf" if USE_HTTPS else "parley-csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if USE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = USE_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PARLEY_TRUST_PROXY else None
# The proxy that speaks https also redirects to it; Parley itself listens on loopback.
SILENCED_SYSTEM_CHECKS = ["security.W008"]
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "chatapp.logs.OneLine", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "parley": {"level": "INFO"},
        # Scanners try wrong hosts all day; each would be a traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL", "propagate": False},
    },
}
