"""Logs as JSON: one object on one line of standard output per record, as CloudWatch Logs Insights reads them."""

import datetime
import json
import logging
import logging.config

# What may be given as logging's `extra` and becomes a field of its own.
FIELDS = ("request",)


class JSONFormatter(logging.Formatter):
    """Formats a record as {"time", "level", "logger", "message"}, with "exception" and the FIELDS when there."""

    def format(self, record):
        created = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        entry = {
            "time": created.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for field in FIELDS:
            # Django puts its own request object into `extra` of some records.
            if isinstance(getattr(record, field, None), (dict, list, int, str)):
                entry[field] = getattr(record, field)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def logging_config(level):
    """The dictionary for logging.config.dictConfig; Django, Celery and gunicorn all log through the root logger."""
    through_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "project.json_logs.JSONFormatter"}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            "django": {**through_root, "level": "INFO"},
            "django.server": through_root,
            # request_log writes one line for every request, with its status; Django's own would repeat it.
            "django.request": {**through_root, "level": "ERROR"},
            "gunicorn.error": {**through_root, "level": "INFO"},
            "gunicorn.access": {"handlers": [], "propagate": False},
            "celery": {**through_root, "level": "INFO"},
            "botocore": {**through_root, "level": "WARNING"},
        },
    }


def configure(config):
    logging.config.dictConfig(config)
    logging.captureWarnings(True)
