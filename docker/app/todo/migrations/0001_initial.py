import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("notes", models.TextField(blank=True, max_length=5000)),
                ("due_on", models.DateField(blank=True, db_index=True, null=True, verbose_name="due")),
                ("done", models.BooleanField(default=False)),
                ("overdue", models.BooleanField(default=False, editable=False, help_text="Set by the task mark_overdue.")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": [
                    "done",
                    django.db.models.expressions.OrderBy(django.db.models.expressions.F("due_on"), nulls_last=True),
                    "id",
                ],
            },
        ),
    ]
