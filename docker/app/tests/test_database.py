"""A password that is rotated while the process runs, against a real PostgreSQL."""

import json
from unittest import mock

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError
from django.db import OperationalError, connection
from django.test import SimpleTestCase, TransactionTestCase

from project.database import base, secret
from tests import processes

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!cluster-abc-AbCdEf"


class NotFound(ClientError):
    def __init__(self):
        super().__init__({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")


class FakeSecretsManager:
    """Answers get_secret_value as Secrets Manager does; `stages` maps a version stage to a password."""

    class exceptions:
        ResourceNotFoundException = NotFound

    def __init__(self, **stages):
        self.stages = stages
        self.reads = []

    def get_secret_value(self, SecretId, VersionStage):
        assert SecretId == ARN
        self.reads.append(VersionStage)
        if VersionStage not in self.stages:
            raise NotFound()
        return {"SecretString": json.dumps({"username": "rotated", "password": self.stages[VersionStage]})}


class RotationTest(TransactionTestCase):
    def setUp(self):
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE IF EXISTS rotated")
            cursor.execute("CREATE ROLE rotated SUPERUSER LOGIN PASSWORD 'first'")
        self.own = dict(connection.settings_dict)
        self.addCleanup(self.restore)
        self.secret = FakeSecretsManager(AWSCURRENT="first")
        patch = mock.patch.object(secret, "secrets_manager", return_value=self.secret)
        self.client_factory = patch.start()
        self.addCleanup(patch.stop)
        base.process_credentials.cache_clear()

    def restore(self):
        connection.close()
        connection.settings_dict.update(self.own)
        base.process_credentials.cache_clear()
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE rotated")

    def start_with(self, password, arn=ARN, user="rotated"):
        connection.close()
        connection.settings_dict.update(USER=user, PASSWORD=password, SECRET_ARN=arn)

    def alter_password(self, password):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE rotated PASSWORD '{password}'")
        connection.close()

    def request(self):
        """One request on a connection of its own, as with DATABASE_CONN_MAX_AGE=0."""
        response = self.client.get("/api/items/")
        connection.close()
        return response.status_code

    def test_the_next_request_after_a_rotation_succeeds(self):
        self.start_with("first")
        self.assertEqual(self.request(), 200)
        self.assertEqual(self.secret.reads, [])
        self.alter_password("second")
        self.secret.stages["AWSCURRENT"] = "second"
        self.assertEqual(self.request(), 200)
        self.assertEqual(self.request(), 200)
        self.assertEqual(self.secret.reads, ["AWSCURRENT"], "read once, then kept by the process")

    def test_every_later_rotation_too(self):
        self.start_with("first")
        for password in ("second", "third"):
            self.alter_password(password)
            self.secret.stages["AWSCURRENT"] = password
            self.assertEqual(self.request(), 200)

    def test_in_the_middle_of_a_rotation_the_pending_password_is_used(self):
        self.start_with("first")
        self.alter_password("second")
        self.secret.stages["AWSPENDING"] = "second"
        self.assertEqual(self.request(), 200)
        self.assertEqual(self.secret.reads, ["AWSCURRENT", "AWSPENDING"])

    def test_without_a_password_the_secret_is_read_first(self):
        self.start_with("", user="")
        self.assertEqual(self.request(), 200)
        self.assertEqual(self.request(), 200)
        self.assertEqual(self.secret.reads, ["AWSCURRENT"])

    def test_a_secret_that_does_not_help_is_tried_once(self):
        self.start_with("wrong")
        self.secret.stages["AWSCURRENT"] = "wrong too"
        with mock.patch.object(
            base.postgresql.DatabaseWrapper,
            "get_new_connection",
            autospec=True,
            side_effect=base.postgresql.DatabaseWrapper.get_new_connection,
        ) as attempts:
            with self.assertRaisesRegex(OperationalError, "password authentication failed"):
                connection.ensure_connection()
        self.assertEqual(attempts.call_count, 2)
        self.assertEqual(self.secret.reads, ["AWSCURRENT"])

    def test_an_unchanged_secret_is_not_tried_again(self):
        self.start_with("wrong")
        self.secret.stages["AWSCURRENT"] = "wrong"
        with self.assertRaisesRegex(OperationalError, "password authentication failed"):
            connection.ensure_connection()
        self.assertEqual(self.secret.reads, ["AWSCURRENT", "AWSPENDING"])

    def test_a_secret_that_cannot_be_read_leaves_the_refusal(self):
        self.start_with("wrong")
        self.client_factory.side_effect = EndpointConnectionError(endpoint_url="https://example.com")
        with self.assertLogs("database", "ERROR"):
            with self.assertRaisesRegex(OperationalError, "password authentication failed"):
                connection.ensure_connection()

    def test_no_password_and_no_secret_to_be_read_is_unavailable(self):
        self.start_with("", user="")
        self.client_factory.side_effect = EndpointConnectionError(endpoint_url="https://example.com")
        with self.assertLogs(level="ERROR"):
            self.assertEqual(self.request(), 503)

    def test_without_an_arn_nothing_is_read(self):
        self.start_with("wrong", arn="")
        with self.assertRaisesRegex(OperationalError, "password authentication failed"):
            connection.ensure_connection()
        self.client_factory.assert_not_called()

    def test_other_failures_of_the_login_do_not_read_the_secret(self):
        self.start_with("first")
        with mock.patch.dict(connection.settings_dict, {"NAME": "no_such_database"}):
            with self.assertRaisesRegex(OperationalError, "does not exist"):
                connection.ensure_connection()
        self.assertEqual(self.secret.reads, [])

    def test_the_secret_as_secrets_manager_serves_it(self):
        with processes.moto() as url:
            client = boto3.client(
                "secretsmanager",
                endpoint_url=url,
                region_name="eu-west-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
            arn = client.create_secret(
                Name="database", SecretString=json.dumps({"username": "rotated", "password": "second"})
            )["ARN"]
            self.client_factory.return_value = client
            self.alter_password("second")
            self.start_with("first", arn=arn)
            self.assertEqual(self.request(), 200)
            # Unlike the fake, the real client raises its own exception for a stage that does not exist.
            self.alter_password("third")
            with self.assertLogs(level="ERROR"):
                self.assertEqual(self.request(), 503)


class SecretTest(SimpleTestCase):
    def test_the_secret_is_asked_for_in_its_own_region(self):
        client = secret.secrets_manager("arn:aws:secretsmanager:ap-south-1:123456789012:secret:x-AbCdEf")
        self.assertEqual(client.meta.region_name, "ap-south-1")

    def test_the_password_is_not_shown(self):
        self.assertNotIn("hunter2", repr(base.Credentials("todo", "hunter2")))
