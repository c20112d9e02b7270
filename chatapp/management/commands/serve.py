"""Everything that one start needs, in one process: migrate, collect, seed, then serve until SIGTERM."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import subprocess
import sys
from pathlib import Path

# First, as it decides which event loop everything after it gets.
from chatapp.server import DrainingServer  # isort: skip

from channels.routing import get_default_application
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from twisted.internet import reactor

from accounts.setup import setup_link
from chatapp.catalog import seed
from chatapp.generation import keeper, runs

# htmx's extensions import a bare name, which no hashed file can have; we use none of them.
UNUSED_STATIC = ["django_htmx/ext/*"]
# What decides, beside the files themselves, what is made of them.
COLLECTED_BY = ["requirements.txt", "chatapp/static.py", "chatapp/bundles.py"]


class Command(BaseCommand):
    help = "Migrate, collect static files, and serve until SIGTERM."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        migrate()
        collect_static()
        demo = start_demo() if settings.PARLEY_DEMO else None
        try:
            seed.first_start(settings.PARLEY_DEMO_URL, settings.INTERN_API_KEY)
            address = settings.PARLEY_ORIGIN or f"http://{settings.PARLEY_HOST}:{settings.PARLEY_PORT}"
            # Not callWhenRunning: that fires before there is a running loop.
            reactor.callLater(0, self.started, address, setup_link(address))
            DrainingServer(get_default_application(), settings.PARLEY_HOST, settings.PARLEY_PORT).run()
        finally:
            if demo is not None:
                demo.terminate()
                demo.wait()

    def started(self, address: str, link: str | None) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        keeper.ensure_running()
        self.say(f"Parley is at {address}")
        if link:
            self.say(f"First start: make the administrator at {link}")

    def stop(self) -> None:
        """The first signal drains; the second ends what is left as interrupted."""
        if runs.draining():
            runs.end_all()
        else:
            left = len(runs.running())
            self.say(f"Stopping; {left} answers may finish first." if left else "Stopping.")
            reactor.stop()

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def start_demo() -> subprocess.Popen[str]:
    """Start the demo upstream beside us and note its address in the settings."""
    demo = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "chatapp.demo", "--port", "0", "--with-parent"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = demo.stdout.readline() if demo.stdout else ""
    if not line.startswith("demo on "):
        raise CommandError("The demo server did not start. PARLEY_DEMO=0 starts without it.")
    settings.PARLEY_DEMO_URL = f"http://{line.removeprefix('demo on ').strip()}/v1"
    return demo


def migrate() -> None:
    """Bring the database up to date if a migration is missing there."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    known = {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in (Path(app.path) / "migrations").glob("[0-9]*.py")
    }
    if not known <= applied:
        in_a_process_of_its_own("migrate", "--no-input")


def collect_static() -> None:
    """Collect static files unless neither they nor what makes them changed since the last time."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    now = _static_fingerprint()
    if not mark.exists() or mark.read_text() != now:
        ignored = [f"--ignore={pattern}" for pattern in UNUSED_STATIC]
        in_a_process_of_its_own("collectstatic", "--no-input", "--clear", *ignored)
        mark.write_text(now)


def in_a_process_of_its_own(*command: str) -> None:
    """Run a management command apart: what it loads, some 30 MB, would stay in the server for ever."""
    manage = settings.BASE_DIR / "manage.py"
    if subprocess.run([sys.executable, manage, *command, "--verbosity=0"], check=False).returncode:  # noqa: S603
        raise CommandError(f"{command[0]} failed; its message is above.")


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for name in COLLECTED_BY:
        digest.update((settings.BASE_DIR / name).read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for file in sorted(Path(folder).rglob("*")):
            if file.is_file():
                seen = file.stat()
                digest.update(f"{file}:{seen.st_size}:{seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()
