//! `undersign identity new`: a key and a certificate signed by itself.

use super::{Context, default, open_vault, unlock};
use crate::clock;
use crate::commands::options::{KeyKind, PassphraseOptions};
use crate::commands::trust;
use crate::error::Failure;
use crate::exit::Exit;
use clap::Args;
use crypto::{Curve, KeyAlgorithm};
use pkix::Certificate;
use store::Home;
use vault::{Personal, SystemEntropy, UnlockedVault};

/// Make another identity with a new key
#[derive(Debug, Args)]
#[command(
    long_about = "Make another identity in your vault: a new key and a certificate signed with it. \
        Your own trust store gets the certificate.",
    after_long_help = "\
Examples:
  undersign identity new --name \"Ada Example\" --organisation \"Example GmbH\"
  undersign identity new --name \"Ada Example\" --algorithm rsa3072 --default"
)]
pub struct New {
    #[command(flatten)]
    certificate: CertificateOptions,
    /// Let it sign when no identity is named
    #[arg(long)]
    default: bool,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

/// What the certificate of a new identity says.
#[derive(Clone, Debug, Args)]
pub struct CertificateOptions {
    /// Your name as it will stand in the certificate
    #[arg(long, value_parser = name)]
    name: String,
    /// Your e-mail address
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    email: Option<String>,
    /// The organisation you belong to
    #[arg(long, visible_alias = "organization", value_name = "NAME", value_parser = name)]
    organisation: Option<String>,
    /// Your country, two letters as in ISO 3166
    #[arg(long, value_name = "CODE", value_parser = country)]
    country: Option<String>,
    /// The kind of key: p256, p384, p521, rsa2048, rsa3072, rsa4096, ed25519
    #[arg(long, value_name = "KIND", default_value = "p256", hide_possible_values = true)]
    algorithm: KeyKind,
    /// Days that the certificate is valid, at most five years
    #[arg(long, value_name = "DAYS", default_value_t = vault::DEFAULT_VALIDITY_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(vault::DEFAULT_VALIDITY_DAYS)))]
    days: u32,
}

/// RFC 5280, appendix A.1: ub-common-name, ub-organization-name.
pub fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or("a name has 1 to 64 characters and no control characters")
}

/// An address that goes into a certificate.
pub fn email(text: &str) -> Result<String, &'static str> {
    let parts = text.split_once('@').filter(|(local, host)| !local.is_empty() && !host.is_empty());
    let fits = text.bytes().all(|byte| byte.is_ascii_graphic()) && text.len() <= 254;
    parts.filter(|_| fits).map(|_| text.to_owned()).ok_or("an address is like ada@example.com")
}

/// ISO 3166-1, two letters.
pub fn country(text: &str) -> Result<String, &'static str> {
    let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    fits.then(|| text.to_ascii_uppercase()).ok_or("a country is two letters, for example DE")
}

impl New {
    pub fn run(&self, context: &Context<'_>) -> Result<Exit, Failure> {
        let (home, vault) = open_vault(context)?;
        let mut vault = unlock(context, &vault, &self.passphrase)?;
        let id = create(context, &home, &mut vault, &self.certificate)?;
        if self.default {
            default::set(context, &home, &id)?;
        }
        Ok(Exit::Success)
    }
}

/// Makes an identity, trusts its certificate, and says so; gives the id, which is also the data of the command.
pub fn create(
    context: &Context<'_>,
    home: &Home,
    vault: &mut UnlockedVault,
    options: &CertificateOptions,
) -> Result<String, Failure> {
    let personal = options.personal();
    let id = vault.create_personal(&personal, clock::now(), &mut SystemEntropy)?;
    let own = vault.identity(&id)?.chain().first().and_then(|der| Certificate::from_der(der).ok());
    let own = own.ok_or(Failure::Internal)?;
    let anchor = trust::add(home, &own)?;
    let streams = context.streams;
    streams.data(&format!("{id}\n"))?;
    let (subject, until) = (own.subject(), own.not_after());
    streams.note(&format!("made identity {id}: {subject}, {}, valid until {until}", personal.key));
    streams.note(&format!("  you trust its certificate from now on ({})", anchor.display()));
    Ok(id)
}

impl CertificateOptions {
    fn personal(&self) -> Personal<'_> {
        Personal {
            email: self.email.as_deref(),
            organisation: self.organisation.as_deref(),
            country: self.country.as_deref(),
            key: key_algorithm(self.algorithm),
            validity_days: self.days,
            ..Personal::new(&self.name)
        }
    }
}

/// The kind of key in terms of the libraries.
pub fn key_algorithm(kind: KeyKind) -> KeyAlgorithm {
    match kind {
        KeyKind::P256 => KeyAlgorithm::Ec(Curve::P256),
        KeyKind::P384 => KeyAlgorithm::Ec(Curve::P384),
        KeyKind::P521 => KeyAlgorithm::Ec(Curve::P521),
        KeyKind::Rsa2048 => KeyAlgorithm::Rsa(2048),
        KeyKind::Rsa3072 => KeyAlgorithm::Rsa(3072),
        KeyKind::Rsa4096 => KeyAlgorithm::Rsa(4096),
        KeyKind::Ed25519 => KeyAlgorithm::Ed25519,
    }
}
