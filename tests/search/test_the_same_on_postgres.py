"""What is found, by whom, and what is written: the same tests on PostgreSQL, so that both databases give the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import postgres

HERE = Path(__file__).parent
TESTS = ["test_finding.py", "test_what_is_written.py", "test_who_finds_what.py"]


@postgres.needs_postgres
def test_the_same_on_postgresql(tmp_path: Path) -> None:
    arguments = ["--ds=tests.search.settings_of_postgres", "--create-db", "-q", "-p", "no:cacheprovider"]
    with postgres.cluster() as url:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *(str(HERE / name) for name in TESTS)],
            cwd=HERE.parent.parent,
            env={**os.environ, "PARLEY_DATABASE_URL": url, "PARLEY_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert "[100%]" in run.stdout
