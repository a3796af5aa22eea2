"""Judges one PDF with pyHanko: a question as JSON on standard input, an answer as JSON on standard output.

Nothing here asks a network: there are no fetchers, and trust comes from the question.
"""

import datetime
import json
import logging
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def context(question):
    at = question["at"]
    return ValidationContext(
        trust_roots=[load_cert_from_pemder(path) for path in question["trust"]],
        allow_fetching=False,
        moment=datetime.datetime.fromisoformat(at.replace("Z", "+00:00")) if at else None,
        revocation_mode="soft-fail",
    )


def row(signature, question):
    said = {"field": signature.field_name}
    try:
        status = validate_pdf_signature(signature, context(question))
    except Exception as fault:  # what it refuses to judge it does not pass
        return {**said, "outcome": "failed", "reason": f"{type(fault).__name__}: {fault}"}
    coverage = status.coverage.name if status.coverage is not None else "none"
    level = status.modification_level.name if status.modification_level is not None else "unknown"
    broken = not (status.intact and status.valid) or status.docmdp_ok is False
    if broken or coverage in ("UNCLEAR", "CONTIGUOUS_BLOCK_FROM_START"):
        outcome = "failed"
    else:
        outcome = "passed" if status.bottom_line else "indeterminate"
    words = ["intact" if status.intact else "not intact", "valid" if status.valid else "not valid",
             "trusted" if status.trusted else "not trusted", f"coverage {coverage}", f"changes {level}"]
    if status.trust_problem_indic:
        words.append(str(status.trust_problem_indic))
    return {**said, "outcome": outcome, "reason": ", ".join(words)}


def judge(question):
    with open(question["file"], "rb") as stream:
        reader = PdfFileReader(stream)
        if reader.xrefs.hybrid_xrefs_present:
            # The strict reader judges no files with both kinds of cross-references.
            reader = PdfFileReader(stream, strict=False)
        if reader.encrypted:
            reader.decrypt((question["password"] or "").encode())
        return {"signatures": [row(one, question) for one in reader.embedded_regular_signatures]}


logging.disable(logging.CRITICAL)
try:
    answer = judge(json.load(sys.stdin))
except Exception as fault:
    answer = {"error": f"{type(fault).__name__}: {fault}"}
print(json.dumps(answer))
