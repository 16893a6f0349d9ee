"""The page, the admin, the static files, the status, and what every response goes through."""

import io
import json
import logging
from unittest import mock

from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client, SimpleTestCase, TestCase

from project.json_logs import JSONFormatter
from todo.models import Item


class StatusTest(SimpleTestCase):
    """SimpleTestCase fails every query: /status/ must do without a database."""

    def test_any_host_is_answered(self):
        response = self.client.get("/status/", HTTP_HOST="10.0.3.17:8000")
        self.assertEqual((response.status_code, response.json()), (200, {"status": "ok"}))

    def test_other_paths_check_the_host(self):
        with self.assertLogs("django.security.DisallowedHost", "ERROR"):
            self.assertEqual(self.client.get("/", HTTP_HOST="10.0.3.17:8000").status_code, 400)

    def test_methods(self):
        self.assertEqual(self.client.head("/status/").status_code, 200)
        self.assertEqual(self.client.post("/status/").status_code, 405)


class PagesTest(TestCase):
    def test_the_page_shows_and_escapes_items(self):
        Item.objects.create(title="<b>milk</b>")
        response = self.client.get("/")
        self.assertContains(response, "&lt;b&gt;milk&lt;/b&gt;")
        self.assertContains(response, "1 open")

    def test_the_page_when_there_is_nothing(self):
        self.assertContains(self.client.get("/"), "Nothing to do.")

    def test_static_files_are_served_without_a_bucket(self):
        for path in ("/static/todo/style.css", "/static/admin/css/base.css"):
            with self.subTest(path=path):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 200)
                self.assertIn("text/css", response["Content-Type"])
                self.assertGreater(len(b"".join(response.streaming_content)), 100)

    def test_the_admin_edits_items(self):
        Item.objects.create(title="milk")
        self.assertEqual(self.client.get("/admin/todo/item/").status_code, 302)
        self.client.force_login(get_user_model().objects.create_superuser("admin", password="a"))
        self.assertContains(self.client.get("/admin/todo/item/"), "milk")
        response = self.client.post("/admin/todo/item/add/", {"title": "bread", "notes": ""})
        self.assertEqual(response.status_code, 302)
        self.assertTrue(Item.objects.filter(title="bread").exists())

    def test_no_connection_is_503(self):
        with mock.patch("todo.models.Item.objects.filter", side_effect=OperationalError("gone")):
            with self.assertLogs(level="ERROR"):
                response = self.client.get("/api/items/")
        self.assertEqual((response.status_code, response["Retry-After"]), (503, "5"))

    def test_other_failures_are_500_in_json(self):
        client = Client(raise_request_exception=False)
        with mock.patch("todo.models.Item.objects.filter", side_effect=RuntimeError("bug")):
            with self.assertLogs(level="ERROR"):
                response = client.get("/api/items/")
        self.assertEqual((response.status_code, response.json()), (500, {"error": "internal error"}))


class LogTest(TestCase):
    def lines(self, run):
        """The JSON objects that the root logger's formatter makes of what `run` logs."""
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(JSONFormatter())
        root = logging.getLogger()
        level = root.level
        root.setLevel(logging.INFO)
        try:
            with mock.patch.object(root, "handlers", [handler]):
                run()
        finally:
            root.setLevel(level)
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    def test_a_request_is_one_line_with_its_fields(self):
        (line,) = self.lines(lambda: self.client.get("/api/items/"))
        self.assertEqual((line["level"], line["logger"], line["message"]), ("INFO", "request", "GET /api/items/ 200"))
        self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$")
        self.assertGreaterEqual(line["request"].pop("ms"), 0)
        self.assertEqual(line["request"], {"method": "GET", "path": "/api/items/", "status": 200})

    def test_a_client_error_is_one_line_too(self):
        (line,) = self.lines(lambda: self.client.get("/api/items/1/"))
        self.assertEqual(line["request"]["status"], 404)

    def test_health_checks_are_not_logged(self):
        self.assertEqual(self.lines(lambda: self.client.get("/status/")), [])

    def test_an_exception_stays_on_its_line(self):
        def fail():
            try:
                raise ValueError("first\nsecond")
            except ValueError:
                logging.getLogger("x").exception("it failed\nbadly")

        (line,) = self.lines(fail)
        self.assertEqual(line["message"], "it failed\nbadly")
        self.assertIn("ValueError: first\nsecond", line["exception"])
