"""pyHanko as a peer: one process reads a JSON job a line and answers each with one JSON line.

{"id", "op": "judge" | "sign" | "openssl" | "version", ...}; the functions of the same names document the members.
"pki", "sign-level" and "judge-level" are in authority.py and levels.py.
Nothing here asks a network: no fetchers, trust comes from the job.
"""

import datetime
import importlib.metadata
import json
import logging
import subprocess
import sys

import authority
import levels
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.sign.signers.pdf_cms import select_suitable_signing_md
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext


def unlock(handler_owner, job):
    """Open an encrypted document with the job's password."""
    password = job.get("password")
    if password is not None:
        result = handler_owner.decrypt(password.encode())
        if getattr(result, "status", result) == AuthStatus.FAILED:
            raise ValueError("wrong password")


def context(job):
    """Trust as the job says: "trust" (certificate files), "crl" (files), "at" (RFC 3339)."""
    at = job.get("at")
    moment = datetime.datetime.fromisoformat(at.replace("Z", "+00:00")) if at else None
    crls = [open(path, "rb").read() for path in job.get("crlDer", [])]
    return ValidationContext(
        trust_roots=[load_cert_from_pemder(path) for path in job.get("trust", [])],
        allow_fetching=False,
        moment=moment,
        crls=crls,
        revocation_mode="soft-fail",
    )


def judge(job):
    """Judge each signature of "file"."""
    with open(job["file"], "rb") as stream:
        reader = PdfFileReader(stream)
        if reader.xrefs.hybrid_xrefs_present:
            # The strict reader refuses to judge hybrid files at all.
            reader = PdfFileReader(stream, strict=False)
        unlock(reader, job)
        rows = [judge_one(signature, job) for signature in reader.embedded_regular_signatures]
        return {"signatures": rows, "timestamps": len(list(reader.embedded_timestamp_signatures))}


def judge_one(signature, job):
    row = {"field": signature.field_name, "subFilter": str(signature.sig_object.get("/SubFilter", ""))}
    try:
        status = validate_pdf_signature(signature, context(job))
    except Exception as fault:  # a peer's refusal is a verdict
        row["error"] = f"{type(fault).__name__}: {fault}"
        row["indication"] = "FAILED"
        return row
    level = status.modification_level
    row.update(
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        wholeFile=status.coverage is not None and status.coverage.name == "ENTIRE_FILE",
        coverage=status.coverage.name if status.coverage is not None else None,
        modificationLevel=level.name if level is not None else None,
        docmdpOk=status.docmdp_ok,
        bottomLine=status.bottom_line,
        algorithm=str(status.pkcs7_signature_mechanism),
        digest=str(status.md_algorithm),
        trustProblem=str(status.trust_problem_indic) if status.trust_problem_indic else None,
    )
    row["indication"] = indication(status)
    return row


def indication(status):
    if not (status.intact and status.valid) or status.docmdp_ok is False:
        return "FAILED"
    if status.coverage is not None and status.coverage.name in ("UNCLEAR", "CONTIGUOUS_BLOCK_FROM_START"):
        return "FAILED"
    return "PASSED" if status.bottom_line else "INDETERMINATE"


def field_spec(job):
    """The field to make: "field", "box" [x1, y1, x2, y2] on "page" (from 0) when visible."""
    name = job.get("field", "Signature1")
    if job.get("existing"):
        return None
    box = tuple(job["box"]) if "box" in job else None
    return fields.SigFieldSpec(sig_field_name=name, on_page=job.get("page", 0), box=box)


SUBFILTERS = {"cades": fields.SigSeedSubFilter.PADES, "pkcs7": fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED}
PERMISSIONS = {"none": fields.MDPPerm.NO_CHANGES, "form": fields.MDPPerm.FILL_FORMS,
               "annotations": fields.MDPPerm.ANNOTATE}


def sign(job):
    """Sign "file" to "out" with "p12", "p12Password"; "subFilter" cades | pkcs7, "digest", "pss", "certify"."""
    signer = signers.SimpleSigner.load_pkcs12(
        job["p12"], passphrase=job["p12Password"].encode(), prefer_pss=job.get("pss", False)
    )
    if signer is None:
        raise ValueError("key not usable")
    meta = signers.PdfSignatureMetadata(
        field_name=job.get("field", "Signature1"),
        md_algorithm=job.get("digest") or select_suitable_signing_md(signer.signing_cert.public_key),
        reason=job.get("reason"),
        location=job.get("location"),
        subfilter=SUBFILTERS[job.get("subFilter", "cades")],
        certify="certify" in job,
        docmdp_permissions=PERMISSIONS[job.get("certify", "form")],
    )
    style = TextStampStyle(stamp_text="Signed by a test person") if "box" in job else None
    pdf_signer = signers.PdfSigner(meta, signer, stamp_style=style, new_field_spec=field_spec(job))
    with open(job["file"], "rb") as stream:
        writer = IncrementalPdfFileWriter(stream, strict=job.get("strict", True))
        if "password" in job:
            writer.encrypt(job["password"].encode())
        signed = pdf_signer.sign_pdf(writer)
    with open(job["out"], "wb") as out:
        out.write(signed.getbuffer())
    return {}


def openssl(job):
    """Embed a CMS that `openssl cms -sign` made: "certificate", "key", "chain" (PEM files), "cades" (attribute wanted)."""
    with open(job["file"], "rb") as stream:
        writer = IncrementalPdfFileWriter(stream)
        steps = PdfCMSEmbedder(new_field_spec=field_spec(job)).write_cms(job.get("field", "Signature1"), writer)
        next(steps)
        subfilter = SUBFILTERS["cades" if job.get("cades") else "pkcs7"]
        hole = PdfSignedData(obj_type=pdf_name("/Sig"), subfilter=subfilter, bytes_reserved=16384,
                             timestamp=datetime.datetime.now(datetime.timezone.utc))
        steps.send(SigObjSetup(sig_placeholder=hole))
        prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
        data = output.getvalue()
        start, end = prepared.reserved_region_start, prepared.reserved_region_end
        steps.send(openssl_cms(job, data[:start] + data[end:]))
    with open(job["out"], "wb") as out:
        out.write(output.getvalue())
    return {}


def openssl_cms(job, covered):
    command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-signer", job["certificate"],
               "-inkey", job["key"], "-certfile", job["chain"]]
    if job.get("cades"):
        command.append("-cades")
    for option in job.get("options", []):
        command.append(option)
    return subprocess.run(command, input=covered, stdout=subprocess.PIPE, check=True).stdout


def version(_job):
    return {"version": importlib.metadata.version("pyHanko")}


OPERATIONS = {"judge": judge, "sign": sign, "openssl": openssl, "version": version,
              "pki": authority.make, "sign-level": levels.sign, "judge-level": levels.judge}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        job = json.loads(line)
        answer = {"id": job["id"]}
        try:
            answer.update(OPERATIONS[job["op"]](job))
        except Exception as fault:  # one bad file never stops the rest
            answer["error"] = f"{type(fault).__name__}: {fault}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
