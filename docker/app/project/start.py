"""What every entry point (web, worker, release, manage.py) does first."""

import os
import sys


def settings():
    """Load Django's settings and return them.

    Wrong settings end the process with exit code 78 (EX_CONFIG of sysexits.h) and one line for each of
    them on standard error. A traceback would bury those lines, and the settings are never the code's fault.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        settings.configured or settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(os.EX_CONFIG)
    return settings
