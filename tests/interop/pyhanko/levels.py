"""Every baseline level as pyHanko makes and judges it, at times that the job gives."""

import asyncio
import datetime
import hashlib

from asn1crypto import cms, core, crl, ocsp
from authority import moment
from pyhanko.keys import load_cert_from_pemder, load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation.ades import (ades_basic_validation, ades_lta_validation, ades_timestamp_validation,
                                          ades_with_time_validation)
from pyhanko.sign.validation.policy_decl import (LocalKnowledge, PdfSignatureValidationSpec,
                                                 RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec,
                                                 SignatureValidationSpec)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv import ades_past, poe
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


def octets(path):
    with open(path, "rb") as stream:
        return stream.read()


def stamper(unit):
    """A time-stamping unit: "p12", "p12Password", "at"."""
    signer = signers.SimpleSigner.load_pkcs12(unit["p12"], passphrase=unit["p12Password"].encode())
    return timestamps.DummyTimeStamper(signer.signing_cert, signer.signing_key, certs_to_embed=signer.cert_registry,
                                       fixed_dt=moment(unit["at"]))


def knowledge(step):
    """What is known when a step is done: "trust", "chain", "crl", "ocsp" (files) and "now"."""
    return ValidationContext(
        trust_roots=[load_cert_from_pemder(path) for path in step["trust"]],
        other_certs=list(load_certs_from_pemder(step["chain"])),
        crls=[octets(path) for path in step.get("crl", [])],
        ocsps=[octets(path) for path in step.get("ocsp", [])],
        allow_fetching=False, moment=moment(step["now"]), revocation_mode="hard-fail",
    )


class SessionAt:
    """Lets signing sessions take the job's time for their claimed time."""

    def __init__(self, at):
        self.at, self.original = at, PdfSigningSession.__init__

    def __enter__(self):
        def started(session, *words, **named):
            self.original(session, *words, **{**named, "system_time": self.at})
        PdfSigningSession.__init__ = started

    def __exit__(self, *_):
        PdfSigningSession.__init__ = self.original


def sign(job):
    """Sign "file" to "out" at "at": "level" B | T | LT, "tsa" (a unit), "step" (what is known, for LT); then
    "archives": steps with a "tsa" each, every one a document timestamp."""
    signer = signers.SimpleSigner.load_pkcs12(job["p12"], passphrase=job["p12Password"].encode())
    if job.get("format") == "cades":
        return sign_data(job, signer)
    tsa = stamper(job["tsa"]) if job["level"] != "B" else None
    known = knowledge(job["step"]) if job["level"] == "LT" else None
    meta = signers.PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=known is not None, validation_context=known,
    )
    with open(job["file"], "rb") as stream, SessionAt(moment(job["at"])):
        signed = signers.PdfSigner(meta, signer, timestamper=tsa).sign_pdf(IncrementalPdfFileWriter(stream))
    for archive in job.get("archives", []):
        stamps = signers.PdfTimeStamper(stamper(archive["tsa"]), field_name=archive["field"])
        if archive.get("renewal"):
            signed = stamps.update_archival_timestamp_chain(
                PdfFileReader(signed), knowledge(archive["step"]), in_place=False)
        else:
            signed = stamps.timestamp_pdf(IncrementalPdfFileWriter(signed), "sha256", knowledge(archive["step"]))
    with open(job["out"], "wb") as out:
        out.write(signed.getbuffer())
    return {}


def sign_data(job, signer):
    """CAdES: "packaging" detached | enveloping."""
    data, detached = octets(job["file"]), job["packaging"] == "detached"
    content = data if detached else cms.ContentInfo({"content_type": "data", "content": core.OctetString(data)})
    settings = PdfCMSSignedAttributes(signing_time=moment(job["at"]))
    tsa = stamper(job["tsa"]) if job["level"] != "B" else None
    signed = asyncio.run(signer.async_sign_general_data(
        content, "sha256", detached=detached, use_cades=True, timestamper=tsa, signed_attr_settings=settings))
    with open(job["out"], "wb") as out:
        out.write(signed.dump())
    return {}


class ClockAt:
    """Lets pyHanko's past validation, which starts at the machine's clock, start at the time of the job."""

    def __init__(self, at):
        class Clock(datetime.datetime):
            @classmethod
            def now(cls, tz=None):
                return at
        self.clock = Clock

    def __enter__(self):
        poe.datetime = ades_past.datetime = self.clock

    def __exit__(self, *_):
        poe.datetime = ades_past.datetime = datetime.datetime


def specification(job):
    lists = [CRLContainer(crl.CertificateList.load(octets(path))) for path in job.get("crl", [])]
    responses = [one for path in job.get("ocsp", [])
                 for one in OCSPContainer.load_multi(ocsp.OCSPResponse.load(octets(path)))]
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([load_cert_from_pemder(path) for path in job["trust"]]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    return SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=LocalKnowledge(known_crls=lists, known_ocsps=responses,
                                       known_certs=list(load_certs_from_pemder(job.get("chain", [])))),
    )


def judge(job):
    """Judge "file" of a "level" as of "at" by ETSI EN 319 102-1, with "trust", "chain", "crl", "ocsp"."""
    at = moment(job["at"])
    timing = ValidationTimingInfo(at, at, point_in_time_validation=True)
    if job["format"] == "pades":
        with open(job["file"], "rb") as stream, ClockAt(at):
            rows = [asyncio.run(judge_embedded(one, job, timing))
                    for one in PdfFileReader(stream).embedded_regular_signatures]
        return {"signatures": rows}
    return {"signatures": [asyncio.run(judge_data(job, timing))]}


async def judge_embedded(signature, job, timing):
    """The algorithm that fits the level: 5.3, 5.5 or 5.6."""
    if job["level"] in ("lt", "lta", "renewed"):
        spec = PdfSignatureValidationSpec(specification(job))
        return said(await ades_lta_validation(signature, spec, timing))
    signature.compute_integrity_info()
    return await judge_signed(signature.signed_data, job, timing, signature.compute_digest())


async def judge_signed(signed, job, timing, digest):
    algorithm = ades_basic_validation if job["level"] == "b" else ades_with_time_validation
    return said(await algorithm(signed, specification(job), timing_info=timing, raw_digest=digest))


async def judge_data(job, timing):
    content = cms.ContentInfo.load(octets(job["file"]))
    signed = content["content"]
    data = octets(job["content"]) if "content" in job else b""
    if job["format"] == "tst":
        return said(await ades_timestamp_validation(
            signed, specification(job), lambda algorithm: hashlib.new(algorithm, data).digest(), timing_info=timing))
    digest = hashlib.sha256(data).digest() if "content" in job else None
    return await judge_signed(signed, job, timing, digest)


def said(result):
    sub = result.ades_subindic
    return {"indication": sub.status.name, "subIndication": "" if sub.status.name == "PASSED" else sub.standard_name,
            "reason": result.failure_msg or ""}
