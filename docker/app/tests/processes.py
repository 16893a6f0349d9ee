"""Real processes for the tests: the entry points, and moto_server in the place of AWS."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from django.db import connection

ROOT = Path(__file__).parent.parent
PATIENCE = 60  # seconds, for whatever a process is waited for
REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}


def wait_until(condition, what):
    """Return the first true value of condition(), or raise TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {PATIENCE} s")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(port):
    with contextlib.closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A command in the application's folder, on the tests' database; ended when the `with` ends."""

    def __init__(self, *command, **variables):
        self._output = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "DATABASE_NAME": connection.settings_dict["NAME"], "LOG_LEVEL": "INFO", **variables},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._output.close()

    def kill(self):
        """SIGKILL for the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def terminate(self):
        self._process.terminate()

    def running(self):
        return self._process.poll() is None

    def wait(self):
        """The exit code."""
        return self._process.wait(PATIENCE)

    def output(self):
        return Path(f"/proc/self/fd/{self._output.fileno()}").read_text()

    def wait_for_port(self, port):
        wait_until(lambda: answers(port) or not self.running(), f"port {port}")
        if not self.running():
            raise RuntimeError(f"the process ended: {self.output()}")


def python(*arguments, **variables):
    return Process(sys.executable, *arguments, **variables)


class SQS:
    """The tests' own view of the queues."""

    def __init__(self, client):
        self._client = client

    def create(self, name, **attributes):
        """Create a queue and return its URL."""
        return self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def arn(self, url):
        return self._attributes(url, "QueueArn")[0]

    def send(self, url, body):
        self._client.send_message(QueueUrl=url, MessageBody=body)

    def messages(self, url):
        """How many messages are visible, and how many are received and not deleted."""
        counts = self._attributes(url, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return tuple(map(int, counts))

    def _attributes(self, url, *names):
        attributes = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [attributes[name] for name in names]


@contextlib.contextmanager
def moto():
    """The URL of a moto_server, which plays AWS until the `with` ends."""
    if not shutil.which("moto_server"):
        raise RuntimeError("moto_server is not on PATH: pip install -r tests/requirements.txt")
    port = free_port()
    with Process("moto_server", "-H", "127.0.0.1", "-p", str(port)) as server:
        server.wait_for_port(port)
        yield f"http://127.0.0.1:{port}"


class MotoMixin:
    """A test case whose `cls.aws` is the URL of a moto_server for the whole class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = moto()
        cls.aws = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)

    @classmethod
    def aws_client(cls, service):
        return boto3.client(
            service,
            endpoint_url=cls.aws,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
