"""Guessing passwords: bounded for a pair, an account and an address, in the database, and never a lock on the owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts.limits import ACCOUNT, ADDRESS, PAIR
from accounts.models import AttemptCount, User
from accounts.throttle import Attempt, Throttled, peer_address
from tests.conftest import PASSWORD


def guess(email: str = "ann@example.org", password: str = "wrong", address: str = "192.0.2.1", **more: Any) -> int:
    form = {"email": email, "password": password}
    return Client(REMOTE_ADDR=address).post("/sign-in/", form, **more).status_code


def room(attempt: Attempt) -> bool:
    try:
        attempt.begin()
    except Throttled:
        return False
    return True


def pass_time(period: timedelta) -> None:
    for row in AttemptCount.objects.all():
        row.until -= period
        row.save()


def test_the_eleventh_wrong_password_waits(ann: User) -> None:
    assert [guess() for _ in range(25)] == [422] * 10 + [429] * 15


def test_the_page_says_for_how_long(ann: User) -> None:
    for _ in range(PAIR.attempts):
        guess()
    response = Client(REMOTE_ADDR="192.0.2.1").post("/sign-in/", {"email": ann.email, "password": "wrong"})
    seconds = int(response["Retry-After"])
    assert 0 < seconds <= PAIR.window.total_seconds()
    assert f"Try again in {seconds} seconds" in response.content.decode()


def test_while_it_waits_the_right_password_tells_nothing(ann: User) -> None:
    for _ in range(PAIR.attempts):
        guess()
    assert guess(password=PASSWORD) == 429
    pass_time(PAIR.window)
    assert guess(password=PASSWORD) == 302


def test_the_owner_signs_in_from_another_address_meanwhile(ann: User) -> None:
    for _ in range(25):
        guess()
    assert guess(password=PASSWORD, address="198.51.100.7") == 302


def test_unknown_names_are_throttled_like_known_ones(ann: User) -> None:
    assert [guess("nobody@example.org") for _ in range(11)] == [guess() for _ in range(11)]


def test_the_case_of_the_name_gives_no_further_attempts(ann: User) -> None:
    found = [guess(email) for email in ["ann@example.org", "ANN@example.org", " Ann@Example.org "] * 4]
    assert found[10:] == [429, 429]


def test_a_success_forgets_the_failures_of_this_pair(ann: User) -> None:
    for _ in range(3):
        assert [guess() for _ in range(9)] == [422] * 9
        assert guess(password=PASSWORD) == 302


def test_many_addresses_together_are_bounded_for_fifteen_minutes(ann: User) -> None:
    found = [guess(address=f"192.0.2.{i}") for i in range(25)]
    assert found == [422] * ACCOUNT.attempts + [429] * 5
    assert guess(password=PASSWORD, address="198.51.100.7") == 429
    assert timedelta(minutes=15) >= ACCOUNT.window
    pass_time(ACCOUNT.window)
    assert guess(password=PASSWORD, address="198.51.100.7") == 302


def test_nobody_can_lock_the_owner_out_of_an_address_that_signed_in_before(ann: User) -> None:
    assert guess(password=PASSWORD, address="198.51.100.7") == 302
    for i in range(25):
        guess(address=f"192.0.2.{i}")
    assert guess(password=PASSWORD, address="198.51.100.8") == 429
    assert guess(password=PASSWORD, address="198.51.100.7") == 302


def test_a_known_address_is_still_bounded_itself(ann: User) -> None:
    assert guess(password=PASSWORD) == 302
    assert [guess() for _ in range(12)] == [422] * 10 + [429] * 2


def test_one_address_is_bounded_over_all_accounts(db: None) -> None:
    tries = [room(Attempt(f"user{i}@example.org", "192.0.2.1")) for i in range(ADDRESS.attempts + 5)]
    assert tries == [True] * ADDRESS.attempts + [False] * 5
    assert room(Attempt("user0@example.org", "192.0.2.2"))


def test_members_behind_one_address_who_succeed_never_fill_it(db: None) -> None:
    for i in range(ADDRESS.attempts + 5):
        attempt = Attempt(f"user{i}@example.org", "192.0.2.1")
        attempt.begin()
        attempt.succeeded()


def test_a_refused_attempt_counts_nowhere_and_does_not_prolong_the_wait(ann: User) -> None:
    for _ in range(PAIR.attempts):
        guess()
    before = set(AttemptCount.objects.values_list("key", "count", "until"))
    assert guess() == 429
    assert set(AttemptCount.objects.values_list("key", "count", "until")) == before


def test_an_attempt_that_one_limit_refuses_takes_no_room_under_the_others(db: None) -> None:
    for i in range(ACCOUNT.attempts):
        Attempt("ann@example.org", f"192.0.2.{i}").begin()
    before = set(AttemptCount.objects.values_list("key", "count"))
    assert not room(Attempt("ann@example.org", "198.51.100.7"))
    assert set(AttemptCount.objects.values_list("key", "count")) == before


def test_rows_whose_time_is_over_are_removed(db: None) -> None:
    Attempt("ann@example.org", "192.0.2.1").begin()
    pass_time(ADDRESS.window + ACCOUNT.window)
    Attempt("bob@example.org", "192.0.2.2").begin()
    assert not AttemptCount.objects.filter(until__lte=timezone.now()).exists()
    assert AttemptCount.objects.count() == 3


def test_neither_names_nor_addresses_are_kept_in_clear(db: None) -> None:
    Attempt("ann@example.org", "192.0.2.1").begin()
    kept = str(list(AttemptCount.objects.values()))
    assert "ann" not in kept
    assert "192.0.2.1" not in kept


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_find_no_more_room_than_guesses_in_turn() -> None:
    def one(_: int) -> bool:
        try:
            return room(Attempt("ann@example.org", "192.0.2.1"))
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(one, range(30))) == PAIR.attempts


def test_a_forged_forwarded_address_changes_nothing(ann: User, caplog: pytest.LogCaptureFixture) -> None:
    found = [guess(headers={"X-Forwarded-For": f"203.0.113.{i}"}) for i in range(25)]
    assert found == [422] * 10 + [429] * 15
    assert "192.0.2.1" in caplog.text
    assert "203.0.113" not in caplog.text


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(ann: User, settings: Settings) -> None:
    settings.PARLEY_TRUST_PROXY = True
    found = [guess(headers={"X-Forwarded-For": f"203.0.113.{i}, 198.51.100.7"}) for i in range(12)]
    assert found == [422] * 10 + [429] * 2
    assert guess(headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.8"}) == 422


@pytest.mark.parametrize(
    ("seen", "bucket"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
        ("192.0.2.1:4711", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_an_address_of_version_6_is_counted_as_its_network(seen: str, bucket: str) -> None:
    assert peer_address(RequestFactory(REMOTE_ADDR=seen).get("/")) == bucket
