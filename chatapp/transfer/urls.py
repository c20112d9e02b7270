"""Addresses of export, import and print."""

from django.urls import path

from chatapp.transfer import views

app_name = "transfer"
urlpatterns = [
    path("c/<uuid:pk>/export/", views.export_one, name="export-one"),
    path("c/<uuid:pk>/export/file/", views.file_of_one, name="file-of-one"),
    path("c/<uuid:pk>/print/", views.printed, name="print"),
    path("export/", views.export_all, name="export-all"),
    path("export/file/", views.file_of_all, name="file-of-all"),
    path("import/", views.take_in, name="import"),
    path("import/<uuid:pk>/", views.import_state, name="import-state"),
]
