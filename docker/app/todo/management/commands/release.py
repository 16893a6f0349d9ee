"""python3 manage.py release: what must be done before a new version serves requests."""

import io
import logging
import os
import signal
import sys
import threading
import time

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, ProgrammingError, connections

from project.database.base import is_missing_database, is_password_refusal, sqlstate

logger = logging.getLogger("release")

# Any fixed number: PostgreSQL's advisory locks are per database, and nothing else here takes one.
LOCK = 7_233_601

# What every PostgreSQL has, to connect to where the application's own database is missing.
MAINTENANCE_DATABASE = "postgres"

# SQLSTATE of a CREATE DATABASE that another session was ahead of: the second when both were at it at the same moment.
DUPLICATE_DATABASE, UNIQUE_VIOLATION = "42P04", "23505"


class Command(BaseCommand):
    help = (
        "Waits for the database, creates it when it is missing, applies the migrations under an advisory lock, and "
        "collects the static files when STATIC_BUCKET is set. Several at once are safe: one works, the others wait and "
        "find nothing to do."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--wait",
            type=int,
            default=300,
            metavar="SECONDS",
            help="the longest time to wait for the database, and again for the lock; default 300",
        )

    def handle(self, *args, wait, **options):
        end_on_sigterm()
        connection = connections[DEFAULT_DB_ALIAS]
        wait_for_database(connection, time.monotonic() + wait)
        acquire_lock(connection, time.monotonic() + wait)
        # The lock belongs to the session that the migrations run in: it ends with that session, however that ends,
        # and there is no second session that would be idle for so long that the server closes it.
        logger.info("applying migrations")
        call_command("migrate", interactive=False, no_color=True, stdout=LogStream())
        if settings.STATIC_BUCKET:
            logger.info("collecting static files into the bucket %s", settings.STATIC_BUCKET)
            call_command("collectstatic", interactive=False, no_color=True, verbosity=1, stdout=LogStream())
        connection.close()
        logger.info("release finished")


def end_on_sigterm():
    """End at once on SIGTERM, with exit code 143.

    PID 1 of a container ignores signals that it does not handle, and Python's own handlers wait for the main thread,
    which may be waiting inside libpq. PostgreSQL rolls back what is not committed, and frees the lock.
    """

    def wait():
        signal.sigwait({signal.SIGTERM})
        logger.error("SIGTERM: the release ends unfinished")
        sys.stdout.flush()
        os._exit(128 + signal.SIGTERM)

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=wait, daemon=True).start()


def wait_for_database(connection, deadline, pause=2):
    """Connect, trying again until the deadline: an Aurora cluster that paused takes about 15 s to resume."""
    attempt = 0
    while True:
        attempt += 1
        try:
            connect(connection)
        except OperationalError as error:
            reason = str(error).strip()
            if is_password_refusal(error):  # waiting does not cure that
                raise CommandError(f"the database refuses the connection: {reason}")
            left = deadline - time.monotonic()
            if left <= pause:
                raise CommandError(f"the database did not answer in time, after {attempt} attempts: {reason}")
            logger.info("waiting for the database, attempt %d, %d s left: %s", attempt, left, reason)
            time.sleep(pause)
        else:
            logger.info("connected to the database after %d attempt%s", attempt, "" if attempt == 1 else "s")
            return


def connect(connection):
    """Connect, after creating the database where it is missing, as it is for a new environment in another one's cluster."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        if not is_missing_database(error):
            raise
        create_database(connection)
        connection.ensure_connection()


def create_database(connection):
    """Create the connection's database. Several at once are safe: one creates it, the others find it."""
    name = connection.settings_dict["NAME"]
    maintenance = connection.copy("maintenance")
    maintenance.settings_dict["NAME"] = MAINTENANCE_DATABASE
    try:
        with maintenance.cursor() as cursor:
            # An identifier cannot be a parameter, and Django's quote_name leaves quotes inside of a name as they are.
            cursor.execute('CREATE DATABASE "{}"'.format(name.replace('"', '""')))
    except (IntegrityError, ProgrammingError) as error:
        if sqlstate(error) not in (DUPLICATE_DATABASE, UNIQUE_VIOLATION):
            raise CommandError(f"the database {name} does not exist, and creating it is refused: {str(error).strip()}")
        logger.info("another release has created the database %s", name)
    else:
        logger.info("created the database %s", name)
    finally:
        maintenance.close()


def acquire_lock(connection, deadline, report_every=5):
    """Wait for the lock; a line every `report_every` seconds says so."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{report_every}s"])
            try:
                cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            except OperationalError as error:
                if "lock timeout" not in str(error):
                    raise
                left = deadline - time.monotonic()
                if left <= 0:
                    raise CommandError("another release holds the lock and does not finish")
                logger.info("another release is running: waiting for it, %d s left", left)
            else:
                # Migrations wait for their table locks as long as PostgreSQL is configured to.
                cursor.execute("RESET lock_timeout")
                return


class LogStream(io.TextIOBase):
    """A text stream for Django's commands that logs each whole line."""

    def __init__(self):
        self._line = ""

    def write(self, text):
        *lines, self._line = (self._line + text).split("\n")
        for line in filter(str.strip, lines):
            logger.info("%s", line.strip())
        return len(text)
