"""Certificates and their keys, as files."""

import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from token_world import b64


class Paper:
    """A certificate and its key as files; `issuer` signs it, or it signs itself."""

    def __init__(self, folder, name, issuer=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        signer = issuer or self
        self.certificate = (
            x509.CertificateBuilder(signer.name, self.name, self.key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .sign(signer.key, hashes.SHA256())
        )  # fmt: skip
        self.file = folder / f"{name}.pem"
        encoding = serialization.Encoding.PEM
        secret = self.key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.file.write_bytes(self.certificate.public_bytes(encoding) + secret)

    @property
    def thumbprint(self):
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return b64(hashlib.sha256(der).digest())
