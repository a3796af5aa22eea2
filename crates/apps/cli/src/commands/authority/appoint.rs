//! `undersign authority appoint`: a key and a certificate for those who answer for the authority.

use super::folder::{Folder, Place, Role, authority, identity};
use super::init::serial;
use crate::clock;
use crate::commands::Context;
use crate::commands::identity::new::key_algorithm;
use crate::commands::options::{KeyKind, PassphraseOptions};
use crate::error::Failure;
use crate::exit::Exit;
use authority::{Issuer, Order, issue};
use clap::{Args, ValueEnum};
use crypto::PROVIDER;
use pkix::{Attribute, Certificate, CertificationRequest, Name, oid};
use vault::{Identity, PrivateKey, Purpose, SoftwareSigner, SystemEntropy, UnlockedVault};

/// Give the OCSP responder or the time-stamping unit a key and a certificate
#[derive(Debug, Args)]
#[command(
    long_about = "Make a key in the vault of the authority, and a certificate for it, for the OCSP responder or the \
        time-stamping unit. Done again, it renews both; the old key is removed.\n\n\
        Without an appointed responder the authority answers with its own key. Time-stamps need an appointment: \
        their key must be for nothing else (RFC 3161, 2.3).",
    after_long_help = "\
Examples:
  undersign authority appoint ocsp
  undersign authority appoint timestamp --algorithm p384"
)]
pub struct Appoint {
    /// Who is appointed: ocsp or timestamp
    #[arg(value_name = "ROLE", hide_possible_values = true)]
    role: Appointed,
    /// The kind of key: p256, p384, p521, rsa3072, rsa4096
    #[arg(long, value_name = "KIND", default_value = "p256", hide_possible_values = true)]
    algorithm: KeyKind,
    /// Its profile, instead of ocsp-responder or tsa
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// Days that the certificate is valid
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

/// Who can be appointed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Appointed {
    /// The OCSP responder
    Ocsp,
    /// The time-stamping unit
    Timestamp,
}

impl Appointed {
    fn role(self) -> Role {
        match self {
            Appointed::Ocsp => Role::Ocsp,
            Appointed::Timestamp => Role::Timestamp,
        }
    }

    fn profile(self) -> &'static str {
        match self {
            Appointed::Ocsp => "ocsp-responder",
            Appointed::Timestamp => "tsa",
        }
    }

    /// What its name ends with.
    fn title(self) -> &'static str {
        match self {
            Appointed::Ocsp => "OCSP",
            Appointed::Timestamp => "TSA",
        }
    }
}

impl Appoint {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = place.open(context)?;
        let mut vault = folder.unlocked(context, &self.passphrase)?;
        let (own, above) = authority(vault.identities())?;
        let issuing = vault.signer(&own.id(), None)?;
        let old = identity(vault.identities(), self.role.role()).map(Identity::id);
        let key = PrivateKey::generate(key_algorithm(self.algorithm)).map_err(vault::VaultError::from)?;
        let certificate = self.issue(context, &folder, &above, &issuing, &key)?;
        self.keep(&mut vault, &key, &certificate, &above)?;
        if let Some(old) = old {
            vault.remove(&old, &mut SystemEntropy)?;
        }
        context.streams.data(&format!("{}\n", certificate.serial_hex()))?;
        let (subject, until) = (certificate.subject(), certificate.not_after());
        context.streams.note(&format!("appointed {subject}, valid until {until}"));
        Ok(Exit::Success)
    }

    fn issue(
        &self,
        context: &Context<'_>,
        folder: &Folder,
        above: &[Certificate],
        issuing: &SoftwareSigner,
        key: &PrivateKey,
    ) -> Result<Certificate, Failure> {
        let own = above.first().ok_or(Failure::Internal)?;
        let signer = SoftwareSigner::new(key, SoftwareSigner::usual_for(key.public()))
            .map_err(vault::VaultError::from)?;
        let subject = service_name(own, self.role.title());
        let request = CertificationRequest::with_extensions(&subject, &[], &signer)
            .map_err(authority::Refusal::from)?
            .prove(PROVIDER)
            .map_err(|_| Failure::Internal)?;
        let profile = folder.profile(self.profile.as_deref().unwrap_or(self.role.profile()))?;
        let settings = folder.settings()?;
        let issuer = Issuer { certificate: own, signer: issuing, locations: &settings.locations };
        let mut register = folder.open_register(&context.disk)?;
        let at = register.register.time_of(clock::now())?;
        let order = Order {
            profile: &profile,
            request: &request,
            subject: None,
            alternative_names: &[],
            serial: &serial()?,
            not_before: at,
            seconds: self.days.map(|days| i64::from(days) * 86_400),
        };
        let certificate = issue(issuer, &order, PROVIDER)?;
        let event = register.register.issue(&certificate, &profile.id, at)?;
        register.record(&[event])?;
        Ok(certificate)
    }

    fn keep(
        &self,
        vault: &mut UnlockedVault,
        key: &PrivateKey,
        certificate: &Certificate,
        above: &[Certificate],
    ) -> Result<(), Failure> {
        let chain = std::iter::once(certificate).chain(above).map(|one| one.der().to_vec()).collect();
        let label = self.role.role().label();
        // Newer than the one it takes the place of, also within the same second.
        let newest = identity(vault.identities(), self.role.role()).map(|old| old.created().plus(1));
        let created = newest.unwrap_or(clock::now()).max(clock::now());
        let identity = Identity::new(label, Purpose::Signing, created, key.public().clone(), chain)?;
        vault.add(identity, key, &mut SystemEntropy)?;
        Ok(())
    }
}

/// The name of the authority with an addition to its common name.
fn service_name(authority: &Certificate, title: &str) -> Name {
    /// RFC 5280, A.1: ub-common-name.
    const LONGEST: usize = 64;
    let text = |attribute: &Attribute<'_>| {
        let text = attribute.text().unwrap_or_default();
        match attribute.oid {
            oid::COMMON_NAME => {
                let room = LONGEST.saturating_sub(title.chars().count() + 1);
                format!("{} {title}", text.chars().take(room).collect::<String>().trim_end())
            }
            _ => text,
        }
    };
    let attributes = authority.subject().attributes();
    let texts: Vec<_> = attributes.iter().map(|attribute| (attribute.oid, text(attribute))).collect();
    Name::from_attributes(&texts.iter().map(|(oid, text)| (*oid, text.as_str())).collect::<Vec<_>>())
}
