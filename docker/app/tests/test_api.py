import datetime
import json

from django.test import TestCase

from todo.models import Item, today

TOMORROW = today() + datetime.timedelta(days=1)
YESTERDAY = today() - datetime.timedelta(days=1)


class APITest(TestCase):
    def send(self, method, path, body, content_type="application/json"):
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.client.generic(method, path, data, content_type=content_type)

    def test_create(self):
        response = self.send("POST", "/api/items/", {"title": " Buy milk ", "due_on": TOMORROW.isoformat()})
        self.assertEqual(response.status_code, 201)
        item = Item.objects.get()
        self.assertEqual(response["Location"], f"/api/items/{item.pk}/")
        self.assertEqual((item.title, item.due_on, item.done), ("Buy milk", TOMORROW, False))
        body = response.json()
        self.assertEqual(body["due_on"], TOMORROW.isoformat())
        self.assertEqual(self.client.get(response["Location"]).json(), body)

    def test_invalid_items_are_refused_field_by_field(self):
        cases = [
            ({}, {"title": ["is required"]}),
            ({"title": " "}, {"title": ["must not be empty"]}),
            ({"title": 1}, {"title": ["takes a string"]}),
            ({"title": "x" * 201}, {"title": ["takes at most 200 characters, got 201"]}),
            ({"title": "a\x00b"}, {"title": ["takes no null characters"]}),
            ({"title": "a", "due_on": "31.12.2030"}, {"due_on": ["takes a date such as 2030-12-31, or null"]}),
            ({"title": "a", "due_on": 5}, {"due_on": ["takes a date such as 2030-12-31, or null"]}),
            ({"title": "a", "done": "yes"}, {"done": ["takes true or false"]}),
            (
                {"title": "a", "owner": 1, "done": None},
                {
                    "owner": ["is not a field; the fields are title, notes, due_on, done"],
                    "done": ["takes true or false"],
                },
            ),
            ([], {"body": ["takes a JSON object"]}),
        ]
        for body, errors in cases:
            with self.subTest(body=body):
                response = self.send("POST", "/api/items/", body)
                self.assertEqual(response.status_code, 400)
                self.assertEqual(response.json(), {"errors": errors})
        self.assertFalse(Item.objects.exists())

    def test_bodies_that_are_not_json(self):
        for body in ("{", " ", b"\xff\xfe", "{'a': 1}"):
            with self.subTest(body=body):
                response = self.send("POST", "/api/items/", body)
                self.assertEqual(response.status_code, 400)
                self.assertIn("body", response.json()["errors"])

    def test_other_content_types(self):
        response = self.send("POST", "/api/items/", "title=a", "application/x-www-form-urlencoded")
        self.assertEqual(response.status_code, 415)

    def test_list_filters_and_pages(self):
        for number in range(5):
            Item.objects.create(title=f"open {number}")
        Item.objects.create(title="done", done=True)
        body = self.client.get("/api/items/", {"done": "false", "limit": 2, "offset": 1}).json()
        self.assertEqual((body["count"], body["limit"], body["offset"]), (5, 2, 1))
        self.assertEqual([item["title"] for item in body["items"]], ["open 1", "open 2"])

    def test_list_order(self):
        Item.objects.create(title="done", done=True, due_on=YESTERDAY)
        Item.objects.create(title="some day")
        Item.objects.create(title="tomorrow", due_on=TOMORROW)
        Item.objects.create(title="yesterday", due_on=YESTERDAY)
        titles = [item["title"] for item in self.client.get("/api/items/").json()["items"]]
        self.assertEqual(titles, ["yesterday", "tomorrow", "some day", "done"])

    def test_list_parameters_are_checked(self):
        response = self.client.get("/api/items/", {"done": "x", "limit": "0", "offset": "-1", "page": "1"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(set(response.json()["errors"]), {"done", "limit", "offset", "page"})

    def test_patch_changes_only_what_is_given(self):
        item = Item.objects.create(title="a", notes="n", due_on=TOMORROW)
        response = self.send("PATCH", item.get_absolute_url(), {"done": True})
        self.assertEqual(response.status_code, 200)
        item.refresh_from_db()
        self.assertEqual((item.title, item.notes, item.due_on, item.done), ("a", "n", TOMORROW, True))

    def test_put_resets_what_is_left_out(self):
        item = Item.objects.create(title="a", notes="n", due_on=TOMORROW, done=True)
        self.assertEqual(self.send("PUT", item.get_absolute_url(), {"notes": "x"}).status_code, 400)
        self.assertEqual(self.send("PUT", item.get_absolute_url(), {"title": "b"}).status_code, 200)
        item.refresh_from_db()
        self.assertEqual((item.title, item.notes, item.due_on, item.done), ("b", "", None, False))

    def test_an_overdue_item_that_is_done_or_postponed_is_no_longer_overdue(self):
        for change in ({"done": True}, {"due_on": TOMORROW.isoformat()}, {"due_on": None}):
            with self.subTest(change=change):
                item = Item.objects.create(title="a", due_on=YESTERDAY)
                Item.objects.filter(pk=item.pk).update(overdue=True)
                self.assertIs(self.send("PATCH", item.get_absolute_url(), change).json()["overdue"], False)
                item.refresh_from_db()
                self.assertIs(item.overdue, False)

    def test_delete(self):
        item = Item.objects.create(title="a")
        response = self.client.delete(item.get_absolute_url())
        self.assertEqual((response.status_code, response.content), (204, b""))
        self.assertFalse(Item.objects.exists())

    def test_unknown_items_and_paths(self):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            with self.subTest(method=method):
                response = self.send(method, "/api/items/999/", {"title": "a"})
                self.assertEqual(response.status_code, 404)
                self.assertIn("error", response.json())
        self.assertEqual(self.client.get("/api/items/99999999999999999999/").status_code, 404)
        self.assertEqual(self.client.get("/api/nothing/").json(), {"error": "nothing at /api/nothing/"})

    def test_methods(self):
        response = self.client.delete("/api/items/")
        self.assertEqual((response.status_code, response["Allow"]), (405, "GET, POST"))
        self.assertEqual(self.client.head("/api/items/").status_code, 200)

    def test_without_a_queue_the_task_is_refused_and_the_rest_works(self):
        with self.assertLogs("request", "ERROR"), self.assertLogs("django.request", "ERROR"):
            response = self.client.post("/api/items/mark-overdue/")
        self.assertEqual(response.status_code, 503)
        self.assertIn("CELERY_QUEUE_URL", response.json()["error"])
