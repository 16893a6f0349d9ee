"""Tasks over SQS: real web and worker processes, and moto_server in the place of SQS."""

import base64
import datetime
import json
import tempfile
import urllib.request
from pathlib import Path

from celery import Celery
from django.test import TransactionTestCase

from project import services
from project.environment import Environment
from tests import processes
from tests.processes import CREDENTIALS, SQS, MotoMixin, wait_until
from todo.models import Item, today


class WorkerTest(MotoMixin, TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sqs = SQS(cls.aws_client("sqs"))

    def queue(self, **attributes):
        return self.sqs.create(self.id().rsplit(".", 1)[-1], **attributes)

    def start(self, *module, queue, **variables):
        process = processes.python("-m", *module, CELERY_QUEUE_URL=queue, **CREDENTIALS, **variables)
        self.addCleanup(process.__exit__)
        return process

    def send(self, queue, task, *arguments):
        """Enqueue a task that only the tests' worker knows."""
        app = Celery(set_as_current=False)
        app.config_from_object(services.broker(Environment({"CELERY_QUEUE_URL": queue, **CREDENTIALS})))
        app.conf.broker_url = app.conf.broker_url.replace("//", "//test:test@")
        app.send_task(task, arguments)

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Path(folder.name)

    def drained(self, queue):
        return self.sqs.messages(queue) == (0, 0)

    def test_from_the_request_to_the_database(self):
        late = Item.objects.create(title="late", due_on=today() - datetime.timedelta(days=1))
        done = Item.objects.create(title="done", due_on=today() - datetime.timedelta(days=1), done=True)
        due = Item.objects.create(title="due", due_on=today())
        queue = self.queue()
        port = processes.free_port()
        web = self.start("gunicorn", "--config", "gunicorn.conf.py", "project.wsgi", queue=queue, PORT=str(port))
        web.wait_for_port(port)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/items/mark-overdue/", method="POST", headers={"Host": "testserver"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            self.assertEqual(response.status, 202)
            self.assertTrue(json.load(response)["task"])
        self.assertEqual(self.sqs.messages(queue), (1, 0))

        worker = self.start("project.worker", queue=queue)
        wait_until(lambda: Item.objects.filter(overdue=True).exists(), "an overdue item")
        self.assertEqual(list(Item.objects.filter(overdue=True)), [late])
        self.assertNotIn(done, Item.objects.filter(overdue=True))
        self.assertNotIn(due, Item.objects.filter(overdue=True))
        wait_until(lambda: self.drained(queue), "the message's deletion")
        for process in (web, worker):
            process.terminate()
            self.assertEqual(process.wait(), 0, process.output())
        for line in web.output().splitlines():
            self.assertIn("message", json.loads(line))

    def test_the_message_of_a_smoke_test(self):
        queue = self.queue()
        # As `slipway smoke` makes it (internal/smoke/queue.go), which has no Celery.
        body = b'[[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'
        message = {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {
                "lang": "py", "task": "smoke_test", "id": "1", "root_id": "1", "parent_id": None, "group": None,
                "retries": 0, "timelimit": [None, None], "argsrepr": "()", "kwargsrepr": "{}", "origin": "slipway-smoke@ci",
            },
            "properties": {
                "correlation_id": "1", "reply_to": "2", "delivery_mode": 2, "priority": 0, "body_encoding": "base64",
                "delivery_info": {"exchange": "", "routing_key": queue.rsplit("/", 1)[-1]}, "delivery_tag": "3",
            },
        }  # fmt: skip
        self.sqs.send(queue, base64.b64encode(json.dumps(message).encode()).decode())
        worker = self.start("project.worker", queue=queue)
        wait_until(lambda: "a smoke test has reached the worker" in worker.output(), "the task")
        wait_until(lambda: self.drained(queue), "the message's deletion")

    def test_a_stopping_worker_finishes_its_task(self):
        queue, folder = self.queue(), self.folder()
        self.send(queue, "tests.wait", str(folder))
        worker = self.start("tests.slow_worker", queue=queue)
        wait_until(lambda: (folder / "started").exists(), "the task's start")
        worker.terminate()
        wait_until(lambda: "Warm shutdown" in worker.output(), "the stop's begin")
        (folder / "go").touch()
        self.assertEqual(worker.wait(), 0, worker.output())
        self.assertTrue((folder / "finished").exists())
        self.assertEqual(self.sqs.messages(queue), (0, 0))

    def test_a_stopping_worker_gives_back_what_it_cannot_finish(self):
        # Only the worker can make these messages visible again: SQS would wait for ten minutes.
        queue, folder = self.queue(VisibilityTimeout="600"), self.folder()
        for _ in range(3):
            self.send(queue, "tests.wait", str(folder))
        worker = self.start("tests.slow_worker", queue=queue, CELERY_STOP_GRACE="1")
        wait_until(lambda: (folder / "started").exists() and self.sqs.messages(queue)[1] >= 2, "two tasks' start")
        worker.terminate()
        self.assertEqual(worker.wait(), 0, worker.output())
        self.assertEqual(self.sqs.messages(queue), (3, 0), worker.output())
        self.assertFalse((folder / "finished").exists())
        self.assertIn("its message is back in the queue", worker.output())

    def test_the_task_of_a_killed_worker_is_done_by_another(self):
        queue, folder = self.queue(VisibilityTimeout="2"), self.folder()
        self.send(queue, "tests.wait", str(folder))
        first = self.start("tests.slow_worker", queue=queue, CELERY_CONCURRENCY="1")
        wait_until(lambda: (folder / "started").exists(), "the task's start")
        first.kill()
        (folder / "go").touch()
        self.start("tests.slow_worker", queue=queue)
        wait_until(lambda: (folder / "finished").exists(), "the second run")
        wait_until(lambda: self.drained(queue), "the message's deletion")

    def test_a_failing_task_ends_in_the_dead_letter_queue(self):
        dead = self.sqs.create("dead")
        policy = json.dumps({"deadLetterTargetArn": self.sqs.arn(dead), "maxReceiveCount": 2})
        queue = self.queue(VisibilityTimeout="1", RedrivePolicy=policy)
        self.send(queue, "tests.fail")
        worker = self.start("tests.slow_worker", queue=queue)
        wait_until(lambda: self.sqs.messages(dead) == (1, 0), "the dead letter")
        self.assertEqual(worker.output().count("raised unexpected"), 2, worker.output())
