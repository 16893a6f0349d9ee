"""The page at /."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from todo.models import Item

SHOWN = 100


@require_safe
def index(request):
    return render(
        request,
        "todo/index.html",
        {"items": Item.objects.all()[:SHOWN], "open": Item.objects.filter(done=False).count(), "shown": SHOWN},
    )
