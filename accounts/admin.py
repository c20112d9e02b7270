"""Administration of people. Their conversations are nowhere in it: administrators see counts, not contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User

# Django's forms and pages take type parameters for the checker alone.
if TYPE_CHECKING:
    _UserChangeForm = UserChangeForm[User]
    _UserAdmin = UserAdmin[User]
else:
    _UserChangeForm = UserChangeForm
    _UserAdmin = UserAdmin

# Nothing in the house asks for groups.
admin.site.unregister(Group)


class MemberChangeForm(_UserChangeForm):
    """Keeps the team from shutting itself out."""

    password = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        stays = all(cleaned.get(flag) for flag in ("is_active", "is_staff", "is_superuser"))
        if not stays and not User.objects.administrators().exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This is the only administrator. Make another one first.")
        return cleaned


@admin.register(User)
class MemberAdmin(_UserAdmin):
    """Adds, edits and deactivates members."""

    form = MemberChangeForm
    add_form = AdminUserCreationForm
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("new_password", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "new_password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    @admin.display(description="Password")
    def new_password(self, user: User) -> str:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">Set a new password</a>', address)

    # Whoever could edit members could make themselves superuser.
    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission = has_module_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: Django would list the titles of all that goes with a member. To deactivate ends an account too."""
        return False
