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

    def make(self, asked: str) -> str:
        """Answer a page that asks for a new passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        told = AuthenticatorData.create(self._place, self.flags | ATTESTED, self.uses, credential)
        attestation = AttestationObject.create("none", told, {})
        return self._answer(asked, "webauthn.create", {"attestationObject": websafe_encode(attestation)})

    def sign(self, asked: str) -> str:
        """Answer a page that asks who is there."""
        self.uses += 1
        told = AuthenticatorData.create(self._place, self.flags, self.uses)
        client = self._client(asked, "webauthn.get")
        signed = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        more = {"authenticatorData": websafe_encode(told), "signature": websafe_encode(signed)}
        return self._answer(asked, "webauthn.get", more)

    @property
    def _place(self) -> bytes:
        return hashlib.sha256(self.place.encode()).digest()

    def _client(self, asked: str, kind: str) -> bytes:
        challenge = json.loads(asked)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, asked: str, kind: str, more: dict) -> str:
        response = {"clientDataJSON": websafe_encode(self._client(asked, kind)), **more}
        named = websafe_encode(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
