"""Reads settings from environment variables and remembers every mistake, so that all are reported at once."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = ("true", "1", "yes", "on")
FALSE = ("false", "0", "no", "off")


def is_origin(text):
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and text == f"{parts.scheme}://{parts.netloc}"


class Environment:
    """Typed access to a mapping of environment variables. An empty value counts as not set.

    A reader that finds a mistake notes it in `problems` and returns its default, so that reading goes on;
    `finish` raises ImproperlyConfigured with all of them.

        environment = Environment(os.environ)
        port = environment.integer("DATABASE_PORT", default=5432, low=1, high=65535)
        environment.finish()
    """

    def __init__(self, variables):
        self._variables = variables
        self.problems = []

    def text(self, name, default=""):
        return self._variables.get(name, "").strip() or default

    def required(self, name, takes):
        """The value of a variable that has no default. `takes` ends the sentence "NAME is not set: it takes ..."."""
        value = self.text(name)
        if not value:
            self.problem(f"{name} is not set: it takes {takes}")
        return value

    def secret(self, name, shortest):
        """A required value that is never printed, of at least `shortest` characters."""
        value = self.required(name, takes=f"a random secret of at least {shortest} characters")
        if value and len(value) < shortest:
            self.problem(f"{name} has {len(value)} characters: it takes a random secret of at least {shortest}")
        return value

    def flag(self, name, default):
        value = self.text(name).lower()
        if not value:
            return default
        if value not in TRUE + FALSE:
            self.wrong(name, "true or false")
        return value in TRUE

    def integer(self, name, default, low, high):
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            self.wrong(name, f"a whole number from {low} to {high}")
            return default
        return int(value)

    def choice(self, name, default, choices):
        value = self.text(name, default)
        if value not in choices:
            self.wrong(name, "one of " + ", ".join(choices))
            return default
        return value

    def items(self, name):
        """A comma-separated list; spaces around the items do not count."""
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    def origin(self, name):
        """scheme://host[:port], or "" when it is not set."""
        value = self.text(name)
        if value and not is_origin(value):
            self.wrong(name, "an origin such as https://todo.example.com")
            return ""
        return value

    def origins(self, name):
        """A comma-separated list of scheme://host[:port]."""
        origins = self.items(name)
        if not all(is_origin(origin) for origin in origins):
            self.wrong(name, "origins such as https://todo.example.com, separated by commas")
        return origins

    def wrong(self, name, takes):
        self.problem(f'{name} is "{self.text(name)}": it takes {takes}')

    def problem(self, sentence):
        self.problems.append(sentence)

    def finish(self):
        if not self.problems:
            return
        count = len(self.problems)
        lines = [f"{count} setting{'s' if count > 1 else ''} of the environment must be corrected:"]
        lines += [f"  {problem}" for problem in self.problems]
        lines += ["Every variable is described in README.md, under Environment."]
        raise ImproperlyConfigured("\n".join(lines))
