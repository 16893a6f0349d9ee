"""The project's settings, with S3 played by the moto_server at MOTO_URL."""

import os

from project.settings import *  # noqa: F403

AWS_S3_ENDPOINT_URL = os.environ["MOTO_URL"]
