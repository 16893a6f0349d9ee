"""A worker with tasks that the tests steer by files: python3 -m tests.slow_worker."""

import time
from pathlib import Path

from project import start

start.settings()

from project import worker  # noqa: E402
from project.celery import app  # noqa: E402


@app.task(name="tests.wait")
def wait(folder):
    """Says that it has started, and waits for the file "go"."""
    with open(Path(folder, "started"), "a") as started:
        started.write("started\n")
    while not Path(folder, "go").exists():
        time.sleep(0.05)
    Path(folder, "finished").touch()


@app.task(name="tests.fail")
def fail():
    raise RuntimeError("this task always fails")


if __name__ == "__main__":
    worker.main()
