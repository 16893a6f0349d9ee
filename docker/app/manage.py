#!/usr/bin/env python3
"""Django's command line: python3 manage.py <command>."""

import sys

from project import start


def main():
    start.settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
