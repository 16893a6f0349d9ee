"""The credentials of the database: what this process was started with, then what Secrets Manager says."""

import json
import logging
import os
import threading
from typing import NamedTuple

import boto3
from botocore.config import Config

logger = logging.getLogger("database")


class Credentials(NamedTuple):
    user: str
    password: str

    def __repr__(self):  # never the password, also not in a traceback
        return f"Credentials(user={self.user!r})"


class SecretCredentials:
    """Credentials that are read from a secret when needed, and kept for the whole process.

    `arn` is the full ARN of a secret with the JSON keys "username" and "password", as RDS manages it.
    `initial` is what the environment holds; an empty password means that the secret must be read first.
    """

    def __init__(self, arn, initial):
        self._arn = arn
        self._current = initial
        self._lock = threading.Lock()

    def current(self):
        with self._lock:
            if not self._current.password:
                self._current = self._read("AWSCURRENT")
            return self._current

    def after_refusal(self, refused):
        """The credentials to try after PostgreSQL refused `refused`; the same ones when there are no others."""
        with self._lock:
            # Another thread may have read the new password in the meantime.
            if self._current != refused:
                return self._current
            fresh = self._read("AWSCURRENT")
            if fresh == refused:
                # In the middle of a rotation the database has the new password already, and the secret still
                # calls it pending.
                fresh = self._read("AWSPENDING", default=refused)
            if fresh != refused:
                logger.info("the database password was rotated: read again from Secrets Manager")
            self._current = fresh
            return fresh

    def _read(self, stage, default=None):
        client = secrets_manager(self._arn)
        try:
            answer = client.get_secret_value(SecretId=self._arn, VersionStage=stage)
        except client.exceptions.ResourceNotFoundException:
            if default is None:
                raise
            return default
        secret = json.loads(answer["SecretString"])
        return Credentials(secret["username"], secret["password"])


def secrets_manager(arn):
    """A client for the region that the ARN names. Its timeouts are short: a request is waiting."""
    return boto3.client(
        "secretsmanager",
        region_name=arn.split(":")[3],
        endpoint_url=os.environ.get("AWS_ENDPOINT_URL") or None,  # Debian's boto3 does not look at it
        config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2}),
    )
