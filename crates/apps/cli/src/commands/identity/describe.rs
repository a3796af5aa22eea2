//! Identities and certificates in words and as JSON.

use crypto::{DigestAlgorithm, PROVIDER};
use pkix::Certificate;
use report::printable;
use serde::Serialize;
use types::Time;
use vault::Identity;

/// The JSON form of an identity.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdentityLine {
    id: String,
    label: String,
    purpose: &'static str,
    key: String,
    created: String,
    default: bool,
    certificates: Vec<CertificateLine>,
}

/// The JSON form of a certificate.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateLine {
    /// RFC 4514.
    pub subject: String,
    /// RFC 4514.
    pub issuer: String,
    /// Lower-case hexadecimal.
    pub serial: String,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// SHA-256 over the DER, lower-case hexadecimal.
    pub sha256: String,
}

impl CertificateLine {
    /// What is to be said about `certificate`.
    pub fn new(certificate: &Certificate) -> CertificateLine {
        CertificateLine {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            sha256: certificate.digest(DigestAlgorithm::Sha256, PROVIDER).hex(),
        }
    }

    /// Several lines of text, each with `indent` before it.
    pub fn text(&self, indent: &str) -> String {
        let rows = [
            ("subject", &self.subject),
            ("issuer", &self.issuer),
            ("serial", &self.serial),
            ("valid from", &self.not_before),
            ("valid until", &self.not_after),
            ("SHA-256", &self.sha256),
        ];
        rows.iter().map(|(name, value)| format!("{indent}{name:<12}{}\n", printable(value))).collect()
    }
}

/// The certificates of an identity, its own first; what cannot be read any more is left out.
pub fn certificates(identity: &Identity) -> Vec<Certificate> {
    identity.chain().iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}

impl IdentityLine {
    /// What is to be said about `identity`.
    pub fn new(identity: &Identity, default: Option<&str>) -> IdentityLine {
        IdentityLine {
            id: identity.id(),
            label: identity.label().to_owned(),
            purpose: identity.purpose().as_str(),
            key: identity.public().algorithm.to_string(),
            created: identity.created().to_string(),
            default: default == Some(identity.id().as_str()),
            certificates: certificates(identity).iter().map(CertificateLine::new).collect(),
        }
    }

    /// The whole identity as text.
    pub fn text(&self) -> String {
        let mut text = format!("{}  {}\n", self.id, printable(&self.label));
        let default = if self.default { "  (default)" } else { "" };
        text.push_str(&format!("  purpose     {}{default}\n", self.purpose));
        text.push_str(&format!("  key         {}\n  created     {}\n", self.key, self.created));
        for (index, certificate) in self.certificates.iter().enumerate() {
            let title = if index == 0 { "certificate" } else { "issued by" };
            text.push_str(&format!("  {title}\n{}", certificate.text("    ")));
        }
        if self.certificates.is_empty() {
            text.push_str("  no certificate yet\n");
        }
        text
    }

    /// The identity on one line.
    pub fn row(&self, now: Time) -> String {
        let mark = if self.default { '*' } else { ' ' };
        let until = match self.certificates.first() {
            None => "no certificate yet".to_owned(),
            Some(own) => {
                let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
                let now = now.to_string();
                if own.not_after < now {
                    format!("expired on {}", day(&own.not_after))
                } else if own.not_before > now {
                    format!("valid from {}", day(&own.not_before))
                } else {
                    format!("until {}", day(&own.not_after))
                }
            }
        };
        format!("{mark} {}  {:<10} {until:<18}  {}\n", self.id, self.key, printable(&self.label))
    }
}
