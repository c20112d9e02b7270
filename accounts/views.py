"""Signing in and out, the first administrator, one's own account."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import setup
from accounts.addresses import path_on_site
from accounts.forms import PasswordForm, ProfileForm, SetupForm, SignInForm, ThemeForm
from accounts.models import User
from accounts.sessions import end_all_sessions
from accounts.throttle import Attempt, Throttled, peer_address

log = logging.getLogger("parley.accounts")

WRONG_PAIR = "That email and password do not match."
WRONG_PASSWORD = "That is not your password."  # noqa: S105, a sentence

# Also tells password managers that what was typed is not worth keeping.
INVALID = 422

_page_with_form = require_http_methods(["GET", "HEAD", "POST"])


class Request(HttpRequest):
    """A request that the middleware let through to a member's page."""

    user: User


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@_page_with_form
def sign_in(request: HttpRequest) -> HttpResponse:
    back = path_on_site(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(back)
        return _sign_in_page(request, SignInForm(), back)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, back, WRONG_PAIR)
    try:
        user = _checked(request, form.cleaned_data["email"], form.cleaned_data["password"])
    except Throttled as throttled:
        return _too_many(request, throttled)
    if user is None:
        return _sign_in_page(request, form, back, WRONG_PAIR)
    login(request, user)
    request.session.set_expiry(None if form.cleaned_data["stay"] else 0)
    # Nobody else tidies the table.
    request.session.clear_expired()
    return redirect(back)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:sign_in")


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@_page_with_form
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    if not setup.is_open(token):
        raise Http404
    form = SetupForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form_page(request, "accounts/setup.html", form)
    user = setup.make_first_administrator(token, **form.cleaned_data)
    if user is None:
        raise Http404
    login(request, user)
    return redirect("/")


@never_cache
@_page_with_form
def profile(request: Request) -> HttpResponse:
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=_self(request))
    if not form.is_valid():
        return _profile_page(request, form, PasswordForm())
    form.save()
    messages.success(request, "Saved.")
    return redirect("accounts:profile")


@require_POST
def theme(request: Request) -> HttpResponse:
    """The switch in the menu; with JavaScript the page shows the new theme by itself."""
    form = ThemeForm(request.POST, instance=_self(request))
    if not form.is_valid():
        return HttpResponseBadRequest()
    form.save()
    return HttpResponse(status=204) if request.headers.get("HX-Request") == "true" else redirect("/")


@sensitive_post_parameters("old_password", "password")
@require_POST
def change_password(request: Request) -> HttpResponse:
    """Ends the member's other sessions."""
    user = _self(request)
    form = PasswordForm(request.POST, instance=user)
    try:
        if form.is_valid() and _checked(request, user.email, form.cleaned_data["old_password"]) is None:
            form.add_error("old_password", WRONG_PASSWORD)
    except Throttled as throttled:
        return _too_many(request, throttled)
    if form.errors:
        return _profile_page(request, ProfileForm(instance=_self(request)), form)
    update_session_auth_hash(request, form.save())
    messages.success(request, "Your password is changed. You are signed out everywhere else.")
    return redirect("accounts:profile")


@require_POST
def end_other_sessions(request: Request) -> HttpResponse:
    user = _self(request)
    end_all_sessions(user)
    update_session_auth_hash(request, user)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("accounts:profile")


@sensitive_variables("password")
def _checked(request: HttpRequest, email: str, password: str) -> User | None:
    """The active member of this pair. Raises Throttled, whether or not the pair is right."""
    attempt = Attempt(email, peer_address(request))
    try:
        attempt.begin()
    except Throttled:
        log.warning("Sign-in from %s refused: too many attempts", attempt.address)
        raise
    user = authenticate(request, username=email, password=password)
    if user is None:
        log.warning("Sign-in from %s failed", attempt.address)
        return None
    attempt.succeeded()
    return user


def _self(request: Request) -> User:
    """A copy of the member who asks, so that a form's invalid values never show in the rest of the page."""
    return User.objects.get(pk=request.user.pk)


def _sign_in_page(request: HttpRequest, form: SignInForm, back: str, error: str = "") -> HttpResponse:
    context = {
        "form": form,
        "next": back,
        "error": error,
        "host": request.get_host(),
        "is_set_up": setup.is_set_up(),
    }
    return render(request, "accounts/sign_in.html", context, status=INVALID if error else 200)


def _form_page(request: HttpRequest, template: str, form: BaseForm) -> HttpResponse:
    return render(request, template, {"form": form}, status=INVALID if form.is_bound else 200)


def _profile_page(request: HttpRequest, form: ProfileForm, password_form: PasswordForm) -> HttpResponse:
    context = {"form": form, "password_form": password_form}
    invalid = form.is_bound or password_form.is_bound
    return render(request, "accounts/profile.html", context, status=INVALID if invalid else 200)


def _too_many(request: HttpRequest, throttled: Throttled) -> HttpResponse:
    response = render(request, "accounts/too_many.html", {"seconds": throttled.seconds}, status=429)
    response["Retry-After"] = str(throttled.seconds)
    return response
