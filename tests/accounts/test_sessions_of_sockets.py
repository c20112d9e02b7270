"""A socket knows only its session's key: what ends a session ends what that key opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.sessions import user_for_session


@pytest.fixture
def key(ann: User, signed_in: Callable[[User], Client]) -> str:
    return signed_in(ann).cookies["parley"].value


def test_the_key_of_a_session_finds_its_member(
    ann: User, key: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        assert user_for_session(key) == ann


@pytest.mark.parametrize("unknown", ["", "x", "a" * 32, "a" * 5000, "../../etc/passwd", "é\u202e"])
def test_an_unknown_key_finds_nobody(ann: User, key: str, unknown: str) -> None:
    assert user_for_session(unknown) is None


def test_a_session_without_a_member_finds_nobody(client: Client, db: None) -> None:
    session = client.session
    session["seen"] = True
    session.save()
    assert user_for_session(session.session_key or "") is None


def test_an_expired_session_finds_nobody(key: str) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert user_for_session(key) is None


def test_a_deactivated_member_is_nobody(ann: User, key: str) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert user_for_session(key) is None


def test_a_new_password_ends_it(ann: User, key: str) -> None:
    ann.set_password("a wholly new phrase")
    ann.save()
    assert user_for_session(key) is None


def test_a_deleted_member_is_nobody(ann: User, key: str) -> None:
    ann.delete()
    assert user_for_session(key) is None


def test_a_replaced_secret_key_still_counts_while_it_is_a_fallback(ann: User, key: str, settings: Settings) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key of at least fifty characters, for the test"
    # Database sessions are signed with the key too, so only the fallback can open this one.
    assert user_for_session(key) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert user_for_session(key) == ann
