"""The JSON API of the to-do list. It has no login: anybody who reaches it may use it (README.md)."""

import functools
import json

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt

from project.celery import QueueMissing, enqueue
from todo import tasks
from todo.models import Item
from todo.validation import Invalid, item_values, list_parameters


def endpoint(**handlers):
    """A view that dispatches on the HTTP method and turns mistakes of the client into JSON.

    No cookie and no login gives rights here, so there is nothing that a forged request could abuse: no CSRF token.
    """
    methods = ", ".join(sorted(handlers))

    def view(request, **arguments):
        handler = handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            return JsonResponse({"error": f"takes {methods}"}, status=405, headers={"Allow": methods})
        try:
            return handler(request, **arguments)
        except Invalid as invalid:
            return JsonResponse({"errors": invalid.errors}, status=400)

    functools.update_wrapper(view, next(iter(handlers.values())))
    return csrf_exempt(view)


def needs_json(handler):
    """Decodes the request's body and passes it on; answers 415 when it is not declared as JSON."""

    @functools.wraps(handler)
    def wrapper(request, **arguments):
        if request.content_type != "application/json":
            return JsonResponse({"error": "takes Content-Type: application/json"}, status=415)
        try:
            body = json.loads(request.body)
        except ValueError as error:
            raise Invalid({"body": [f"is not JSON: {error}"]})
        return handler(request, body=body, **arguments)

    return wrapper


def represent(item):
    return {
        "id": item.pk,
        "title": item.title,
        "notes": item.notes,
        "due_on": item.due_on,
        "done": item.done,
        "overdue": item.overdue,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
    }


def list_items(request):
    filters, limit, offset = list_parameters(request.GET)
    items = Item.objects.filter(**filters)
    page = [represent(item) for item in items[offset : offset + limit]]
    return JsonResponse({"count": items.count(), "limit": limit, "offset": offset, "items": page})


@needs_json
def create_item(request, body):
    item = Item.objects.create(**item_values(body, complete=True))
    return JsonResponse(represent(item), status=201, headers={"Location": item.get_absolute_url()})


def show_item(request, pk):
    return JsonResponse(represent(get_object_or_404(Item, pk=pk)))


@needs_json
def replace_item(request, body, pk):
    """PUT: what the body leaves out gets its default."""
    defaults = {"notes": "", "due_on": None, "done": False}
    return save(pk, {**defaults, **item_values(body, complete=True)})


@needs_json
def change_item(request, body, pk):
    """PATCH: what the body leaves out stays."""
    return save(pk, item_values(body, complete=False))


def save(pk, values):
    item = get_object_or_404(Item, pk=pk)
    for name, value in values.items():
        setattr(item, name, value)
    item.save(update_fields=[*values, "overdue", "updated_at"])
    return JsonResponse(represent(item))


def delete_item(request, pk):
    get_object_or_404(Item, pk=pk).delete()
    return HttpResponse(status=204)


def enqueue_mark_overdue(request):
    try:
        task_id = enqueue(tasks.mark_overdue)
    except QueueMissing as error:
        return JsonResponse({"error": str(error)}, status=503)
    return JsonResponse({"task": task_id}, status=202)


items = endpoint(GET=list_items, POST=create_item)
item = endpoint(GET=show_item, PUT=replace_item, PATCH=change_item, DELETE=delete_item)
mark_overdue = endpoint(POST=enqueue_mark_overdue)
