"""pyHanko's API at work: reads one JSON job a line, answers each with the processor time that the work took.

{"op": "sign" | "verify", "file", "count", "trust" (certificate file)} -> {"seconds": processor time of `count` calls}.
{"op": "archive", "file", "out", "folder", "signatures"} makes a B-LTA file: so many signatures of one signer, each with a
signature timestamp, then validation data of all and a document timestamp; root.pem is its anchor.
{"op": "verify-archive", "file", "count", "trust"} judges the first signature by the profile for B-LTA.
{"op": "mature", "files", "tsa" (URL), "trust"} takes signed files to B-LTA over HTTP -> {"seconds": on the wall}.
{"op": "key", "folder"} makes a P-256 key (key.pem) with a self-signed certificate (cert.pem) for "sign".
Everything that pyHanko lets one prepare once (signer, trust, the file in memory) is prepared outside the measured part.
"""

import asyncio
import datetime
import io
import json
import logging
import sys
import time

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.timestamps.aiohttp_client import AIOHttpTimeStamper
from pyhanko.sign.validation import async_add_validation_info, validate_pdf_signature
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

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


DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc)
# When archives were signed; validation data came an hour later, the document timestamp two.
SIGNED = NOW - 2 * DAY
USAGES = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]


def certificate(title, key, issuer, usage, purpose=None):
    """One certificate; "issuer" is (certificate, key), nothing for a root."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, title)])
    above, signing_key = issuer or (None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above.subject if above else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SIGNED - 30 * DAY)
        .not_valid_after(SIGNED + 300 * DAY)
        .add_extension(x509.BasicConstraints("key_cert_sign" in usage, None), critical=True)
        .add_extension(x509.KeyUsage(**{one: one in usage for one in USAGES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return builder.sign(signing_key, hashes.SHA256())


def revocation_list(certificate, key):
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(certificate.subject)
        .last_update(SIGNED + DAY / 24)
        .next_update(SIGNED + 30 * DAY)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def signer_of(folder, name, certificate, key, chain):
    """pyHanko's form of a key with its certificates."""
    place = f"{folder}/{name}.p12"
    with open(place, "wb") as out:
        encryption = serialization.BestAvailableEncryption(b"secret")
        out.write(pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, chain, encryption))
    return signers.SimpleSigner.load_pkcs12(place, passphrase=b"secret")


def archive(job):
    folder, authority_usage = job["folder"], ["key_cert_sign", "crl_sign"]
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    # pyHanko's own stamper knows RSA only.
    keys.append(rsa.generate_private_key(public_exponent=65537, key_size=3072))
    root = certificate("Archive Root", keys[0], None, authority_usage)
    issuing = certificate("Archive CA", keys[1], (root, keys[0]), authority_usage)
    person = certificate("Ada Archive", keys[2], (issuing, keys[1]), ["digital_signature", "content_commitment"])
    unit = certificate("Archive TSA", keys[3], (issuing, keys[1]), ["digital_signature"],
                       x509.ExtendedKeyUsageOID.TIME_STAMPING)
    with open(f"{folder}/archive-root.pem", "wb") as out:
        out.write(root.public_bytes(serialization.Encoding.PEM))
    signer = signer_of(folder, "person", person, keys[2], [issuing, root])
    stamper = signer_of(folder, "unit", unit, keys[3], [issuing, root])
    tsa, later = [
        timestamps.DummyTimeStamper(stamper.signing_cert, stamper.signing_key,
                                    certs_to_embed=stamper.cert_registry, fixed_dt=at)
        for at in (SIGNED, SIGNED + DAY / 12)
    ]
    known = ValidationContext(
        trust_roots=[load_cert_from_pemder(f"{folder}/archive-root.pem")], other_certs=list(signer.cert_registry),
        crls=[revocation_list(root, keys[0]), revocation_list(issuing, keys[1])], allow_fetching=False,
        moment=SIGNED + DAY / 12, revocation_mode="soft-fail",
    )
    signed = io.BytesIO(open(job["file"], "rb").read())
    for number in range(job["signatures"]):
        last = number + 1 == job["signatures"]
        meta = signers.PdfSignatureMetadata(
            field_name=f"Signature{number + 1}", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES,
            embed_validation_info=last, validation_context=known if last else None,
        )
        signed = signers.PdfSigner(meta, signer, timestamper=tsa).sign_pdf(IncrementalPdfFileWriter(signed))
        if number + 1 in job.get("save", []):
            save(signed, f"{folder}/timestamped-{number + 1}.pdf")
    stamps = signers.PdfTimeStamper(later, field_name="Archive")
    save(stamps.timestamp_pdf(IncrementalPdfFileWriter(signed), "sha256", known), job["out"])
    return {}


def save(signed, place):
    with open(place, "wb") as out:
        out.write(signed.getbuffer())


def verify_archive(job):
    data = open(job["file"], "rb").read()
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([load_cert_from_pemder(job["trust"])]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=LocalKnowledge(),
    ))
    timing = ValidationTimingInfo(NOW, NOW, point_in_time_validation=True)
    passed = True
    start = time.process_time()
    for _ in range(job["count"]):
        signature = PdfFileReader(io.BytesIO(data)).embedded_regular_signatures[0]
        result = asyncio.run(ades_lta_validation(signature, spec, timing))
        passed &= result.ades_subindic.status.name == "PASSED"
    return {"seconds": time.process_time() - start, "passed": bool(passed), "said": result.failure_msg}


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


async def mature_one(job, name, trust, session):
    """From B-B to B-LTA as `pyhanko sign ltvfix` and a document timestamp before and after do it."""
    stamps = signers.PdfTimeStamper(AIOHttpTimeStamper(job["tsa"], session))

    def known():
        return ValidationContext(trust_roots=trust, allow_fetching=True, revocation_mode="hard-fail",
                                 retroactive_revinfo=True, fetcher_backend=AIOHttpFetcherBackend(session))

    signed = io.BytesIO(open(name, "rb").read())
    signed = await stamps.async_timestamp_pdf(IncrementalPdfFileWriter(signed), "sha256")
    signature = PdfFileReader(signed).embedded_regular_signatures[0]
    signed = await async_add_validation_info(signature, known(), output=io.BytesIO())
    signed = await stamps.async_timestamp_pdf(IncrementalPdfFileWriter(signed), "sha256", known())
    with open(name, "wb") as out:
        out.write(signed.getbuffer())


async def mature_all(job):
    trust = [load_cert_from_pemder(job["trust"])]
    async with aiohttp.ClientSession() as session:
        start = time.monotonic()
        for name in job["files"]:
            await mature_one(job, name, trust, session)
        return {"seconds": time.monotonic() - start}


def mature(job):
    return asyncio.run(mature_all(job))


OPERATIONS = {"mature": mature, "key": key, "sign": sign, "verify": verify, "archive": archive, "verify-archive": verify_archive}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(OPERATIONS[job["op"]](job)), flush=True)


main()
