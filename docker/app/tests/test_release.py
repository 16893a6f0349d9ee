"""The release: real processes on a database of their own."""

import json
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test import SimpleTestCase, TransactionTestCase

from tests import processes
from tests.processes import CREDENTIALS, MotoMixin, wait_until
from todo.management.commands import release

EMPTY = "test_release"


def messages(process):
    return [json.loads(line)["message"] for line in process.output().splitlines() if line.startswith("{")]


class MigrationsTest(SimpleTestCase):
    databases = ["default"]

    def test_the_models_have_all_their_migrations(self):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


class ReleaseTest(MotoMixin, TransactionTestCase):
    def setUp(self):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {EMPTY}")
        self.empty = connection.copy("release")
        self.empty.settings_dict["NAME"] = EMPTY
        self.addCleanup(self.drop)

    def drop(self):
        self.empty.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {EMPTY} WITH (FORCE)")

    def start(self, *arguments, **variables):
        process = processes.python("manage.py", "release", *arguments, **{"DATABASE_NAME": EMPTY, **variables})
        self.addCleanup(process.__exit__)
        return process

    def hold_lock(self):
        with self.empty.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [release.LOCK])

    def waiting(self):
        """How many sessions wait for the lock."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return cursor.fetchone()[0]

    def test_two_at_once_apply_the_migrations_once(self):
        self.hold_lock()
        both = [self.start(), self.start()]
        wait_until(lambda: self.waiting() == 2, "both releases at the lock")
        self.assertFalse(any("Applying" in process.output() for process in both))
        self.empty.close()
        self.assertEqual([process.wait() for process in both], [0, 0], [process.output() for process in both])
        said = sorted(messages(process) for process in both)
        applied = [message for messages in said for message in messages if "Applying todo.0001_initial" in message]
        self.assertEqual(len(applied), 1, said)
        self.assertEqual(len([messages for messages in said if "No migrations to apply." in messages]), 1, said)
        with self.empty.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'todo'")
            self.assertEqual(cursor.fetchone()[0], 1)

    def test_static_files_are_collected_into_the_bucket(self):
        s3 = self.aws_client("s3")
        s3.create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": processes.REGION})
        process = self.start(
            STATIC_BUCKET="assets",
            STATIC_HOST="assets.example.com",
            AWS_ENDPOINT_URL=self.aws,
            **CREDENTIALS,
        )
        self.assertEqual(process.wait(), 0, process.output())
        for key in ("static/todo/style.css", "static/admin/css/base.css"):
            stored = s3.head_object(Bucket="assets", Key=key)
            self.assertEqual((stored["ContentType"], stored["CacheControl"]), ("text/css", "public, max-age=3600"))

    def test_a_lock_that_is_never_freed_fails_the_release(self):
        self.hold_lock()
        process = self.start("--wait", "0")
        self.assertEqual(process.wait(), 1)
        self.assertIn("another release holds the lock", process.output())

    def test_sigterm_ends_a_release_that_waits(self):
        self.hold_lock()
        process = self.start()
        wait_until(self.waiting, "the release at the lock")
        process.terminate()
        self.assertEqual(process.wait(), 143, process.output())
        self.assertIn("SIGTERM: the release ends unfinished", messages(process))

    def test_a_database_that_never_answers_fails_the_release(self):
        process = self.start("--wait", "1", DATABASE_PORT=str(processes.free_port()))
        self.assertEqual(process.wait(), 1)
        self.assertIn("the database did not answer in time, after 1 attempts", process.output())

    def test_a_wrong_password_fails_at_once(self):
        process = self.start(DATABASE_PASSWORD="wrong")
        self.assertEqual(process.wait(), 1)
        self.assertIn("the database refuses the connection", process.output())
        self.assertNotIn("waiting for the database", process.output())


class MissingDatabaseTest(TransactionTestCase):
    """A new environment in the cluster of another one: its database is not there yet."""

    MISSING = 'app_pr_1"; DROP DATABASE postgres; --%s'

    def setUp(self):
        self.addCleanup(self.drop)

    def quoted(self):
        return '"' + self.MISSING.replace('"', '""') + '"'

    def drop(self):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.quoted()} WITH (FORCE)")

    def start(self, **variables):
        process = processes.python("manage.py", "release", **{"DATABASE_NAME": self.MISSING, **variables})
        self.addCleanup(process.__exit__)
        return process

    def migrations(self):
        missing = connection.copy("missing")
        missing.settings_dict["NAME"] = self.MISSING
        try:
            with missing.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'todo'")
                return cursor.fetchone()[0]
        finally:
            missing.close()

    def test_it_is_created(self):
        process = self.start()
        self.assertEqual(process.wait(), 0, process.output())
        self.assertIn(f"created the database {self.MISSING}", messages(process))
        self.assertEqual(self.migrations(), 1)
        again = self.start()
        self.assertEqual(again.wait(), 0, again.output())
        self.assertNotIn("created the database", again.output())

    def test_two_at_once_create_it_once(self):
        # With the lock both have looked for the name and found none when the first goes on: the closest race there is.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE pg_database IN SHARE MODE")
            both = [self.start(), self.start()]
            wait_until(lambda: self.creating(cursor) == 2, "both releases creating the database")
        self.assertEqual([process.wait() for process in both], [0, 0], [process.output() for process in both])
        said = [message for process in both for message in messages(process)]
        self.assertEqual(said.count(f"created the database {self.MISSING}"), 1, said)
        self.assertEqual(said.count(f"another release has created the database {self.MISSING}"), 1, said)
        self.assertEqual(self.migrations(), 1)

    def creating(self, cursor):
        """How many sessions wait for the list of databases."""
        cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = 'pg_database'::regclass AND NOT granted")
        return cursor.fetchone()[0]

    def test_one_that_is_there_already_is_no_mistake(self):
        missing = connection.copy("missing")
        missing.settings_dict["NAME"] = self.MISSING
        release.create_database(missing)
        with self.assertLogs("release", "INFO") as logs:
            release.create_database(missing)
        self.assertEqual(logs.records[0].getMessage(), f"another release has created the database {self.MISSING}")

    def test_a_user_who_may_not_create_it_is_told(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        self.addCleanup(self.drop_role)
        process = self.start(DATABASE_USER="plain", DATABASE_PASSWORD="plain")
        self.assertEqual(process.wait(), 1)
        self.assertIn("does not exist, and creating it is refused: permission denied to create database", process.output())

    def drop_role(self):
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE plain")


class WaitForDatabaseTest(SimpleTestCase):
    """The waiting alone, with a clock of its own."""

    def run_with(self, failures, wait):
        connection = mock.Mock()
        connection.ensure_connection.side_effect = [OperationalError("timeout expired")] * failures + [None]
        now = [1000.0]
        clock = mock.Mock(monotonic=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
        with mock.patch.object(release, "time", clock), self.assertLogs("release", "INFO") as logs:
            release.wait_for_database(connection, now[0] + wait)
        return [record.getMessage() for record in logs.records]

    def test_a_database_that_resumes_is_waited_for_visibly(self):
        self.assertEqual(
            self.run_with(failures=2, wait=60),
            [
                "waiting for the database, attempt 1, 60 s left: timeout expired",
                "waiting for the database, attempt 2, 58 s left: timeout expired",
                "connected to the database after 3 attempts",
            ],
        )

    def test_the_wait_is_bounded(self):
        with self.assertRaisesRegex(CommandError, "after 5 attempts: timeout expired"):
            self.run_with(failures=100, wait=10)
