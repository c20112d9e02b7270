"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id as OWASP's Password Storage cheat sheet has it: 19 MiB, 2 passes, 1 lane. Django's own takes 100 MiB."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
