from django.contrib import admin

from todo.models import Item


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["title", "due_on", "done", "overdue", "updated_at"]
    list_editable = ["done"]
    list_filter = ["done", "overdue", "due_on"]
    readonly_fields = ["overdue", "created_at", "updated_at"]
    search_fields = ["title", "notes"]
