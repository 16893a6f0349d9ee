"""The WSGI application that gunicorn serves."""

from project import start

start.settings()

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
