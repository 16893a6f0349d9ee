"""The entry point `worker`: a Celery worker that loses no message when it is told to stop.

On SIGTERM the worker takes no more messages and lets running tasks finish. What has not finished after
CELERY_STOP_GRACE seconds is ended and its message made visible again at once, so that another worker need not wait
for the visibility timeout. A worker that is killed leaves that to SQS. On ECS the task is protected from being stopped
while it works (project/protection.py).
"""

import contextlib
import logging
import os
import signal
import sys
import threading

from project import start

logger = logging.getLogger("worker")


def main():
    settings = start.settings()
    if "broker_url" not in settings.CELERY:
        print("CELERY_QUEUE_URL is not set: a worker takes the URL of the SQS queue that it works on", file=sys.stderr)
        sys.exit(os.EX_CONFIG)

    from celery import signals
    from celery.worker import state

    from project.celery import app
    from project.protection import TaskProtection

    agent_uri = os.environ.get("ECS_AGENT_URI")
    if agent_uri:
        protection = TaskProtection(
            agent_uri,
            longest_task=settings.CELERY["task_time_limit"],
            busy=lambda: bool(state.reserved_requests),
        )
        signals.worker_ready.connect(lambda **_: protection.start(), weak=False)

    @signals.worker_shutting_down.connect(weak=False)
    def limit_the_stop(**_):
        # Celery forgets its requests a moment later, when it closes its consumer.
        requests = tuple(state.reserved_requests)
        timer = threading.Timer(settings.WORKER_STOP_GRACE, give_back_and_exit, [requests, settings.CELERY])
        timer.daemon = True
        timer.start()

    # --quiet leaves out the banner, which is not JSON. Workers on SQS cannot see each other: no gossip, no mingle.
    app.worker_main(["--quiet", "worker", "--without-gossip", "--without-mingle", "--without-heartbeat"])


def give_back_and_exit(requests, celery_settings):
    """End the running tasks, return the messages of unfinished requests to the queue, and end this process."""
    try:
        # Halted before the messages are visible again, so that no other worker runs a task beside its first run. Not
        # killed yet: this process would notice, and end before it has given the messages back.
        signal_children(signal.SIGSTOP)
        give_back([request for request in requests if not request.acknowledged], celery_settings)
    finally:
        signal_children(signal.SIGKILL)
        sys.stdout.flush()
        os._exit(0)


def signal_children(number):
    import billiard

    for child in billiard.active_children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)


def give_back(requests, celery_settings):
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    options = celery_settings["broker_transport_options"]
    (queue,) = options["predefined_queues"].values()
    endpoint = "/".join(queue["url"].split("/")[:3])
    sqs = boto3.client("sqs", region_name=options["region"], endpoint_url=endpoint)
    for request in requests:
        receipt = request.message.delivery_tag
        try:
            sqs.change_message_visibility(QueueUrl=queue["url"], ReceiptHandle=receipt, VisibilityTimeout=0)
        except (BotoCoreError, ClientError):
            logger.exception("task %s did not finish in time: SQS returns its message later", request.id)
        else:
            logger.warning("task %s did not finish in time: its message is back in the queue", request.id)


if __name__ == "__main__":
    main()
