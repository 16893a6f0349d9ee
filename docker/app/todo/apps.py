from django.apps import AppConfig


class TodoConfig(AppConfig):
    name = "todo"
    verbose_name = "To-do list"
    default_auto_field = "django.db.models.BigAutoField"
