"""Addresses of shares: with members and by link."""

from django.urls import path

from chatapp.sharing import link_pages, link_views, member_views, public_views

app_name = "sharing"
urlpatterns = [
    path("c/<uuid:pk>/share/", link_views.share, name="share"),
    path("c/<uuid:pk>/share/look/", link_views.look, name="look"),
    path("links/<int:pk>/change/", link_views.change, name="change-link"),
    path("links/<int:pk>/update/", link_views.update, name="update-link"),
    path("links/<int:pk>/revoke/", link_views.revoke, name="revoke-link"),
    path("links/<int:pk>/restore/", link_views.restore, name="restore-link"),
    path("shares/", link_views.shares, name="shares"),
    path("manage/shares/", link_pages.rules, name="link-rules"),
    path("manage/shares/<int:pk>/revoke/", link_pages.revoke, name="revoke-links"),
    path("s/<str:token>/", public_views.page, name="link"),
    path("s/<str:token>", public_views.page),
    path("s/<str:token>/open/", public_views.unlocked, name="unlock-link"),
    path("s/<str:token>/continue/", public_views.go_on, name="continue-link"),
    path("s/<str:token>/image/<str:place>/", public_views.full, name="link-image"),
    path("s/<str:token>/image/<str:place>/small/", public_views.small, name="link-image-small"),
    path("c/<uuid:pk>/members/", member_views.invited, name="members"),
    path("c/<uuid:pk>/members/find/", member_views.find, name="find"),
    path("c/<uuid:pk>/members/change/", member_views.change, name="change"),
    path("c/<uuid:pk>/members/remove/", member_views.remove, name="remove"),
    path("c/<uuid:pk>/pass-on/", member_views.pass_on, name="pass-on"),
    path("c/<uuid:pk>/leave/", member_views.leave, name="leave"),
]
