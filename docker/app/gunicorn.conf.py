"""gunicorn's settings."""

from project import start

settings = start.settings()

bind = f"0.0.0.0:{settings.PORT}"
workers = settings.WEB_CONCURRENCY

# Threads, so that a request that waits for Aurora to resume holds up neither others nor the worker's heartbeat.
worker_class = "gthread"
threads = 8
preload_app = True
# The heartbeat file must not be on a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm"
timeout = 60
# Longer than the load balancer's idle timeout of 60 s: the one that closes first must be the load balancer, or requests
# meet a closed connection and become 502.
keepalive = 75
# Running requests may finish after SIGTERM, and newer gunicorns also wait for idle connections to be closed by the load
# balancer. ECS kills after 30 s.
graceful_timeout = 25
# The request log is the application's (project/middleware.py), in JSON.
accesslog = None
errorlog = "-"
logconfig_dict = settings.LOGGING
