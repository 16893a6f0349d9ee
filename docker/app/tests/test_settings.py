"""What the environment variables turn into, and how their mistakes are reported."""

import os
import subprocess
import sys
import unittest

from django.core.exceptions import ImproperlyConfigured

from project import services
from project.environment import Environment

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!cluster-abc-AbCdEf"

COMPLETE = {
    "DJANGO_SECRET_KEY": "x" * 32,
    "DJANGO_ALLOWED_HOSTS": "todo.example.com",
    "DATABASE_HOST": "db.example.com",
    "DATABASE_NAME": "todo",
    "DATABASE_USER": "todo",
    "DATABASE_PASSWORD": "p",
}


def load(variables, expressions):
    """Print expressions about the settings `s` and the static files' storage, from a process with these variables."""
    code = (
        "from project import start; s = start.settings(); "
        "from django.contrib.staticfiles.storage import staticfiles_storage as storage; "
        f"print({expressions})"
    )
    return subprocess.run(
        [sys.executable, "-B", "-c", code],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=30,
    )


class ReadersTest(unittest.TestCase):
    def test_wrong_values_are_named_with_what_they_take(self):
        cases = [
            ("flag", {"default": False}, "maybe", 'V is "maybe": it takes true or false'),
            ("integer", {"default": 1, "low": 1, "high": 9}, "10", 'V is "10": it takes a whole number from 1 to 9'),
            ("integer", {"default": 1, "low": 1, "high": 9}, "-1", 'V is "-1": it takes a whole number from 1 to 9'),
            ("integer", {"default": 1, "low": 1, "high": 9}, "²", 'V is "²": it takes a whole number from 1 to 9'),
            ("choice", {"default": "a", "choices": ("a", "b")}, "c", 'V is "c": it takes one of a, b'),
            ("origin", {}, "todo.example.com", 'V is "todo.example.com": it takes an origin such as https://todo.example.com'),
            ("required", {"takes": "a name"}, "  ", "V is not set: it takes a name"),
            ("secret", {"shortest": 4}, "abc", "V has 3 characters: it takes a random secret of at least 4"),
        ]
        for reader, arguments, value, problem in cases:
            with self.subTest(reader=reader, value=value):
                environment = Environment({"V": value})
                getattr(environment, reader)("V", **arguments)
                self.assertEqual(environment.problems, [problem])

    def test_good_values(self):
        cases = [
            ("flag", {"default": False}, "True", True),
            ("flag", {"default": True}, "off", False),
            ("flag", {"default": True}, "", True),
            ("integer", {"default": 5, "low": 1, "high": 9}, "9", 9),
            ("integer", {"default": 5, "low": 1, "high": 9}, "", 5),
            ("items", {}, " a, b ,,", ["a", "b"]),
            ("origins", {}, "https://a.example,http://b:8000", ["https://a.example", "http://b:8000"]),
        ]
        for reader, arguments, value, expected in cases:
            with self.subTest(reader=reader, value=value):
                environment = Environment({"V": value})
                self.assertEqual(getattr(environment, reader)("V", **arguments), expected)
                self.assertEqual(environment.problems, [])

    def test_origins_without_scheme_or_with_path_are_wrong(self):
        for value in ("example.com", "https://example.com/", "ftp://example.com", "https://"):
            with self.subTest(value=value):
                environment = Environment({"V": value})
                environment.origins("V")
                self.assertEqual(len(environment.problems), 1)

    def test_finish_lists_everything(self):
        environment = Environment({})
        environment.required("A", takes="a name")
        environment.required("B", takes="a number")
        with self.assertRaisesRegex(ImproperlyConfigured, r"(?s)2 settings.*A is not set.*B is not set"):
            environment.finish()


class ServicesTest(unittest.TestCase):
    def problems(self, read, variables):
        environment = Environment(variables)
        read(environment)
        return environment.problems

    def test_the_database_needs_a_password_or_a_secret(self):
        base = {"DATABASE_HOST": "h", "DATABASE_NAME": "n"}
        self.assertEqual(self.problems(services.database, {**base, "DATABASE_SECRET_ARN": ARN}), [])
        self.assertEqual(
            self.problems(services.database, {**base, "DATABASE_USER": "u", "DATABASE_PASSWORD": "p"}), []
        )
        self.assertEqual(
            self.problems(services.database, base),
            [
                "DATABASE_USER is not set: it takes a PostgreSQL role, or set DATABASE_SECRET_ARN",
                "DATABASE_PASSWORD is not set: it takes that role's password, or set DATABASE_SECRET_ARN",
            ],
        )

    def test_verifying_needs_a_root_certificate(self):
        variables = {**COMPLETE, "DATABASE_SSLMODE": "verify-full"}
        (problem,) = self.problems(services.database, variables)
        self.assertIn("DATABASE_SSLROOTCERT", problem)
        self.assertEqual(self.problems(services.database, {**variables, "DATABASE_SSLROOTCERT": "/ca.pem"}), [])

    def test_tls_is_the_default(self):
        self.assertEqual(services.database(Environment(COMPLETE))["OPTIONS"]["sslmode"], "require")

    def test_connections_do_not_outlive_requests_by_default(self):
        self.assertEqual(services.database(Environment(COMPLETE))["CONN_MAX_AGE"], 0)

    def test_static_files_of_a_bucket(self):
        variables = {"STATIC_BUCKET": "assets", "STATIC_HOST": "d1.cloudfront.net", "AWS_REGION": "eu-west-1"}
        static = services.static_files(Environment(variables))
        self.assertEqual(static.url, "https://d1.cloudfront.net/static/")
        self.assertEqual(static.options["AWS_STORAGE_BUCKET_NAME"], "assets")
        self.assertEqual(static.options["AWS_S3_CUSTOM_DOMAIN"], "d1.cloudfront.net")
        self.assertEqual(len(self.problems(services.static_files, {"STATIC_BUCKET": "assets"})), 2)

    def test_static_files_on_a_developers_machine(self):
        variables = {"STATIC_BUCKET": "assets", "STATIC_HOST": "localhost:8001", "AWS_REGION": "eu-west-1"}
        static = services.static_files(Environment({**variables, "AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}))
        self.assertEqual(static.url, "http://localhost:8001/static/")
        self.assertEqual(static.options["AWS_S3_URL_PROTOCOL"], "http:")
        self.assertEqual(static.options["AWS_S3_ENDPOINT_URL"], "http://127.0.0.1:5000")
        self.assertIsNone(services.static_files(Environment(variables)).options["AWS_S3_ENDPOINT_URL"])

    def test_static_files_without_a_bucket(self):
        self.assertEqual(services.static_files(Environment({})).url, "/static/")

    def test_the_queue_url_gives_endpoint_and_queue(self):
        url = "https://sqs.eu-west-1.amazonaws.com/123456789012/staging-tasks"
        settings = services.broker(Environment({"CELERY_QUEUE_URL": url, "AWS_REGION": "eu-west-1"}))
        self.assertEqual(settings["broker_url"], "sqs://sqs.eu-west-1.amazonaws.com")
        self.assertEqual(settings["task_default_queue"], "staging-tasks")
        options = settings["broker_transport_options"]
        self.assertEqual(options["predefined_queues"], {"staging-tasks": {"url": url}})
        self.assertIs(options["is_secure"], True)

    def test_a_task_ends_before_its_message_is_handed_out_again(self):
        settings = services.broker(Environment({"CELERY_VISIBILITY_TIMEOUT": "60"}))
        self.assertLess(settings["task_time_limit"], 60)

    def test_a_queue_url_that_is_none(self):
        for value in ("tasks", "https://sqs.eu-west-1.amazonaws.com/", "arn:aws:sqs:eu-west-1:1:q"):
            with self.subTest(value=value):
                (problem,) = self.problems(services.broker, {"CELERY_QUEUE_URL": value, "AWS_REGION": "r"})
                self.assertIn("CELERY_QUEUE_URL", problem)


class ProcessTest(unittest.TestCase):
    """The settings as a whole, each in a process of its own."""

    def test_all_mistakes_at_once_and_no_traceback(self):
        run = load({"DATABASE_PORT": "abc", "DJANGO_DEBUG": "maybe", "DJANGO_SECRET_KEY": "short"}, "1")
        self.assertEqual(run.returncode, os.EX_CONFIG)
        for name in ("DJANGO_DEBUG", "DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "DATABASE_HOST", "DATABASE_PORT"):
            self.assertIn(name, run.stderr)
        self.assertNotIn("Traceback", run.stderr)
        self.assertNotIn('"short"', run.stderr)

    def test_safe_defaults(self):
        run = load(COMPLETE, "s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_PROXY_SSL_HEADER[1]")
        self.assertEqual(run.stdout.strip(), "False True True https", run.stderr)

    def test_secure_can_be_switched_off(self):
        run = load({**COMPLETE, "DJANGO_SECURE": "false"}, "s.SESSION_COOKIE_SECURE, s.SECURE_PROXY_SSL_HEADER")
        self.assertEqual(run.stdout.strip(), "False None", run.stderr)

    def test_public_url_is_served_and_trusted(self):
        variables = {key: value for key, value in COMPLETE.items() if key != "DJANGO_ALLOWED_HOSTS"}
        for url, secure in (("https://todo.example.com", True), ("http://alb.example.com:8080", False)):
            with self.subTest(url=url):
                run = load({**variables, "PUBLIC_URL": url}, "s.ALLOWED_HOSTS, len(s.CSRF_TRUSTED_ORIGINS), s.SECURE")
                self.assertEqual(run.stdout.strip(), f"['{url.split('/')[2].split(':')[0]}'] 1 {secure}", run.stderr)

    def test_static_files_go_to_the_bucket(self):
        variables = {**COMPLETE, "STATIC_BUCKET": "assets", "STATIC_HOST": "d1.cloudfront.net", "AWS_REGION": "eu-west-1"}
        run = load(variables, "storage.bucket_name, storage.url('a.css')")
        self.assertEqual(run.stdout.strip(), "assets https://d1.cloudfront.net/static/a.css", run.stderr)

    def test_a_worker_without_a_queue_says_so(self):
        run = subprocess.run(
            [sys.executable, "-B", "-m", "project.worker"],
            env={"PATH": os.environ["PATH"], **COMPLETE},
            capture_output=True,
            text=True,
            timeout=30,
        )
        self.assertEqual(run.returncode, os.EX_CONFIG)
        self.assertIn("CELERY_QUEUE_URL is not set", run.stderr)
