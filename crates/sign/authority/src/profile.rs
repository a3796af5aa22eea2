//! Certificate profiles (`undersign-certificate-profile@v1`): what a kind of certificate says, as data.

use crate::duration;
use crypto::{Curve, KeyAlgorithm};
use pkix::{BasicConstraints, Criticality, KeyUsage, NameForm, Oid, oid};
use serde::Deserialize;
use std::fmt;

const FORMAT: &str = "undersign-certificate-profile@v1";

/// Name and text of every built-in profile.
const BUILT_IN: [(&str, &str); 7] = [
    ("root-ca", include_str!("../../../../profiles/root-ca.toml")),
    ("issuing-ca", include_str!("../../../../profiles/issuing-ca.toml")),
    ("signer", include_str!("../../../../profiles/signer.toml")),
    ("signer-short", include_str!("../../../../profiles/signer-short.toml")),
    ("tsa", include_str!("../../../../profiles/tsa.toml")),
    ("ocsp-responder", include_str!("../../../../profiles/ocsp-responder.toml")),
    ("device", include_str!("../../../../profiles/device.toml")),
];

/// What a kind of certificate says, and what a request for one must bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateProfile {
    /// Its name, e.g. `signer`.
    pub id: String,
    /// What it is, in words.
    pub title: String,
    /// Seconds of validity when nothing else is asked for.
    pub validity_seconds: i64,
    /// The most that may be asked for.
    pub longest_seconds: i64,
    /// Kinds of keys that may be certified; an RSA key is at least as long as one of these.
    pub keys: Vec<KeyAlgorithm>,
    /// Attributes that the subject must have.
    pub subject_required: Vec<Oid>,
    /// Forms of alternative names that are taken over from the request; a request with others is refused.
    pub alternative_names: Vec<NameForm>,
    /// basicConstraints of an authority; `None` for everybody else.
    pub authority: Option<BasicConstraints>,
    /// keyUsage.
    pub key_usage: KeyUsage,
    /// extKeyUsage; none if empty.
    pub extended_key_usage: (Criticality, Vec<Oid>),
    /// certificatePolicies; none if empty.
    pub policies: Vec<Oid>,
    /// What is said about revocation.
    pub revocation: RevocationStatus,
    /// validityAssuredShortTerm (ETSI EN 319 412-1, 5.2).
    pub validity_assured_short_term: bool,
    /// id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
    pub ocsp_no_check: bool,
}

/// What a certificate says about its revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Where CRLs are and who answers by OCSP.
    Told,
    /// That nobody will ever say anything (noRevAvail, RFC 9608).
    Never,
    /// Nothing.
    Unstated,
}

/// Why a profile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    format: String,
    id: String,
    title: String,
    validity: String,
    longest: String,
    keys: Vec<String>,
    subject_required: Vec<String>,
    #[serde(default)]
    alternative_names: Vec<String>,
    authority: Option<AuthorityTable>,
    key_usage: Vec<String>,
    extended_key_usage: Option<PurposesTable>,
    #[serde(default)]
    policies: Vec<String>,
    revocation: String,
    #[serde(default)]
    validity_assured_short_term: bool,
    #[serde(default)]
    ocsp_no_check: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AuthorityTable {
    path_length: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PurposesTable {
    critical: bool,
    purposes: Vec<String>,
}

const KEY_USAGES: [(&str, KeyUsage); 7] = [
    ("digitalSignature", KeyUsage::DIGITAL_SIGNATURE),
    ("contentCommitment", KeyUsage::CONTENT_COMMITMENT),
    ("keyEncipherment", KeyUsage::KEY_ENCIPHERMENT),
    ("dataEncipherment", KeyUsage::DATA_ENCIPHERMENT),
    ("keyAgreement", KeyUsage::KEY_AGREEMENT),
    ("keyCertSign", KeyUsage::KEY_CERT_SIGN),
    ("cRLSign", KeyUsage::CRL_SIGN),
];

const PURPOSES: [(&str, Oid); 7] = [
    ("serverAuth", oid::KP_SERVER_AUTH),
    ("clientAuth", oid::KP_CLIENT_AUTH),
    ("codeSigning", oid::KP_CODE_SIGNING),
    ("emailProtection", oid::KP_EMAIL_PROTECTION),
    ("timeStamping", oid::KP_TIME_STAMPING),
    ("OCSPSigning", oid::KP_OCSP_SIGNING),
    ("documentSigning", oid::KP_DOCUMENT_SIGNING),
];

const ATTRIBUTES: [(&str, Oid); 10] = [
    ("commonName", oid::COMMON_NAME),
    ("surname", oid::SURNAME),
    ("givenName", oid::GIVEN_NAME),
    ("serialNumber", oid::SERIAL_NUMBER),
    ("countryName", oid::COUNTRY),
    ("localityName", oid::LOCALITY),
    ("organizationName", oid::ORGANIZATION),
    ("organizationalUnitName", oid::ORGANIZATIONAL_UNIT),
    ("organizationIdentifier", oid::ORGANIZATION_IDENTIFIER),
    ("pseudonym", oid::PSEUDONYM),
];

const NAME_FORMS: [(&str, NameForm); 4] =
    [("email", NameForm::Email), ("dns", NameForm::Dns), ("uri", NameForm::Uri), ("ip", NameForm::Ip)];

const CURVES: [(&str, KeyAlgorithm); 6] = [
    ("P-256", KeyAlgorithm::Ec(Curve::P256)),
    ("P-384", KeyAlgorithm::Ec(Curve::P384)),
    ("P-521", KeyAlgorithm::Ec(Curve::P521)),
    ("brainpoolP256r1", KeyAlgorithm::Ec(Curve::BrainpoolP256r1)),
    ("brainpoolP384r1", KeyAlgorithm::Ec(Curve::BrainpoolP384r1)),
    ("Ed25519", KeyAlgorithm::Ed25519),
];

impl CertificateProfile {
    /// The names of the built-in profiles.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The text of a built-in profile, to look at or to start one's own from.
    pub fn built_in_text(id: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
    }

    /// A built-in profile by its name.
    pub fn built_in(id: &str) -> Option<CertificateProfile> {
        CertificateProfile::parse(CertificateProfile::built_in_text(id)?).ok()
    }

    /// Reads a profile (TOML); every key is in `profiles/signer.toml` and its neighbours.
    ///
    /// # Errors
    /// If it cannot be read, names something unknown, or contradicts itself or a standard.
    pub fn parse(text: &str) -> Result<CertificateProfile, ProfileError> {
        let file: File = toml::from_str(text).map_err(|error| ProfileError(error.to_string()))?;
        if file.format != FORMAT {
            return Err(ProfileError(format!("format is {:?}, expected {FORMAT:?}", file.format)));
        }
        let profile = file.read()?;
        match profile.contradiction() {
            Some(reason) => Err(ProfileError(reason.to_owned())),
            None => Ok(profile),
        }
    }

    /// Whether a key of this kind may be certified.
    pub(crate) fn takes(&self, key: KeyAlgorithm) -> bool {
        self.keys.iter().any(|allowed| match (allowed, key) {
            (KeyAlgorithm::Rsa(least), KeyAlgorithm::Rsa(bits)) => bits >= *least,
            (allowed, key) => *allowed == key,
        })
    }

    /// What in it cannot stand together.
    fn contradiction(&self) -> Option<&'static str> {
        let signs = self.key_usage.contains(KeyUsage::KEY_CERT_SIGN);
        let (criticality, purposes) = &self.extended_key_usage;
        let stamps = purposes.contains(&oid::KP_TIME_STAMPING);
        let never = self.revocation == RevocationStatus::Never;
        let rules = [
            (self.id.is_empty() || self.keys.is_empty(), "a profile has an id and takes some kind of key"),
            (self.validity_seconds > self.longest_seconds, "the usual validity is longer than the longest"),
            (self.key_usage.is_empty(), "a key usage has at least one bit (RFC 5280, 4.2.1.3)"),
            (
                signs != self.authority.is_some(),
                "keyCertSign belongs to an authority, and to every one (RFC 5280, 4.2.1.9)",
            ),
            (never && self.authority.is_some(), "an authority can be revoked (RFC 9608, 2)"),
            (
                self.validity_assured_short_term && !never,
                "what is too short-lived to be revoked has no revocation status (ETSI EN 319 412-1, 5.2)",
            ),
            (
                stamps && (purposes.len() > 1 || *criticality == Criticality::NonCritical),
                "timeStamping stands alone and critical (RFC 3161, 2.3)",
            ),
            (
                self.ocsp_no_check && !purposes.contains(&oid::KP_OCSP_SIGNING),
                "ocsp-no-check is for OCSP responders (RFC 6960, 4.2.2.2.1)",
            ),
        ];
        rules.into_iter().find(|(breached, _)| *breached).map(|(_, reason)| reason)
    }
}

/// What a word of a table stands for.
fn word<T: Copy>(table: &[(&str, T)], what: &str, word: &str) -> Result<T, ProfileError> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
        ProfileError(format!("{word:?} is no {what}; known are {}", known.join(", ")))
    })
}

fn words<T: Copy>(table: &[(&str, T)], what: &str, list: &[String]) -> Result<Vec<T>, ProfileError> {
    list.iter().map(|one| word(table, what, one)).collect()
}

fn key(text: &str) -> Result<KeyAlgorithm, ProfileError> {
    match text.strip_prefix("RSA ").map(str::parse) {
        Some(Ok(bits @ 2048..=16_384)) => Ok(KeyAlgorithm::Rsa(bits)),
        Some(_) => Err(ProfileError(format!("{text:?} is no RSA key of 2048 to 16384 bits"))),
        None => word(&CURVES, "kind of key", text),
    }
}

fn object_identifier(text: &str) -> Result<Oid, ProfileError> {
    Oid::from_dotted(text).ok_or_else(|| ProfileError(format!("{text:?} is no object identifier")))
}

/// A purpose by its name or, for others, its object identifier.
fn purpose(text: &str) -> Result<Oid, ProfileError> {
    if text.contains('.') { object_identifier(text) } else { word(&PURPOSES, "purpose of a key", text) }
}

impl File {
    fn read(self) -> Result<CertificateProfile, ProfileError> {
        let length = |text: &str| {
            duration::seconds(text)
                .ok_or_else(|| ProfileError(format!("{text:?} is no length of time like \"90 days\"")))
        };
        let extended_key_usage = match self.extended_key_usage {
            None => (Criticality::NonCritical, Vec::new()),
            Some(table) => {
                let critical = if table.critical { Criticality::Critical } else { Criticality::NonCritical };
                (critical, table.purposes.iter().map(|text| purpose(text)).collect::<Result<_, _>>()?)
            }
        };
        let usages = words(&KEY_USAGES, "key usage", &self.key_usage)?;
        let revocation = match self.revocation.as_str() {
            "status" => RevocationStatus::Told,
            "never" => RevocationStatus::Never,
            "none" => RevocationStatus::Unstated,
            other => {
                return Err(ProfileError(format!("revocation is {other:?}; known are status, never, none")));
            }
        };
        Ok(CertificateProfile {
            validity_seconds: length(&self.validity)?,
            longest_seconds: length(&self.longest)?,
            keys: self.keys.iter().map(|text| key(text)).collect::<Result<_, _>>()?,
            subject_required: words(&ATTRIBUTES, "attribute of a subject", &self.subject_required)?,
            alternative_names: words(&NAME_FORMS, "form of an alternative name", &self.alternative_names)?,
            authority: self.authority.map(|table| BasicConstraints { ca: true, path_len: table.path_length }),
            key_usage: usages.into_iter().reduce(KeyUsage::and).unwrap_or(KeyUsage::NONE),
            extended_key_usage,
            policies: self.policies.iter().map(|text| object_identifier(text)).collect::<Result<_, _>>()?,
            revocation,
            validity_assured_short_term: self.validity_assured_short_term,
            ocsp_no_check: self.ocsp_no_check,
            id: self.id,
            title: self.title,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_is_sound_and_named_as_its_file() {
        for (name, text) in BUILT_IN {
            let profile = CertificateProfile::parse(text).unwrap();
            assert_eq!(profile.id, name);
        }
    }

    #[test]
    fn what_contradicts_a_standard_is_refused() {
        let signer = CertificateProfile::built_in_text("signer").unwrap();
        let tsa = CertificateProfile::built_in_text("tsa").unwrap();
        let short = CertificateProfile::built_in_text("signer-short").unwrap();
        for broken in [
            signer.replace("@v1", "@v2"),
            signer.replace("\"contentCommitment\"", "\"keyCertSign\""),
            signer.replace("\"contentCommitment\"", "\"signing\""),
            signer.replace("longest = \"1826 days\"", "longest = \"1 day\""),
            signer.replace("P-256", "P-257"),
            signer.replace("RSA 2048", "RSA 1024"),
            signer.replace("documentSigning", "1..2"),
            signer.replace("status", "perhaps"),
            format!("{signer}\nmore = 1"),
            tsa.replace("critical = true", "critical = false"),
            tsa.replace("[\"timeStamping\"]", "[\"timeStamping\", \"clientAuth\"]"),
            short.replace("\"never\"", "\"status\""),
        ] {
            assert!(CertificateProfile::parse(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_longer_rsa_key_than_the_least_is_taken() {
        let profile = CertificateProfile::built_in("tsa").unwrap();
        assert!(profile.takes(KeyAlgorithm::Rsa(4096)) && !profile.takes(KeyAlgorithm::Rsa(2048)));
        assert!(!profile.takes(KeyAlgorithm::Ed25519));
    }
}
