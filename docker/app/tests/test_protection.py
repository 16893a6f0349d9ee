"""Task protection, with an HTTP server in the place of ECS's agent."""

import http.server
import json
import tempfile
import threading
from pathlib import Path
from unittest import TestCase

from celery import Celery
from django.test import TransactionTestCase

from project import services
from project.environment import Environment
from project.protection import PAUSE, TaskProtection
from tests import processes
from tests.processes import CREDENTIALS, SQS, MotoMixin, wait_until


class Agent:
    """ECS's agent: keeps what it was asked for, and answers what a test tells it to."""

    def __init__(self):
        self.asked, self.status, self.answer = [], 200, {"protection": {}}
        agent = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                agent.asked.append((self.path, json.loads(body)))
                self.send_response(agent.status)
                self.end_headers()
                self.wfile.write(json.dumps(agent.answer).encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.uri = f"http://127.0.0.1:{self._server.server_port}/api/token"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def states(self):
        return [state for _, state in self.asked]


PROTECTED = {"ProtectionEnabled": True, "ExpiresInMinutes": 5}
UNPROTECTED = {"ProtectionEnabled": False}


class TaskProtectionTest(TestCase):
    def setUp(self):
        self.agent = Agent()
        self.addCleanup(self.agent.close)
        self.now, self.busy = 1000.0, False
        self.protection = TaskProtection(self.agent.uri, 290, busy=lambda: self.busy, clock=lambda: self.now)

    def look(self, busy, after=1):
        self.now += after
        self.busy = busy
        self.protection.look()

    def test_an_idle_task_asks_nothing(self):
        self.look(busy=False)
        self.assertEqual(self.agent.asked, [])

    def test_protected_once_while_busy(self):
        for busy in (True, True, True, False, False):
            self.look(busy)
        path = "/api/token/task-protection/v1/state"
        self.assertEqual(self.agent.asked, [(path, PROTECTED), (path, UNPROTECTED)])

    def test_a_task_that_stays_busy_pauses_between_protections(self):
        self.look(busy=True)
        self.look(busy=True, after=5 * 60)
        self.look(busy=True, after=PAUSE - 1)
        self.assertEqual(self.agent.states(), [PROTECTED], "a deployment can stop it now")
        self.look(busy=True)
        self.assertEqual(self.agent.states(), [PROTECTED, PROTECTED])

    def test_what_ecs_does_not_take_is_asked_again_later(self):
        for self.agent.status, self.agent.answer in ((500, {}), (200, {"failure": {"Reason": "TASK_NOT_VALID"}})):
            self.agent.asked.clear()
            with self.assertLogs("worker", "WARNING"):
                self.look(busy=True, after=PAUSE)
            self.look(busy=True)
            self.assertEqual(self.agent.states(), [PROTECTED], "not again at once")
        self.agent.status, self.agent.answer = 200, {"protection": {}}
        self.look(busy=True, after=PAUSE)
        self.look(busy=False)
        self.assertEqual(self.agent.states(), [PROTECTED, PROTECTED, UNPROTECTED])


class ProtectedWorkerTest(MotoMixin, TransactionTestCase):
    def test_a_worker_is_protected_while_a_task_runs(self):
        agent = Agent()
        self.addCleanup(agent.close)
        queue = SQS(self.aws_client("sqs")).create("protected")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        app = Celery(set_as_current=False)
        app.config_from_object(services.broker(Environment({"CELERY_QUEUE_URL": queue, **CREDENTIALS})))
        app.conf.broker_url = app.conf.broker_url.replace("//", "//test:test@")
        app.send_task("tests.wait", (folder.name,))

        worker = processes.python("-m", "tests.slow_worker", CELERY_QUEUE_URL=queue, ECS_AGENT_URI=agent.uri, **CREDENTIALS)
        self.addCleanup(worker.__exit__)
        wait_until(lambda: agent.states() == [PROTECTED], "the protection")
        self.assertFalse(Path(folder.name, "finished").exists())
        Path(folder.name, "go").touch()
        wait_until(lambda: agent.states() == [PROTECTED, UNPROTECTED], "its end")
        self.assertTrue(Path(folder.name, "finished").exists())
