"""Django's PostgreSQL backend, with a password that Secrets Manager may rotate.

RDS rotates the password that it manages every seven days, and a running task keeps the environment that it was
started with. So when PostgreSQL refuses the password, the secret is read and the connection is tried once more.
Connections that are open stay open: PostgreSQL checks a password only at login.
"""

import functools
import logging
import re

from botocore.exceptions import BotoCoreError, ClientError
from django.db import OperationalError
from django.db.backends.postgresql import base as postgresql

from project.database.secret import Credentials, SecretCredentials

logger = logging.getLogger("database")

# SQLSTATE
INVALID_PASSWORD = "28P01"
INVALID_CATALOG_NAME = "3D000"

MISSING_DATABASE = re.compile(r'database ".*" does not exist', re.DOTALL)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Takes one setting more than Django's: SECRET_ARN. Without it, USER and PASSWORD are all there is."""

    def get_connection_params(self):
        params = super().get_connection_params()
        if self.settings_dict.get("SECRET_ARN"):
            try:
                credentials = self._secret().current()
            except (BotoCoreError, ClientError) as error:
                raise OperationalError(f"the secret with the database password cannot be read: {error}") from error
            params.update(credentials._asdict())
        return params

    def get_new_connection(self, conn_params):
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError as refusal:
            if not self.settings_dict.get("SECRET_ARN") or not is_password_refusal(refusal):
                raise
            refused = Credentials(conn_params["user"], conn_params["password"])
            try:
                fresh = self._secret().after_refusal(refused)
            except (BotoCoreError, ClientError) as error:
                logger.error("the database password was refused, and its secret cannot be read: %s", error)
                raise refusal
            if fresh == refused:
                raise
            return super().get_new_connection({**conn_params, **fresh._asdict()})

    def _secret(self):
        return process_credentials(
            self.settings_dict["SECRET_ARN"],
            Credentials(self.settings_dict["USER"], self.settings_dict["PASSWORD"]),
        )


@functools.lru_cache(maxsize=None)
def process_credentials(arn, initial):
    """One per process: Django makes a DatabaseWrapper per thread."""
    return SecretCredentials(arn, initial)


def is_password_refusal(error):
    """Whether a login failed because of the password."""
    return sqlstate(error) == INVALID_PASSWORD or "password authentication failed" in str(error)


def is_missing_database(error):
    """Whether a login failed because there is no database of that name."""
    return sqlstate(error) == INVALID_CATALOG_NAME or bool(MISSING_DATABASE.search(str(error)))


def sqlstate(error):
    """PostgreSQL's code of an error, or None.

    psycopg2 names the attribute pgcode and psycopg 3 sqlstate; both leave it empty for errors of the login itself,
    and the text is all there is. Django wraps their errors.
    """
    for each in (error, error.__cause__):
        code = getattr(each, "pgcode", None) or getattr(each, "sqlstate", None)
        if code:
            return code
    return None
