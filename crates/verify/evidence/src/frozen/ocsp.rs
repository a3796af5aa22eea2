//! What OCSP responses say, as it stands in an evidence file: facts, not the bytes.

use super::crl::FrozenRevocation;
use super::error::{FrozenError, Within, each};
use super::names::{freeze_name, thaw_name};
use super::scalar::{
    FrozenIrregularity, FrozenUnknownAlgorithm, Known, Octets, Seconds, oid, oids, parsed, sha256,
};
use super::source::FrozenSignatureFacts;
use super::table::{Numbers, Tables};
use pkix::{CertId, CertStatus, ResponderId, Revocation, SingleResponse};
use revocation::{Concern, OcspFacts, SingleFacts};
use serde::{Deserialize, Serialize};

/// [`OcspFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FrozenOcsp {
    certificates: Vec<usize>,
    digest: String,
    extended_revoke: bool,
    irregularities: Vec<FrozenIrregularity>,
    nonce: Option<Octets>,
    produced_at: Seconds,
    responder: FrozenResponder,
    responses: Vec<FrozenSingle>,
    signature: FrozenSignatureFacts,
    signature_algorithm: Known<String, FrozenUnknownAlgorithm>,
    unknown_critical: Vec<String>,
}

/// [`ResponderId`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenResponder {
    Name(Octets),
    KeyHash(Octets),
}

/// [`SingleFacts`] with the [`SingleResponse`] in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenSingle {
    archive_cutoff: Option<Seconds>,
    cert_hash: Option<String>,
    cert_id: FrozenCertId,
    concerns: Vec<FrozenConcern>,
    next_update: Option<Seconds>,
    status: FrozenStatus,
    this_update: Seconds,
    unknown_critical: Vec<String>,
}

/// [`CertId`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenCertId {
    hash_algorithm: Option<String>,
    issuer_key_hash: Octets,
    issuer_name_hash: Octets,
    serial: Octets,
}

/// [`CertStatus`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FrozenStatus {
    Good,
    Revoked(FrozenRevocation),
    Unknown,
}

/// [`Concern`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FrozenConcern {
    cert_hash_agrees: Option<bool>,
    certificate: usize,
    issuer_key: usize,
}

impl FrozenOcsp {
    pub(super) fn freeze(facts: &OcspFacts, numbers: &mut Numbers) -> FrozenOcsp {
        FrozenOcsp {
            certificates: facts.certificates.iter().map(|one| numbers.certificate(one)).collect(),
            digest: facts.sha256.to_string(),
            extended_revoke: facts.extended_revoke,
            irregularities: facts.irregularities.iter().map(FrozenIrregularity::from).collect(),
            nonce: facts.nonce.as_deref().map(Octets::from),
            produced_at: facts.produced_at.into(),
            responder: match &facts.responder_id {
                ResponderId::Name(name) => FrozenResponder::Name(freeze_name(name)),
                ResponderId::KeyHash(hash) => FrozenResponder::KeyHash((&**hash).into()),
            },
            responses: facts.responses.iter().map(|single| FrozenSingle::freeze(single, numbers)).collect(),
            signature: FrozenSignatureFacts::freeze(&facts.signature, numbers),
            signature_algorithm: Known::freeze(
                facts.signature_algorithm.as_ref(),
                |algorithm| algorithm.notation(),
                FrozenUnknownAlgorithm::from,
            ),
            unknown_critical: oids(&facts.unknown_critical),
        }
    }

    pub(super) fn thaw(&self, tables: &Tables) -> Result<OcspFacts, FrozenError> {
        Ok(OcspFacts {
            sha256: sha256(&self.digest).within("digest")?,
            responder_id: match &self.responder {
                FrozenResponder::Name(der) => ResponderId::Name(thaw_name(der).within("responder")?),
                FrozenResponder::KeyHash(hash) => ResponderId::KeyHash(hash.0.as_slice().into()),
            },
            produced_at: self.produced_at.into(),
            nonce: self.nonce.as_ref().map(|octets| octets.0.as_slice().into()),
            extended_revoke: self.extended_revoke,
            signature_algorithm: match &self.signature_algorithm {
                Known::Is(notation) => Ok(parsed(notation).within("signatureAlgorithm")?),
                Known::Not(unknown) => Err(unknown.thaw()),
            },
            signature: self.signature.thaw(tables).within("signature")?,
            irregularities: self.irregularities.iter().map(FrozenIrregularity::thaw).collect(),
            unknown_critical: each(&self.unknown_critical, |id| oid(id)).within("unknownCritical")?,
            certificates: each(&self.certificates, |id| tables.certificate(*id)).within("certificates")?,
            responses: each(&self.responses, |single| single.thaw(tables)).within("responses")?,
        })
    }
}

impl FrozenSingle {
    fn freeze(facts: &SingleFacts, numbers: &mut Numbers) -> FrozenSingle {
        let response = &facts.response;
        let id = &response.cert_id;
        let mut concern = |concern: &Concern| FrozenConcern {
            cert_hash_agrees: concern.cert_hash_agrees,
            certificate: numbers.certificate(&concern.certificate),
            issuer_key: numbers.key(&concern.issuer_key),
        };
        FrozenSingle {
            archive_cutoff: response.archive_cutoff.map(Seconds::from),
            cert_hash: response.cert_hash.as_ref().map(ToString::to_string),
            cert_id: FrozenCertId {
                hash_algorithm: id.hash_algorithm.map(crypto::DigestAlgorithm::notation),
                issuer_key_hash: (&*id.issuer_key_hash).into(),
                issuer_name_hash: (&*id.issuer_name_hash).into(),
                serial: (&*id.serial).into(),
            },
            concerns: facts.concerns.iter().map(&mut concern).collect(),
            next_update: response.next_update.map(Seconds::from),
            status: match &response.status {
                CertStatus::Good => FrozenStatus::Good,
                CertStatus::Revoked(revocation) => FrozenStatus::Revoked(revocation.into()),
                CertStatus::Unknown => FrozenStatus::Unknown,
            },
            this_update: response.this_update.into(),
            unknown_critical: oids(&response.unknown_critical),
        }
    }

    fn thaw(&self, tables: &Tables) -> Result<SingleFacts, FrozenError> {
        let response = SingleResponse {
            cert_id: self.cert_id.thaw().within("certId")?,
            status: match &self.status {
                FrozenStatus::Good => CertStatus::Good,
                FrozenStatus::Revoked(revocation) => CertStatus::Revoked(Revocation::from(revocation)),
                FrozenStatus::Unknown => CertStatus::Unknown,
            },
            this_update: self.this_update.into(),
            next_update: self.next_update.map(Into::into),
            archive_cutoff: self.archive_cutoff.map(Into::into),
            cert_hash: self.cert_hash.as_deref().map(parsed).transpose().within("certHash")?,
            unknown_critical: each(&self.unknown_critical, |id| oid(id)).within("unknownCritical")?,
        };
        let serial = pkix::shortest_serial(&response.cert_id.serial).to_vec();
        let concerns = each(&self.concerns, |concern| {
            let certificate = tables.certificate(concern.certificate).within("certificate")?;
            if pkix::shortest_serial(certificate.serial()) != serial {
                return Err(FrozenError::new("a certificate with another serial number").under("certificate"));
            }
            Ok(Concern {
                certificate,
                issuer_key: tables.key(concern.issuer_key).within("issuerKey")?,
                cert_hash_agrees: concern.cert_hash_agrees,
            })
        });
        Ok(SingleFacts { response, concerns: concerns.within("concerns")? })
    }
}

impl FrozenCertId {
    fn thaw(&self) -> Result<CertId, FrozenError> {
        Ok(CertId {
            hash_algorithm: self.hash_algorithm.as_deref().map(parsed).transpose().within("hashAlgorithm")?,
            issuer_name_hash: self.issuer_name_hash.0.as_slice().into(),
            issuer_key_hash: self.issuer_key_hash.0.as_slice().into(),
            serial: self.serial.0.as_slice().into(),
        })
    }
}
