"""Asks ECS not to stop this task while it works on messages, and to stop it again when it does not.

A service that scales in, or is deployed, stops any of its tasks, not an idle one by choice. Protection ends by itself
after the time that the longest task may take, should the worker die without a word. A worker that is busy for longer
than that lets it end and asks again only after a pause, so that a deployment can stop it between two tasks or, with its
messages given back, within one: otherwise a queue that is never empty would hold up every deployment.

Without ECS_AGENT_URI, which ECS sets, there is nobody to ask, and nothing is done.
"""

import json
import logging
import math
import threading
import time
import urllib.request

logger = logging.getLogger("worker")

LOOK = 1  # seconds between two looks at what is being worked on
PAUSE = 60  # seconds without protection after it has ended by itself, or after ECS has refused it
TIMEOUT = 5  # seconds for ECS to answer


class TaskProtection:
    """Keeps ECS's view of this task up to date. `busy` tells whether there is work.

    protection = TaskProtection(agent_uri, longest_task, busy=lambda: bool(requests))
    protection.start()
    """

    def __init__(self, agent_uri, longest_task, busy, clock=time.monotonic):
        self._url = f"{agent_uri}/task-protection/v1/state"
        self._minutes = max(1, math.ceil(longest_task / 60))  # ECS takes 1 to 2880
        self._busy = busy
        self._clock = clock
        self._ends = None  # when the protection ends by itself
        self._not_before = 0  # no protection is asked for before

    def start(self):
        threading.Thread(target=self._run, name="task-protection", daemon=True).start()

    def _run(self):
        while True:
            self.look()
            time.sleep(LOOK)

    def look(self):
        """Ask for what the work at this moment needs, if ECS does not know it yet."""
        now, busy = self._clock(), self._busy()
        if self._ends is not None and now >= self._ends:
            self._ends, self._not_before = None, now + PAUSE
        if busy and self._ends is None and now >= self._not_before:
            if self._ask(ProtectionEnabled=True, ExpiresInMinutes=self._minutes):
                self._ends = now + self._minutes * 60
            else:
                self._not_before = now + PAUSE
        elif not busy and self._ends is not None and self._ask(ProtectionEnabled=False):
            self._ends = None

    def _ask(self, **state):
        request = urllib.request.Request(
            self._url, json.dumps(state).encode(), {"Content-Type": "application/json"}, method="PUT"
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                answer = json.load(response)
        except (OSError, ValueError) as problem:
            logger.warning("ECS did not take the task protection %s: %s", state, problem)
            return False
        if answer.get("failure") or answer.get("error"):
            logger.warning("ECS refused the task protection %s: %s", state, answer)
            return False
        return True
