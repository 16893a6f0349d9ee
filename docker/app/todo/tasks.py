"""Background tasks. SQS may deliver a message twice, so each of them can be repeated without harm."""

import logging

from celery import shared_task

from todo.models import Item

logger = logging.getLogger(__name__)


@shared_task
def mark_overdue():
    """Mark the items whose day has passed. Returns how many were marked."""
    marked = Item.objects.late().filter(overdue=False).update(overdue=True)
    logger.info("marked %d items as overdue", marked)
    return marked


@shared_task(name="smoke_test")
def smoke_test():
    """Do nothing. A deployment is tested by sending this, and seeing that a worker takes it."""
    logger.info("a smoke test has reached the worker")
