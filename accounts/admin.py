"""Administration of people. Their conversations are nowhere in it: administrators see counts, not contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import User

# Django's forms and pages take type parameters for the checker alone.
if TYPE_CHECKING:
    _UserChangeForm = UserChangeForm[User]
    _UserAdmin = UserAdmin[User]
    _GroupForm = forms.ModelForm[Group]
    _GroupAdmin = admin.ModelAdmin[Group]
else:
    _UserChangeForm = UserChangeForm
    _UserAdmin = UserAdmin
    _GroupForm = forms.ModelForm
    _GroupAdmin = admin.ModelAdmin

# Django's own page of them is about permissions, which nothing in the house asks for.
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


class GroupForm(_GroupForm):
    """A name, and who belongs to it."""

    members = forms.ModelMultipleChoiceField(
        User.objects.order_by("name", "email"), required=False, widget=FilteredSelectMultiple("members", False)
    )

    class Meta:
        model = Group
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["members"].initial = self.instance.user_set.all()

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        self.instance.user_set.set(self.cleaned_data["members"])


@admin.register(Group)
class GroupAdmin(_GroupAdmin):
    """Some of the members, for whom something is kept."""

    form = GroupForm
    list_display = ("name", "people")
    search_fields = ("name",)
    fields = ("name", "members")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(members=Count("user"))

    @admin.display(description="Members", ordering="members")
    def people(self, group: Group) -> int:
        return int(getattr(group, "members", 0))

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission = has_module_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Never: what only this group may use would be everyone's. A group without members ends its rights too."""
        return False
