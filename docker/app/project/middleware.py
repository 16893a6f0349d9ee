"""Middleware of every request, outermost first."""

import logging
import time

from django.db import OperationalError
from django.http import JsonResponse

STATUS_PATH = "/status/"

request_logger = logging.getLogger("request")


def request_log(get_response):
    """Logs method, path, status and milliseconds of each request, but not the load balancer's health checks."""

    def middleware(request):
        started = time.monotonic()
        response = get_response(request)
        if request.path == STATUS_PATH and response.status_code == 200:
            return response
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        request_logger.log(
            level,
            "%s %s %d",
            request.method,
            request.path,
            response.status_code,
            extra={
                "request": {
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "ms": round((time.monotonic() - started) * 1000, 1),
                }
            },
        )
        return response

    return middleware


def status(get_response):
    """Answers /status/ from the process alone.

    The load balancer's health check sends the task's private address as Host, which no list of allowed hosts can
    know. So the answer comes before anything looks at the Host header, and it says nothing about the request. It needs
    no database: tasks must not be replaced because Aurora is paused or fails over.
    """

    def middleware(request):
        if request.path != STATUS_PATH:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return JsonResponse({"error": "method not allowed"}, status=405, headers={"Allow": "GET, HEAD"})
        return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    return middleware


class database_unavailable:
    """Answers 503 when no connection to PostgreSQL can be made, for example while Aurora resumes from a pause."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, OperationalError):
            return None
        request_logger.error("the database does not answer", exc_info=exception)
        return JsonResponse(
            {"error": "the database does not answer; try again in a few seconds"},
            status=503,
            headers={"Retry-After": "5"},
        )
