"""pyHanko's API at work: reads one JSON job a line, answers each with the processor time that the work took.

{"op": "sign" | "verify", "file", "count", "trust" (certificate file)} -> {"seconds": processor time of `count` calls}.
{"op": "key", "folder"} makes a P-256 key (key.pem) with a self-signed certificate (cert.pem) for "sign".
Everything that pyHanko lets one prepare once (signer, trust, the file in memory) is prepared outside the measured part.
"""

import datetime
import io
import json
import logging
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

SIGNER = {}


def key(job):
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ada Example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(usage, critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    encoded = private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = {"key": f"{job['folder']}/key.pem", "cert": f"{job['folder']}/cert.pem"}
    with open(files["key"], "wb") as out:
        out.write(encoded)
    with open(files["cert"], "wb") as out:
        out.write(certificate.public_bytes(pem))
    SIGNER["signer"] = signers.SimpleSigner.load(files["key"], files["cert"])
    return {}


def sign(job):
    data = open(job["file"], "rb").read()
    meta = signers.PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    pdf_signer = signers.PdfSigner(meta, SIGNER["signer"], new_field_spec=fields.SigFieldSpec("Signature1"))
    start = time.process_time()
    for _ in range(job["count"]):
        pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)))
    return {"seconds": time.process_time() - start}


def verify(job):
    data = open(job["file"], "rb").read()
    roots = [load_cert_from_pemder(job["trust"])]
    passed = True
    start = time.process_time()
    for _ in range(job["count"]):
        trust = ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
        for signature in PdfFileReader(io.BytesIO(data)).embedded_regular_signatures:
            passed &= validate_pdf_signature(signature, trust).bottom_line
    return {"seconds": time.process_time() - start, "passed": bool(passed)}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps({"key": key, "sign": sign, "verify": verify}[job["op"]](job)), flush=True)


main()
