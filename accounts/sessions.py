"""Whose session is this? For doors that have a session's key but no request, such as a websocket."""

from __future__ import annotations

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import F
from django.utils.crypto import constant_time_compare

from accounts.models import User


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        """A cookie may hold what PostgreSQL refuses; keys that we have made are letters and digits."""
        return super()._validate_session_key(key) and key.isalnum()  # type: ignore[misc]  # the stubs leave it out


def user_for_session(session_key: str) -> User | None:
    """The active member who is signed in under this key, read afresh; None once the session is over in any way."""
    # Not django.contrib.auth.get_user: it may change or end the session, and nobody would tell the browser.
    session = SessionStore(session_key)
    user_id = session.get(SESSION_KEY)
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    return user if user and session_hash_ok(user, session.get(HASH_SESSION_KEY, "")) else None


def session_hash_ok(user: User, session_hash: str) -> bool:
    """Whether neither a new password nor "sign out everywhere" has ended a session that was signed with this."""
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, known) for known in valid)


def end_all_sessions(user: User) -> None:
    """End every session of this member; the caller signs its own anew if that one shall live."""
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
