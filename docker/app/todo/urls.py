from django.urls import path

from todo import api

urlpatterns = [
    path("", api.items, name="items"),
    path("<int:pk>/", api.item, name="item"),
    path("mark-overdue/", api.mark_overdue, name="mark-overdue"),
]
