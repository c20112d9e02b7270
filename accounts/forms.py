"""The forms of sign-in, set-up and account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.views.decorators.debug import sensitive_variables

from accounts.limits import PASSWORD_CHARACTERS
from accounts.models import User

# Django's forms take type parameters for the checker alone.
if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
else:
    _UserForm = forms.ModelForm


def password_field(label: str, autocomplete: str, **options: Any) -> forms.CharField:
    """A password, taken as it is typed. Too long a one is refused here, before anything hashes it."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=PASSWORD_CHARACTERS,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": autocomplete}),
        **options,
    )


def new_password_field(label: str) -> forms.CharField:
    return password_field(label, "new-password", help_text="At least 10 characters, not a common one.")


def text_input(autocomplete: str, **more: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "autocomplete": autocomplete, **more})


def email_input() -> forms.EmailInput:
    return forms.EmailInput(attrs={"class": "input", "autocomplete": "username"})


class SignInForm(forms.Form):
    """Shape alone; the view asks whether the pair is right."""

    email = forms.CharField(max_length=254, widget=email_input())
    password = password_field("Password", "current-password")
    stay = forms.BooleanField(
        label="Stay signed in on this computer",
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "tick"}),
    )


class NewPasswordForm(_UserForm):
    """Part of every form that sets a password: checks it against its owner's other fields too."""

    password = new_password_field("Password")

    class Meta:
        model = User
        fields: list[str] = []

    @sensitive_variables()
    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        about = {name: self.cleaned_data.get(name, getattr(self.instance, name)) for name in ("email", "name")}
        validate_password(password, User(**about))
        return password


class SetupForm(NewPasswordForm):
    """The first administrator."""

    class Meta:
        model = User
        fields = ["name", "email"]
        widgets = {"name": text_input("name"), "email": email_input()}


class ProfileForm(_UserForm):
    """What members may change about themselves. Nothing else of a request is ever read."""

    class Meta:
        model = User
        fields = ["name", "theme"]
        widgets = {"name": text_input("name"), "theme": forms.Select(attrs={"class": "input"})}


class ThemeForm(_UserForm):
    class Meta:
        model = User
        fields = ["theme"]


class PasswordForm(NewPasswordForm):
    """A new password for somebody who knows the old one; the view asks whether that is right."""

    old_password = password_field("Your password now", "current-password")
    password = new_password_field("New password")
    field_order = ["old_password", "password"]

    @sensitive_variables()
    def save(self, commit: bool = True) -> User:
        self.instance.set_password(self.cleaned_data["password"])
        if commit:
            self.instance.save(update_fields=["password"])
        return self.instance
