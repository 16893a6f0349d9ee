from django.db import models
from django.urls import reverse
from django.utils import timezone


def today():
    """The current date in UTC."""
    return timezone.now().date()


class ItemQuerySet(models.QuerySet):
    def late(self):
        """Items that are still to be done although their day has passed."""
        return self.filter(done=False, due_on__lt=today())


class Item(models.Model):
    """One entry of the to-do list."""

    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True, max_length=5000)
    due_on = models.DateField("due", null=True, blank=True, db_index=True)
    done = models.BooleanField(default=False)
    overdue = models.BooleanField(default=False, editable=False, help_text="Set by the task mark_overdue.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["done", models.F("due_on").asc(nulls_last=True), "id"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("item", args=[self.pk])

    def save(self, *args, **kwargs):
        # An item that was done or postponed is no longer overdue; becoming overdue is the task's to find.
        if self.done or self.due_on is None or self.due_on >= today():
            self.overdue = False
        super().save(*args, **kwargs)
