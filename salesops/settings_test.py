"""Settings of the test run."""

from salesops import testservices  # noqa: F401  starts the servers and names them in the environment, before the settings read it
from salesops.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Transactional tests empty every table afterwards; the ledger's tables refuse that anywhere else
DATABASES["default"]["OPTIONS"]["options"] += " -c salesops.allow_truncate=on"

# Kinds of jobs that only tests have, in this process and in the worker's
CELERY_INCLUDE = ["tests.support.job_kinds"]

# All tests ask from one address, thousands of times a minute; those of the limits set their own
API_REQUESTS_A_MINUTE = {"person": 600, "address": 10**6}
