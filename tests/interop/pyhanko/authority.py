"""A PKI on a fixed timeline, made on the spot: authorities, signers, time-stamping units, CRLs and OCSP responses.

Every date is the job's, so that a signature made "in 2025" can be judged as of any time, on any day.
"""

import datetime
import hashlib
import os

from asn1crypto import algos, core, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


USAGES = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]


def key_usage(*wanted):
    return x509.KeyUsage(**{usage: usage in wanted for usage in USAGES})


def new_key(kind):
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return ec.generate_private_key(ec.SECP256R1())


def certificate(name, spec, key, issuer, issuer_key):
    """One certificate; "profile" is authority | signer | tsa | ocsp."""
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"),
                         x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Undersign Interop Levels"),
                         x509.NameAttribute(NameOID.COMMON_NAME, f"Levels {name}")])
    profile = spec["profile"]
    builder = (x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
               .issuer_name(issuer.subject if issuer else subject)
               .serial_number(x509.random_serial_number())
               .not_valid_before(moment(spec["from"])).not_valid_after(moment(spec["to"]))
               .add_extension(x509.BasicConstraints(profile == "authority", None), critical=True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
                              critical=False))
    if profile == "authority":
        builder = builder.add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
    elif profile == "tsa":
        builder = builder.add_extension(key_usage("digital_signature"), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    elif profile == "ocsp":
        builder = builder.add_extension(key_usage("digital_signature"), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    else:
        builder = builder.add_extension(key_usage("content_commitment"), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def make(job):
    """Makes the PKI in "folder": "certificates" (name, profile, issuer, key, from, to), "revoked" (name, at, reason),
    "lists" (label, at, next) and "responses" (label, at, next, of: names)."""
    folder, password = job["folder"], job["p12Password"].encode()
    made = {}
    for spec in job["certificates"]:
        name, key = spec["name"], new_key(spec.get("key"))
        issuer, issuer_key = made.get(spec["issuer"], (None, key))
        made[name] = (certificate(name, spec, key, issuer, issuer_key), key)
        chain = chain_of(spec, made, job["certificates"])
        write(folder, name, made[name], chain, password)
    issuers = {spec["name"]: spec["issuer"] for spec in job["certificates"]}
    authorities = [spec["name"] for spec in job["certificates"] if spec["profile"] == "authority"]
    for one in job["lists"]:
        for authority in authorities:
            revoked = [entry for entry in job["revoked"]
                       if issuers[entry["name"]] == authority and entry["at"] <= one["at"]]
            data = revocation_list(made, authority, revoked, one)
            save(folder, f"{authority}@{one['label']}.crl", data)
    for one in job["responses"]:
        for name in one["of"]:
            save(folder, f"{name}@{one['label']}.ocsp", response(made, name, issuers[name], job, one))
    return {}


def chain_of(spec, made, specs):
    chain, issuer = [], spec["issuer"]
    by_name = {one["name"]: one for one in specs}
    while issuer != spec["name"]:
        chain.append(made[issuer][0])
        if by_name[issuer]["issuer"] == issuer:
            break
        issuer = by_name[issuer]["issuer"]
    return chain


def save(folder, name, data):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)


def write(folder, name, made, chain, password):
    cert, key = made
    pem = serialization.Encoding.PEM
    save(folder, f"{name}.pem", cert.public_bytes(pem))
    save(folder, f"{name}-chain.pem", b"".join(one.public_bytes(pem) for one in chain))
    save(folder, f"{name}.key", key.private_bytes(pem, serialization.PrivateFormat.PKCS8,
                                                   serialization.NoEncryption()))
    store = pkcs12.serialize_key_and_certificates(name.encode(), key, cert, chain,
                                                  serialization.BestAvailableEncryption(password))
    save(folder, f"{name}.p12", store)


def revocation_list(made, authority, revoked, one):
    cert, key = made[authority]
    builder = (x509.CertificateRevocationListBuilder().issuer_name(cert.subject)
               .last_update(moment(one["at"])).next_update(moment(one["next"]))
               .add_extension(x509.CRLNumber(int(moment(one["at"]).timestamp())), critical=False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False))
    for entry in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(made[entry["name"]][0].serial_number)
            .revocation_date(moment(entry["at"]))
            .add_extension(x509.CRLReason(x509.ReasonFlags(entry["reason"])), critical=False).build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def asn1(cert):
    return asn1_x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER))


def response(made, name, issuer, job, one):
    """An OCSP response of the issuer's delegated responder, produced at the job's time (RFC 6960, 4.2.1)."""
    cert, (authority, _) = asn1(made[name][0]), made[issuer]
    responder, key = made["ocsp"]
    responder = asn1(responder)
    at, until = moment(one["at"]), moment(one["next"])
    revoked = [entry for entry in job["revoked"] if entry["name"] == name and entry["at"] <= one["at"]]
    status = ocsp.CertStatus("good", core.Null())
    if revoked:
        status = ocsp.CertStatus("revoked", {"revocation_time": moment(revoked[0]["at"]),
                                             "revocation_reason": "key_compromise"})
    tbs = ocsp.ResponseData({
        "responder_id": ocsp.ResponderId("by_key", hashlib.sha1(bytes(responder.public_key["public_key"])).digest()),
        "produced_at": at,
        "responses": [{
            "cert_id": {
                "hash_algorithm": {"algorithm": "sha1"},
                "issuer_name_hash": asn1(authority).subject.sha1,
                "issuer_key_hash": hashlib.sha1(bytes(asn1(authority).public_key["public_key"])).digest(),
                "serial_number": cert.serial_number,
            },
            "cert_status": status, "this_update": at, "next_update": until,
        }],
    })
    basic = ocsp.BasicOCSPResponse({
        "tbs_response_data": tbs,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        "signature": key.sign(tbs.dump(), ec.ECDSA(hashes.SHA256())),
        "certs": [responder],
    })
    answer = {"response_type": "basic_ocsp_response", "response": basic}
    return ocsp.OCSPResponse({"response_status": "successful", "response_bytes": answer}).dump()
