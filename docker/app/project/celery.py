"""The Celery application: its queue is the one of CELERY_QUEUE_URL."""

from celery import Celery, signals
from django.conf import settings

from project import json_logs, start

start.settings()

app = Celery("todo", set_as_current=True)
app.config_from_object(settings.CELERY)
app.autodiscover_tasks(["todo"])


class QueueMissing(Exception):
    """A task was to be enqueued, and this process knows no queue."""


def enqueue(task, *args):
    """Send a task to the queue and return its id. Raises QueueMissing without CELERY_QUEUE_URL."""
    if "broker_url" not in settings.CELERY:
        raise QueueMissing(
            "there is no queue for background tasks: set CELERY_QUEUE_URL to the URL of an SQS queue, "
            "and run a worker on it"
        )
    return task.apply_async(args).id


@signals.setup_logging.connect
def log_as_django_does(**_):
    json_logs.configure(settings.LOGGING)
