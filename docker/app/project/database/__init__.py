"""A Django database backend for PostgreSQL whose password may change while the process runs (see base.py)."""
