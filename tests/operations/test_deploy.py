"""What deploy/ delivers, tried on a real nginx before a real gunicorn."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from salesops.embedded.processes import start_process, stop_process, wait_until_ready
from salesops.imports.limits import MOST_BYTES
from tests.support.servers import url_of_database

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
ROUND = "events {{}}\nerror_log {0}/error.log;\npid {0}/nginx.pid;\nhttp {{\naccess_log off;\n{1}\n{2}\n}}\n"
UPLOAD = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nFILE\r\n--limit--\r\n'
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass
class Site:
    """Where nginx listens, and what is asked of it there."""

    plain: int
    tls: int
    trusted: ssl.SSLContext

    def ask(self, method: str, path: str, *, tls: bool = True, upload: int = 0) -> http.client.HTTPResponse:
        """The answer to one request, with a file of so many bytes where there is an upload."""
        if tls:
            asking: http.client.HTTPConnection = http.client.HTTPSConnection(
                "localhost", self.tls, context=self.trusted, timeout=30
            )
        else:
            asking = http.client.HTTPConnection("localhost", self.plain, timeout=30)
        body = UPLOAD.replace(b"FILE", bytes(upload)) if upload else None
        asking.request(method, path, body, {"Content-Type": "multipart/form-data; boundary=limit"} if body else {})
        return asking.getresponse()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in taken]
    for one in taken:
        one.close()
    return ports


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    """nginx as delivered, with ports, certificate and name of this test, before gunicorn behind TLS."""
    folder = Path(tempfile.mkdtemp(prefix="salesops-nginx-"))
    folder.chmod(0o755)  # nginx's own account passes through
    web_port, plain, tls = free_ports(3)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    request += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(request, check=True, capture_output=True)
    delivered = (DEPLOY / "nginx.conf").read_text()
    for ours, here in {
        "127.0.0.1:8000": f"127.0.0.1:{web_port}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{tls} ssl",
        "sales.example": "localhost",
        "/etc/ssl/salesops/fullchain.pem": str(certificate),
        "/etc/ssl/salesops/key.pem": str(key),
    }.items():
        assert ours in delivered
        delivered = delivered.replace(ours, here)
    places = "\n".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
    (folder / "nginx.conf").write_text(ROUND.format(folder, places, delivered))
    assert NGINX
    nginx = [NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    tried = subprocess.run([*nginx, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    env = os.environ | {
        "DATABASE_URL": url_of_database(str(connection.settings_dict["NAME"])),
        "DJANGO_SETTINGS_MODULE": "salesops.settings",
        "SALESOPS_DEMO": "no",
        "SALESOPS_TLS": "yes",
        "METRICS_TOKEN": "of-the-watch",
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "salesops.wsgi", f"--bind=127.0.0.1:{web_port}", "--threads=2"]
    web = start_process(gunicorn, when_parent_dies=signal.SIGTERM, cwd=ROOT, env=env, log=folder / "web.log")
    front = start_process([*nginx, "-g", "daemon off;"], when_parent_dies=signal.SIGTERM, cwd=folder)
    try:
        wait_until_ready(lambda: listens(web_port), web, name="gunicorn", seconds=60, log=folder / "web.log")
        wait_until_ready(lambda: listens(tls), front, name="nginx", seconds=30)
        yield Site(plain, tls, ssl.create_default_context(cafile=str(certificate)))
    finally:
        stop_process(front, signal.SIGTERM, seconds=15)
        stop_process(web, signal.SIGTERM, seconds=15)
        shutil.rmtree(folder)


@needs_nginx
def test_people_reach_the_product_by_tls_alone_and_uploads_up_to_its_limit(site: Site) -> None:
    plain = site.ask("GET", "/deliveries/?page=2", tls=False)
    assert (plain.status, plain.headers["Location"]) == (301, "https://localhost/deliveries/?page=2")

    page = site.ask("GET", reverse(settings.LOGIN_URL))
    assert page.status == 200
    assert "Secure" in page.headers["Set-Cookie"]
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]

    # Refused by Django, which wants its token, and not by nginx
    assert site.ask("POST", reverse(settings.LOGIN_URL), upload=MOST_BYTES).status == 403
    assert site.ask("POST", reverse(settings.LOGIN_URL), upload=MOST_BYTES + 2**21).status == 413

    for inside in ("/ready/", "/metrics"):
        assert site.ask("GET", inside).status == 404


def test_nginx_closes_idle_connections_before_gunicorn_does() -> None:
    """Else a request that meets the closing is a 502, and a form that was sent is lost."""
    started = re.search(r"^ExecStart=\S+gunicorn (.+)$", (DEPLOY / "salesops-web.service").read_text(), re.M)
    assert started
    command = [sys.executable, "-m", "gunicorn", *started[1].split(), "--print-config"]
    kept = subprocess.run(command, cwd=ROOT, env=os.environ, check=True, capture_output=True, text=True).stdout
    gunicorn = re.search(r"^keepalive\s+= (\d+)$", kept, re.M)
    upstream = re.search(r"upstream salesops {(.+?)\n}", (DEPLOY / "nginx.conf").read_text(), re.S)
    assert gunicorn and upstream
    nginx = re.search(r"keepalive_timeout (\d+)s;", upstream[1])
    assert nginx and int(nginx[1]) < int(gunicorn[1])


@needs_systemd
def test_systemd_understands_every_unit() -> None:
    units = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
    assert len(units) == 5
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True).stderr
    complaints = [line for line in said.splitlines() if "is not executable" not in line]  # the product is not in /opt
    assert complaints == []


def test_the_environment_file_names_settings_that_exist() -> None:
    named = re.findall(r"^([A-Z_]+)=", (DEPLOY / "salesops.env").read_text(), re.M)
    readable = (ROOT / "salesops" / "settings.py").read_text()
    assert [name for name in named if f'"{name}"' not in readable] == []
