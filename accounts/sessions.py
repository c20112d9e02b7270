from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User


def user_for_session(key):
    s = SessionStore(key)
    uid = s.get("_auth_user_id")
    return User.objects.filter(pk=uid, is_active=True).first() if uid else None
