"""A provider of OpenID Connect on loopback, which lets everybody in as the same reader.

Belongs here: as much of the protocol as a login with a code needs. A code is good for one token,
and only with the client's password.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT: Final = "ops-tower"
PASSWORD: Final = "known-to-the-provider"  # noqa: S105, of this test alone
READER: Final = "reader@example.com"


class Provider(BaseHTTPRequestHandler):
    """Metadata, the page that logs in, the exchange of a code for a token, and the public key."""

    key: RSAKey
    issuer: str
    nonces: dict[str, str]

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        match address.path:
            case "/.well-known/openid-configuration":
                self._answer(self._metadata())
            case "/keys":
                self._answer({"keys": [self.key.as_dict(private=False)]})
            case "/authorize":
                code = secrets.token_urlsafe()
                self.nonces[code] = asked["nonce"]
                self.send_response(302)
                back = urlencode({"code": code, "state": asked["state"]})
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = base64.b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()
        nonce = self.nonces.pop(form["code"][0], None)
        if nonce is None or self.headers["Authorization"] != f"Basic {known}":
            self.send_error(401)
            return
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 300}
        token = jwt.encode(
            {"alg": "RS256", "kid": self.key.kid},
            {**claims, "nonce": nonce, "email": READER},
            self.key,
        )
        self._answer({"access_token": "none", "token_type": "Bearer", "id_token": token})

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _answer(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@contextmanager
def provider() -> Iterator[str]:
    """Serve one until the block ends: the address of its metadata."""
    key = RSAKey.generate_key(2048, {"kid": "1"})
    handler = type("OneProvider", (Provider,), {"key": key, "nonces": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"{handler.issuer}/.well-known/openid-configuration"
        finally:
            server.shutdown()
