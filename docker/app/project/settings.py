"""Django's settings. Everything that differs between environments comes from environment variables (README.md)."""

import os
from urllib.parse import urlsplit

import django

from project.environment import Environment
from project.json_logs import logging_config
from project.services import broker, database, static_files

environment = Environment(os.environ)

DEBUG = environment.flag("DJANGO_DEBUG", default=False)
SECRET_KEY = environment.secret("DJANGO_SECRET_KEY", shortest=32)

# Where users reach the application; the service's deployment knows and says it.
PUBLIC_URL = environment.origin("PUBLIC_URL")

ALLOWED_HOSTS = environment.items("DJANGO_ALLOWED_HOSTS")
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname)
if not ALLOWED_HOSTS and not DEBUG:
    environment.required("DJANGO_ALLOWED_HOSTS", takes="the host names served, separated by commas, unless PUBLIC_URL is set")

CSRF_TRUSTED_ORIGINS = environment.origins("DJANGO_CSRF_TRUSTED_ORIGINS")
if PUBLIC_URL:
    CSRF_TRUSTED_ORIGINS.append(PUBLIC_URL)
if django.VERSION < (4, 0):
    # Django 3.2 wants host names here: "example.com", and ".example.com" for "https://*.example.com".
    CSRF_TRUSTED_ORIGINS = [origin.split("://")[-1].lstrip("*") for origin in CSRF_TRUSTED_ORIGINS]

# Behind a load balancer that ends TLS and overwrites X-Forwarded-Proto, as AWS's Application Load Balancer does.
# Redirecting HTTP to HTTPS is the load balancer's job.
SECURE = environment.flag("DJANGO_SECURE", default=PUBLIC_URL.startswith("https://") if PUBLIC_URL else not DEBUG)
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "todo",
]

# The order matters: /status/ is answered before anything that looks at the Host header or the database.
MIDDLEWARE = [
    "project.middleware.request_log",
    "project.middleware.status",
    "project.middleware.database_unavailable",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database(environment)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

static = static_files(environment)
STATIC_URL = static.url
STATIC_BUCKET = static.bucket
# Without a bucket WhiteNoise serves the files from where the applications have them: nothing is collected or copied.
WHITENOISE_USE_FINDERS = not static.bucket
WHITENOISE_AUTOREFRESH = DEBUG
if django.VERSION >= (4, 2):
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": static.storage},
    }
else:
    STATICFILES_STORAGE = static.storage
globals().update(static.options)  # the AWS_... settings of django-storages

CELERY = broker(environment)
# Seconds a stopping worker gives its running tasks. Less than ECS's stop timeout, which is 120 s at most.
WORKER_STOP_GRACE = environment.integer("CELERY_STOP_GRACE", default=100, low=1, high=115)

# gunicorn's (gunicorn.conf.py).
PORT = environment.integer("PORT", default=8000, low=1, high=65535)
WEB_CONCURRENCY = environment.integer("WEB_CONCURRENCY", default=2, low=1, high=64)

LOGGING_CONFIG = "project.json_logs.configure"
LOGGING = logging_config(
    environment.choice("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
)

environment.finish()
