"""A passkey in software: what a phone or a security key does when a browser asks it (WebAuthn, ES256)."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Keeps one key. What a test changes is what a stranger or a fault would."""

    def __init__(self, origin: str, place: str) -> None:
        self.origin, self.place = origin, place
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.uses = 0
        self.flags = PRESENT | VERIFIED

    def make(self, options: str) -> str:
        """Answer a page that asks for a new passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        auth_data = AuthenticatorData.create(self._place, self.flags | ATTESTED, self.uses, credential)
        attestation = AttestationObject.create("none", auth_data, {})
        return self._answer(options, "webauthn.create", {"attestationObject": websafe_encode(attestation)})

    def sign(self, options: str) -> str:
        """Answer a page that asks who is there."""
        self.uses += 1
        auth_data = AuthenticatorData.create(self._place, self.flags, self.uses)
        client = self._client(options, "webauthn.get")
        signature = self.key.sign(auth_data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        fields = {"authenticatorData": websafe_encode(auth_data), "signature": websafe_encode(signature)}
        return self._answer(options, "webauthn.get", fields)

    @property
    def _place(self) -> bytes:
        return hashlib.sha256(self.place.encode()).digest()

    def _client(self, options: str, kind: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, options: str, kind: str, fields: dict) -> str:
        response = {"clientDataJSON": websafe_encode(self._client(options, kind)), **fields}
        key_id = websafe_encode(self.id)
        return json.dumps({"id": key_id, "rawId": key_id, "type": "public-key", "response": response})
