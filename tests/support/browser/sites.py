"""The survey door over https, as a proxy with TLS shows it, beside an ordinary page of another site."""

import base64
import hashlib
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import msgspec

HEARD, BARE, STAFF, WEATHER = "heard.test", "bare.test", "staff.test", "weather.test"
"""The survey door; the same behind a proxy that loses its headers; the staff door; where Leave leads."""
NAMES = (HEARD, BARE, STAFF, WEATHER)
_LOST_HEADERS = ("cache-control", "clear-site-data")
_OF_THE_WIRE = ("connection", "content-encoding", "content-length", "host", "transfer-encoding")
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")

SUNNY = '<!doctype html><title>Weather</title><link rel="icon" href="data:,"><h1>Sunny</h1>'
FORM = """<!doctype html><title>Kept</title><link rel="icon" href="data:,">
<form autocomplete="off"><input type="radio" name="core-respect" value="4" autocomplete="off">
<textarea name="should-change" autocomplete="off"></textarea></form>
<p><a class="leave" href="/leave">Leave</a> <a class="thanks" href="/thanks">Thanks</a></p>
<script>document.documentElement.dataset.ran = "yes"</script>"""
"""A form that asks nobody to forget it: what a browser keeps of it, it keeps by itself."""
COMPLETED_FORM = FORM.replace(' autocomplete="off"', "")
_OWN = {"/kept": FORM, "/remembered": COMPLETED_FORM}


class Certificate(msgspec.Struct):
    """Made for one run by the `openssl` program; the keys never leave its folder."""

    authority: Path
    chain: Path
    key: Path
    pin: str
    """The key's fingerprint, by which Chromium can be told to trust it fully."""


class Sites(msgspec.Struct):
    """One port, several names, and who came to the weather page from where."""

    port: int
    certificate: Certificate
    referrers: list[str | None]

    def at(self, name: str, path: str = "/") -> str:
        return f"https://{name}:{self.port}{path}"


def make_certificate(folder: Path) -> Certificate:
    """A throw-away authority and a certificate of the test's names: browsers do less for others."""

    def openssl(*words: str, content: bytes = b"") -> bytes:
        return subprocess.run(
            ("openssl", *words), cwd=folder, input=content, capture_output=True, check=True
        ).stdout

    names = ",".join(f"DNS:{name}" for name in NAMES)
    extensions = f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    (folder / "extensions").write_text(extensions)
    openssl("req", "-x509", *_CURVE, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test")
    openssl("req", *_CURVE, "-keyout", "site.key", "-out", "site.csr", "-subj", f"/CN={HEARD}")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", "extensions")
    openssl("x509", "-req", "-in", "site.csr", *signing, "-out", "site.pem")
    public = openssl("x509", "-in", "site.pem", "-pubkey", "-noout")
    digest = hashlib.sha256(openssl("pkey", "-pubin", "-outform", "der", content=public)).digest()
    pin = base64.b64encode(digest).decode()
    return Certificate(folder / "ca.pem", folder / "site.pem", folder / "site.key", pin)


@contextmanager
def open_sites(folder: Path):
    """Listen on https until the block ends. `stand_before` says where the doors are."""
    sites = Sites(0, make_certificate(folder), [])

    class Front(_Front):
        referrers = sites.referrers

    def stand_before(survey: str, staff: str = "") -> None:
        Front.doors = {STAFF: staff, HEARD: survey, BARE: survey}

    # A thread shakes hands for its own connection: a browser opens some it never uses.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sites.certificate.chain, sites.certificate.key)
    server = _Server(("127.0.0.1", 0), Front)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    sites.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield sites, stand_before
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A browser that hangs up is no error."""


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    doors: dict[str, str]
    referrers: list[str | None]

    def do_GET(self):
        name = (self.headers["Host"] or "").partition(":")[0]
        if name == WEATHER:
            # An icon is asked for by the weather page itself.
            self.referrers += [self.headers["Referer"]] if self.path == "/" else []
            self._answer(200, [("Content-Type", "text/html")], SUNNY.encode())
        elif self.path in _OWN:
            self._answer(200, [("Content-Type", "text/html")], _OWN[self.path].encode())
        else:
            self._pass_on(name)

    do_POST = do_GET  # noqa: N815 - the library's name

    def _pass_on(self, name: str) -> None:
        headers = {key: value for key, value in self.headers.items() if key.lower() not in _OF_THE_WIRE}
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        answer = httpx.request(
            self.command, self.doors[name] + self.path, headers=headers, content=body, timeout=30
        )
        drops = _OF_THE_WIRE + (_LOST_HEADERS if name == BARE else ())
        # As pairs: an answer may set several cookies.
        pairs = [(key, value) for key, value in answer.headers.multi_items() if key not in drops]
        self._answer(answer.status_code, pairs, answer.content)

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for key, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Says nothing."""
