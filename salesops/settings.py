"""Settings, read from the environment; docs/configuration in README.md lists every name."""

import secrets
import socket
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from salesops.embedded import Postgres, Valkey

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("SALESOPS_DATA", default=str(BASE_DIR / "var"))).resolve()
DEMO = env.str("SALESOPS_DEMO", default="yes") != "no"
DEBUG = env.bool("DEBUG", default=False)
# salesops.run keeps one key for all processes; without any, a command signs nothing that outlives it
SECRET_KEY = env.str("SECRET_KEY", default="") or secrets.token_urlsafe(64)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")

# The company
COMPANY_NAME = env.str("COMPANY_NAME", default="Hengyuan Home")
CURRENCY = env.str("CURRENCY", default="CNY")
CURRENCY_SIGN = env.str("CURRENCY_SIGN", default="¥")

INSTALLED_APPS = [
    "salesops.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "tree_queries",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "salesops.kernel",
    "salesops.users",
    "salesops.api",
    "salesops.approvals",
    "salesops.jobs",
    "salesops.notify",
    "salesops.imports",
    "customers",
    "orders",
    "staff",
    "reports",
    "salesops.demo",
    "salesops.backup",
]

MIDDLEWARE = [
    "salesops.watch.requests.WatchedRequests",
    "salesops.web.proxies.TrustedProxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "salesops.web.slashes.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "salesops.web.middleware.WebMiddleware",
    "salesops.users.secondfactor.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "salesops.urls"
WSGI_APPLICATION = "salesops.wsgi.application"
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "salesops.web.context.shell",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Servers: embedded ones are started by salesops.run; commands of manage.py find them while they run
DATABASES = {"default": env.db("DATABASE_URL", default=Postgres(DATA_DIR / "postgresql").url())}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("ATOMIC_REQUESTS", False)
# A host that is gone without a word must not hold a process for the quarter of an hour that TCP gives it
DATABASES["default"].setdefault("OPTIONS", {})
for _name, _value in {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}.items():
    DATABASES["default"]["OPTIONS"].setdefault(_name, _value)
# Nor may the locks of a host that is gone stay: the server lets go of its sessions as soon. What DATABASE_URL says wins
SERVER_LETS_GO = (
    "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30000"
)
DATABASES["default"]["OPTIONS"]["options"] = (
    f"{SERVER_LETS_GO} {DATABASES['default']['OPTIONS'].get('options', '')}".strip()
)
REDIS_URL = env.str("REDIS_URL", default=Valkey(DATA_DIR / "valkey").url())


def broker_url(url: str) -> str:
    """The address of the same server as Celery's transport writes it."""
    if not url.startswith("unix:"):
        return url
    return url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


BROKER_TIMEOUT_SECONDS = 15
CACHES = {
    "default": {
        "BACKEND": "salesops.web.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 5, "socket_timeout": BROKER_TIMEOUT_SECONDS},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a cache that was away at a sign-out would know it still

# Background work
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A broker that is gone without a word: nobody waits for it without end, and a worker finds back to it
    "socket_timeout": BROKER_TIMEOUT_SECONDS,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "socket_keepalive_options": {socket.TCP_KEEPIDLE: 15, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3},
    "health_check_interval": 10,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
# How often what posted is counted for the statistics
FACTS_SECONDS = 5.0
CELERY_BEAT_SCHEDULE = {
    "requeue jobs": {"task": "salesops.jobs.tasks.requeue_jobs", "schedule": 15.0},
    "remove old results": {
        "task": "salesops.jobs.tasks.remove_old_results",
        "schedule": crontab(hour="4", minute="10"),
    },
    "escalate approvals": {"task": "salesops.approvals.tasks.escalate_overdue_requests", "schedule": 60.0},
    "send mail": {"task": "salesops.notify.tasks.send_waiting_mail", "schedule": 30.0},
    "send digests": {"task": "salesops.notify.tasks.send_digests", "schedule": crontab(minute="*/15")},
    "warn of expiring documents": {
        "task": "customers.tasks.warn_of_expiring_attachments",
        "schedule": crontab(hour="6", minute="30"),
    },
    "tell what can be closed": {
        "task": "orders.tasks.tell_of_closing",
        "schedule": crontab(hour="7", minute="0", day_of_month="1,5,10"),
    },
    "settle bills": {"task": "orders.tasks.settle_bills", "schedule": crontab(hour="0,6,12", minute="15")},
    "count marked facts": {
        "task": "orders.tasks.count_marked_facts",
        "schedule": FACTS_SECONDS,
        "options": {"expires": FACTS_SECONDS},
    },
    "count all facts": {"task": "orders.tasks.count_all_facts", "schedule": crontab(hour="3,4,5", minute="25")},
    "issue statistics": {"task": "reports.tasks.issue_due_statistics", "schedule": crontab(minute="5")},
    "prove the books": {"task": "orders.tasks.prove_books", "schedule": crontab(hour="2", minute="40")},
    "forget old sign-ins": {
        "task": "salesops.users.tasks.forget_old_sign_ins",
        "schedule": crontab(hour="4", minute="20"),
    },
    "forget old answers": {
        "task": "salesops.api.tasks.forget_old_answers",
        "schedule": crontab(hour="3", minute="40"),
    },
    "reconsider limits": {"task": "orders.tasks.reconsider_limits", "schedule": crontab(hour="0", minute="5")},
}
# A running job that gave no sign of life for so long has lost its worker
JOB_STALE_SECONDS = env.int("JOB_STALE_SECONDS", default=60)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# People signing in
AUTHENTICATION_BACKENDS = [
    "salesops.users.signin.demo.NoDemoOutsideDemo",
    "salesops.users.signin.backend.PeopleBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "salesops.users.signin.demo.NotTheDemoPassword"},
]
LOGIN_URL = "users:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "users:sign_in"
SIGN_INS_KEPT_DAYS = env.int("SIGN_INS_KEPT_DAYS", default=365)
OTP_TOTP_ISSUER = COMPANY_NAME
OTP_TOTP_THROTTLE_FACTOR = 0  # salesops.users.signin.throttle counts tries; locking the device would lock its owner out
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# How many days the lines of an agent's ledger and ours may lie apart to be matched by their amount; docs/matching.md
LEDGER_MATCH_DAYS = min(env.int("LEDGER_MATCH_DAYS", default=7), 60)

# The month that quarters, halves and years of statistics are counted from
FISCAL_YEAR_FIRST_MONTH = min(max(env.int("FISCAL_YEAR_FIRST_MONTH", default=1), 1), 12)
# A customer without deliveries for so many whole months is lost; docs/statistics.md
LOST_AFTER_MONTHS = max(env.int("LOST_AFTER_MONTHS", default=6), 1)
# The hour from which statistics are issued on the first working day after a period; docs/statistics-issued.md
STATISTICS_HOUR = min(max(env.int("STATISTICS_HOUR", default=7), 0), 23)

# The API; docs/api.md
API_REQUESTS_A_MINUTE = {
    "person": env.int("API_REQUESTS_PER_PERSON", default=600),
    "address": env.int("API_REQUESTS_PER_ADDRESS", default=3_000),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["salesops.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["salesops.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "salesops.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "salesops.api.errors.answer_error",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SalesOps API",
    "DESCRIPTION": "The work of the pages, for programs: the same services, scope and rules. Amounts are text with two"
    " decimals in the company's currency, tax included unless said otherwise; days are ISO dates.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "salesops.api.schema.close_inputs",
    ],
    "ENUM_NAME_OVERRIDES": {
        "DeliveryState": "orders.deliveries.models.State",
        "RequestState": "salesops.approvals.models.RequestState",
        "JobState": "salesops.jobs.models.JobState",
        "CustomerKind": "customers.files.models.Kind",
        "AdjustmentKind": "orders.adjustments.models.Kind",
        "AdjustmentReason": "orders.adjustments.models.Reason",
        "AdjustmentState": "orders.adjustments.models.AdjustmentState",
        "BankFileState": "orders.bankfiles.models.BankFileState",
        "BankLineState": "orders.bankfiles.models.LineState",
        "BillKind": "orders.bills.models.BillKind",
        "BillState": "orders.bills.models.BillState",
        "DisputeKind": "orders.collections.models.DisputeKind",
        "DisputeState": "orders.collections.models.DisputeState",
        "PromiseState": "orders.collections.models.Outcome",
        "DifferenceReason": "orders.reconciliation.models.DifferenceReason",
        "DifferenceKind": "orders.reconciliation.models.DifferenceKind",
        "DifferenceState": "orders.reconciliation.models.DifferenceState",
        "InvitationState": "customers.portal.models.InvitationState",
        "LedgerState": "orders.matching.models.LedgerState",
        "ReconciliationState": "orders.reconciliation.models.ReconciliationState",
        "StatisticSpan": "reports.statistics.models.Span",
        "StatisticDimension": "reports.statistics.measures.DIMENSION_KEYS",
        "StatisticMeasure": "reports.statistics.measures.MEASURE_KEYS",
    },
}

# Words and dates
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
FORMAT_MODULE_PATH = "salesops.formats"

# Files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "salesops.web.vendor.VendorFinder",
]
NODE_MODULES = BASE_DIR / "node_modules"
VENDOR_FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "vendor/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/tabler.min.js.map": "@tabler/core/dist/js/tabler.min.js.map",
    "vendor/echarts.min.js": "echarts/dist/echarts.min.js",
    "vendor/echarts-langZH.js": "echarts/i18n/langZH.js",
    "vendor/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "vendor/swagger-ui.css.map": "swagger-ui-dist/swagger-ui.css.map",
    "vendor/swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "vendor/tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "vendor/tom-select.complete.min.js.map": "tom-select/dist/js/tom-select.complete.min.js.map",
    "vendor/tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "vendor/tom-select.bootstrap5.min.css.map": "tom-select/dist/css/tom-select.bootstrap5.min.css.map",
}
VENDOR_FOLDERS = {"vendor/inter/": "@fontsource-variable/inter/"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = Path(env.str("SALESOPS_FILES", default=str(DATA_DIR / "files"))).resolve()
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
IMPORT_MAX_BYTES = 100 * 1024 * 1024
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024

# Mail: without EMAIL_URL nothing leaves, and the outbox page shows what would have gone
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    globals().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="salesops@localhost")

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
TLS = env.bool("SALESOPS_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^(live/|ready/|metrics)$"]  # asked over loopback by what watches the process
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
# Who may say for whom a request is: with TLS a proxy stands in front, on this machine unless it is named
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1", "unix"] if TLS else [])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# Who watches over the processes
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT is line or json, not {LOG_FORMAT!r}")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "salesops.watch.logs.Lines",
            "format": "{asctime} {levelname} {name} [{request_id}]: {message}",
            "style": "{",
        },
        "json": {"()": "salesops.watch.logs.JsonLines"},
    },
    "filters": {"no faults": {"()": "salesops.watch.logs.NoFaults"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["no faults"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # For programs every request has its line; people are spared them until LOG_LEVEL asks for them
    "loggers": {"salesops.access": {"level": "INFO" if LOG_FORMAT == "json" else "NOTSET"}},
}

PGHISTORY_DEFAULT_TRACKERS: tuple[object, ...] = ()
DJANGO_TABLES2_TEMPLATE = "web/table.html"
