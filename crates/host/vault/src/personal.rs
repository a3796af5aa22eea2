//! A newcomer's own identity: a fresh key with a self-signed certificate; and requests for a certificate from others.

use crate::{Entropy, Identity, PrivateKey, Purpose, SoftwareSigner, UnlockedVault, VaultError};
use crypto::{Curve, KeyAlgorithm, PROVIDER};
use pkix::{CertificationRequest, Name, Oid, SelfSigned, oid};
use types::Time;

/// Days of validity when nothing else is asked for: five years.
pub const DEFAULT_VALIDITY_DAYS: u32 = 1826;
/// Longest validity in days: thirty years.
const MAX_VALIDITY_DAYS: u32 = 10_958;

/// What a self-signed personal identity says about its owner. Nobody vouches for it but the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal<'a> {
    /// The person's name, 1 to 64 characters (RFC 5280, A.1: ub-common-name).
    pub name: &'a str,
    /// E-mail address.
    pub email: Option<&'a str>,
    /// Organisation, at most 64 characters.
    pub organisation: Option<&'a str>,
    /// Two-letter country code (ISO 3166-1).
    pub country: Option<&'a str>,
    /// What it is for.
    pub purpose: Purpose,
    /// The kind of key to make.
    pub key: KeyAlgorithm,
    /// How long the certificate is to be good.
    pub validity_days: u32,
}

impl<'a> Personal<'a> {
    /// A P-256 signing identity for `name`, good for five years.
    pub fn new(name: &'a str) -> Personal<'a> {
        Personal {
            name,
            email: None,
            organisation: None,
            country: None,
            purpose: Purpose::Signing,
            key: KeyAlgorithm::Ec(Curve::P256),
            validity_days: DEFAULT_VALIDITY_DAYS,
        }
    }

    /// The distinguished name, most general attribute first.
    fn subject(&self) -> Result<Name, VaultError> {
        let country_fits =
            |code: &&str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let mut attributes: Vec<(Oid, &str)> = Vec::new();
        if let Some(country) = self.country {
            Some(country)
                .filter(country_fits)
                .ok_or(VaultError::Limit("a country is two capital letters"))?;
            attributes.push((oid::COUNTRY, country));
        }
        if let Some(organisation) = self.organisation {
            attributes.push((oid::ORGANIZATION, name_part(organisation)?));
        }
        attributes.push((oid::COMMON_NAME, name_part(self.name)?));
        Ok(Name::from_attributes(&attributes))
    }
}

fn name_part(text: &str) -> Result<&str, VaultError> {
    let trimmed = text.trim();
    let fits = (1..=64).contains(&trimmed.chars().count()) && !trimmed.chars().any(char::is_control);
    fits.then_some(trimmed)
        .ok_or(VaultError::Limit("a name has 1 to 64 characters and no control characters"))
}

fn email_fits(email: &str) -> Result<(), VaultError> {
    let parts = email.split_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty());
    let fits =
        email.is_ascii() && email.len() <= 254 && !email.bytes().any(|b| b.is_ascii_whitespace() || b < 0x20);
    parts.filter(|_| fits).map(drop).ok_or(VaultError::Limit("an e-mail address is ASCII with an @ inside"))
}

impl UnlockedVault {
    /// Makes a key, signs a certificate for it with itself, and keeps both; gives the id. The certificate begins at
    /// `now`, by the clock of the device.
    pub fn create_personal(
        &mut self,
        personal: &Personal<'_>,
        now: Time,
        entropy: &mut dyn Entropy,
    ) -> Result<String, VaultError> {
        if !(1..=MAX_VALIDITY_DAYS).contains(&personal.validity_days) {
            return Err(VaultError::Limit("a certificate is good for 1 to 10958 days"));
        }
        personal.email.map_or(Ok(()), email_fits)?;
        let subject = personal.subject()?;
        let key = PrivateKey::generate(personal.key)?;
        let signer = SoftwareSigner::new(&key, SoftwareSigner::usual_algorithm(personal.key))?;
        // RFC 5280, 4.1.2.2: positive, at most 20 octets; the first bits fixed so that it is positive and not shorter.
        let mut serial = vec![0; 16];
        entropy.fill(&mut serial)?;
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x3f | 0x40;
        }
        let certificate = SelfSigned {
            subject,
            serial,
            not_before: now,
            not_after: now.plus(i64::from(personal.validity_days) * 86_400),
            email: personal.email.map(str::to_owned),
        }
        .sign(&signer, PROVIDER)
        .map_err(|error| VaultError::Building(error.to_string()))?;
        let chain = vec![certificate.der().to_vec()];
        let identity =
            Identity::new(personal.name.trim(), personal.purpose, now, key.public().clone(), chain)?;
        self.add(identity, &key, entropy)
    }

    /// A request (PKCS#10) with the key of identity `name`, to be sent to a certification authority; what comes back
    /// goes to [`UnlockedVault::replace_chain`]. The subject is that of the present certificate, or the label.
    pub fn certification_request(
        &self,
        name: &str,
        email: Option<&str>,
    ) -> Result<CertificationRequest, VaultError> {
        email.map_or(Ok(()), email_fits)?;
        let identity = self.identity(name)?;
        let subject = match identity.chain().first() {
            Some(der) => pkix::Certificate::from_der(der)
                .map_err(|malformed| VaultError::Certificate(malformed.to_string()))?
                .subject()
                .clone(),
            None => Name::from_attributes(&[(oid::COMMON_NAME, name_part(identity.label())?)]),
        };
        let signer = self.signer(name, None)?;
        CertificationRequest::sign(&subject, email, &signer)
            .map_err(|error| VaultError::Building(error.to_string()))
    }
}
