from django.contrib import admin
from django.urls import include, path

from todo import pages

urlpatterns = [
    path("", pages.index, name="index"),
    path("api/items/", include("todo.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "project.errors.not_found"
handler500 = "project.errors.server_error"
