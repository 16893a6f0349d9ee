"""The settings of the services outside: PostgreSQL, the static files' bucket, the SQS queue."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SECRET_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+")


def database(environment):
    """The entry of Django's DATABASES.

    The user and the password come from DATABASE_USER and DATABASE_PASSWORD, from the secret DATABASE_SECRET_ARN,
    or from both: then the secret is read when PostgreSQL refuses what the variables say (project/database).
    """
    secret_arn = environment.text("DATABASE_SECRET_ARN")
    if secret_arn and not SECRET_ARN.fullmatch(secret_arn):
        environment.wrong("DATABASE_SECRET_ARN", "the full ARN of a Secrets Manager secret")

    if secret_arn:
        user, password = environment.text("DATABASE_USER"), environment.text("DATABASE_PASSWORD")
    else:
        user = environment.required("DATABASE_USER", takes="a PostgreSQL role, or set DATABASE_SECRET_ARN")
        password = environment.required("DATABASE_PASSWORD", takes="that role's password, or set DATABASE_SECRET_ARN")

    ssl_mode = environment.choice("DATABASE_SSLMODE", default="require", choices=SSL_MODES)
    options = {
        "sslmode": ssl_mode,
        "connect_timeout": environment.integer("DATABASE_CONNECT_TIMEOUT", default=30, low=1, high=300),
        "application_name": "todo",
    }
    root_certificate = environment.text("DATABASE_SSLROOTCERT")
    if root_certificate:
        options["sslrootcert"] = root_certificate
    elif ssl_mode.startswith("verify-"):
        environment.required("DATABASE_SSLROOTCERT", takes=f"the path of a PEM file, because DATABASE_SSLMODE is {ssl_mode}")

    return {
        "ENGINE": "project.database",
        "HOST": environment.required("DATABASE_HOST", takes="a host name, or the directory of a Unix socket"),
        "PORT": environment.integer("DATABASE_PORT", default=5432, low=1, high=65535),
        "NAME": environment.required("DATABASE_NAME", takes="the name of a PostgreSQL database"),
        "USER": user,
        "PASSWORD": password,
        # 0 closes the connection after each request: Aurora pauses only when nobody is connected.
        "CONN_MAX_AGE": environment.integer("DATABASE_CONN_MAX_AGE", default=0, low=0, high=86400),
        "OPTIONS": options,
        "SECRET_ARN": secret_arn,
    }


def aws_endpoint(environment):
    """What plays AWS on a developer's machine; "" for AWS itself. Debian's boto3 does not yet look at the variable itself."""
    return environment.origin("AWS_ENDPOINT_URL")


class StaticFiles(NamedTuple):
    bucket: str
    url: str
    storage: str
    options: dict  # django-storages' settings


def static_files(environment):
    """Where static files are stored and which URL they have.

    With STATIC_BUCKET the release collects them into that bucket under static/, and browsers get them from
    STATIC_HOST (a CloudFront domain, for example); without one, the application serves them itself.
    """
    bucket = environment.text("STATIC_BUCKET")
    host = environment.text("STATIC_HOST")
    url = environment.text("STATIC_URL", "/static/")
    if not url.endswith("/"):
        environment.wrong("STATIC_URL", "a URL or a path that ends with /")
    if host and not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", host):
        environment.wrong("STATIC_HOST", "a host name without scheme or path")

    if not bucket:
        if host:
            environment.problem(f"STATIC_HOST is {host} and STATIC_BUCKET is not set: set both or neither")
        return StaticFiles("", url, "django.contrib.staticfiles.storage.StaticFilesStorage", {})

    environment.required("STATIC_HOST", takes=f"the host name that serves the bucket {bucket}")
    # Only on a developer's own machine there is nobody with a certificate.
    scheme = "http" if host.split(":")[0] == "localhost" else "https"
    options = {
        "AWS_STORAGE_BUCKET_NAME": bucket,
        "AWS_S3_REGION_NAME": environment.required("AWS_REGION", takes="the region of STATIC_BUCKET"),
        "AWS_S3_CUSTOM_DOMAIN": host,
        "AWS_S3_URL_PROTOCOL": f"{scheme}:",
        "AWS_S3_ENDPOINT_URL": aws_endpoint(environment) or None,
        "AWS_LOCATION": "static",
        "AWS_QUERYSTRING_AUTH": False,
        "AWS_DEFAULT_ACL": None,  # the bucket's owner owns everything in it
        "AWS_S3_OBJECT_PARAMETERS": {"CacheControl": "public, max-age=3600"},
    }
    return StaticFiles(bucket, f"{scheme}://{host}/static/", "storages.backends.s3boto3.S3StaticStorage", options)


def broker(environment):
    """Celery's settings for one SQS queue that exists already.

    The queue's visibility timeout is what decides how long a task may run: SQS hands the message to another
    worker when it is over. CELERY_VISIBILITY_TIMEOUT must say what the queue was created with; a task is ended
    ten seconds before that.
    """
    queue_url = environment.text("CELERY_QUEUE_URL")
    visibility_timeout = environment.integer("CELERY_VISIBILITY_TIMEOUT", default=300, low=30, high=43200)
    settings = {
        "accept_content": ["json"],
        "task_ignore_result": True,
        # A message is deleted when its task has succeeded, not when it is received.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        # A failed task's message stays in the queue, comes back, and moves to the dead-letter queue after some tries.
        "task_acks_on_failure_or_timeout": False,
        "task_time_limit": visibility_timeout - 10,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": environment.integer("CELERY_CONCURRENCY", default=2, low=1, high=64),
        # Remote control and events need queues of their own, which nobody reads.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        # The retries of the first connection; a worker without its queue ends, and ECS starts another.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": 5,
        "task_publish_retry_policy": {"max_retries": 2, "interval_start": 0.2, "interval_step": 0.5},
    }
    if not queue_url:
        return settings

    parts = urlsplit(queue_url)
    queue = parts.path.rsplit("/", 1)[-1]
    if parts.scheme not in ("http", "https") or not parts.hostname or not queue:
        environment.wrong("CELERY_QUEUE_URL", "the URL of an SQS queue")
        return settings
    settings.update(
        # The host of the queue is the endpoint. Without a user in the URL boto3 finds the task role's credentials.
        broker_url=f"sqs://{parts.netloc}",
        task_default_queue=queue,
        broker_transport_options={
            "region": environment.required("AWS_REGION", takes="the region of CELERY_QUEUE_URL"),
            "is_secure": parts.scheme == "https",
            "predefined_queues": {queue: {"url": queue_url}},
            "visibility_timeout": visibility_timeout,
            "wait_time_seconds": 20,
            "client-config": {"connect_timeout": 3, "read_timeout": 30, "retries": {"max_attempts": 3}},
        },
    )
    return settings
