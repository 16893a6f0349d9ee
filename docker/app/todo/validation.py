"""Checks what clients send: JSON in, typed values or a list of mistakes per field out."""

import datetime

from todo.models import Item

LIMIT_DEFAULT, LIMIT_MAX = 50, 200


class Invalid(Exception):
    """The request was understood and is wrong. `errors` maps each field to its mistakes."""

    def __init__(self, errors):
        super().__init__(errors)
        self.errors = errors


def text(field, required):
    limit = Item._meta.get_field(field).max_length

    def check(value):
        if not isinstance(value, str):
            raise ValueError("takes a string")
        if "\x00" in value:  # PostgreSQL stores none
            raise ValueError("takes no null characters")
        value = value.strip()
        if required and not value:
            raise ValueError("must not be empty")
        if len(value) > limit:
            raise ValueError(f"takes at most {limit} characters, got {len(value)}")
        return value

    return check


def date_or_null(value):
    if value is None:
        return None
    try:
        return datetime.datetime.strptime(value, "%Y-%m-%d").date()
    except (TypeError, ValueError):
        raise ValueError("takes a date such as 2030-12-31, or null")


def boolean(value):
    if not isinstance(value, bool):
        raise ValueError("takes true or false")
    return value


FIELDS = {
    "title": text("title", required=True),
    "notes": text("notes", required=False),
    "due_on": date_or_null,
    "done": boolean,
}


def item_values(body, complete):
    """The checked values of a decoded JSON body. With `complete`, the title must be there.

    Raises Invalid with all mistakes.
    """
    if not isinstance(body, dict):
        raise Invalid({"body": ["takes a JSON object"]})
    values, errors = {}, {}
    for name, value in body.items():
        if name not in FIELDS:
            errors[name] = ["is not a field; the fields are " + ", ".join(FIELDS)]
            continue
        try:
            values[name] = FIELDS[name](value)
        except ValueError as error:
            errors[name] = [str(error)]
    if complete and "title" not in body:
        errors["title"] = ["is required"]
    if errors:
        raise Invalid(errors)
    return values


def list_parameters(query):
    """The filters, the limit and the offset of a list's query string. Raises Invalid with all mistakes."""
    filters, errors = {}, {}
    window = {"limit": LIMIT_DEFAULT, "offset": 0}
    ranges = {"limit": (1, LIMIT_MAX), "offset": (0, 2**31 - 1)}
    for name, value in query.items():
        if name in ("done", "overdue"):
            if value not in ("true", "false"):
                errors[name] = ["takes true or false"]
            filters[name] = value == "true"
        elif name in ranges:
            low, high = ranges[name]
            if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
                errors[name] = [f"takes a whole number from {low} to {high}"]
            else:
                window[name] = int(value)
        else:
            errors[name] = ["is not a parameter; they are done, overdue, limit, offset"]
    if errors:
        raise Invalid(errors)
    return filters, window["limit"], window["offset"]
