//! `undersign authority issue`: certificates for requests.

use super::folder::{Place, authority};
use super::init::serial;
use crate::clock;
use crate::commands::Context;
use crate::commands::identity::new::{email, name};
use crate::commands::options::{OutputOptions, PassphraseOptions, read_small};
use crate::error::Failure;
use crate::exit::Exit;
use authority::{CertificateProfile, Event, Issuer, Order};
use clap::{Args, ValueHint};
use crypto::PROVIDER;
use pkix::{Attribute, Certificate, CertificationRequest, GeneralName, Name, Oid, ProvenRequest, oid};
use report::printable;
use std::path::{Path, PathBuf};
use types::Budget;

/// Issue certificates for requests
#[derive(Debug, Args)]
#[command(
    long_about = "Issue a certificate for each request (PKCS#10, PEM or DER) whose sender holds the key. The profile says \
        what the certificate is for; of the request only the subject, the key and alternative names that the \
        profile allows are taken over.\n\n\
        The certificates go to standard output, or to a file, one after the other, in PEM. What was issued is in \
        the register before it is written there.",
    after_long_help = "\
Examples:
  undersign authority issue ada.csr -o ada.pem
  undersign authority issue ada.csr --profile signer-short -o today.pem
  undersign authority issue *.csr --name \"Field Team\" -o team.pem --chain"
)]
pub struct Issue {
    /// Files with a request each
    #[arg(required = true, value_name = "REQUEST", value_hint = ValueHint::FilePath)]
    requests: Vec<PathBuf>,
    /// The kind of certificate; see undersign authority profiles
    #[arg(long, value_name = "NAME|FILE", default_value = "signer")]
    profile: String,
    /// Another common name than that of the request
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Another organisation than that of the request
    #[arg(long, visible_alias = "organization", value_name = "NAME", value_parser = name)]
    organisation: Option<String>,
    /// An e-mail address, instead of the alternative names of the request
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    email: Option<String>,
    /// Days of validity, instead of those of the profile
    #[arg(long, value_name = "DAYS", conflicts_with = "hours")]
    days: Option<u32>,
    /// Hours of validity, instead of those of the profile
    #[arg(long, value_name = "HOURS")]
    hours: Option<u32>,
    /// Write the certificates of the authority after them
    #[arg(long)]
    chain: bool,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Issue {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = place.open(context)?;
        let profile = folder.profile(&self.profile)?;
        let requests = self.requests.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
        let settings = folder.settings()?;
        if settings.locations.complete_crl.is_none() {
            let text = "certificates will not say where their status is told: there is no base-url";
            context.streams.warning(text, "set base-url in authority.toml before issuing to others");
        }
        let vault = folder.unlocked(context, &self.passphrase)?;
        let (own, above) = authority(vault.identities())?;
        let (signer, certificate) = (vault.signer(&own.id(), None)?, above.first().ok_or(Failure::Internal)?);
        let issuer = Issuer { certificate, signer: &signer, locations: &settings.locations };
        let mut register = folder.open_register(&context.disk)?;
        let mut events = Vec::new();
        for request in &requests {
            let at = register.register.time_of(clock::now())?;
            let issued = self.issue(issuer, &profile, request, at)?;
            events.push(register.register.issue(&issued, &profile.id, at)?);
        }
        register.record(&events)?;
        drop(register);
        let issued: Vec<&Certificate> = events.iter().filter_map(certificate_of).collect();
        let above = above.iter().take(if self.chain { usize::MAX } else { 0 });
        let pem: String = issued.iter().copied().chain(above).map(Certificate::to_pem).collect();
        self.output.write(context, pem.as_bytes())?;
        for certificate in issued {
            let (serial, until) = (certificate.serial_hex(), certificate.not_after());
            let subject = certificate.subject().to_string();
            context.streams.note(&format!("issued {serial}: {}, valid until {until}", printable(&subject)));
        }
        Ok(Exit::Success)
    }

    fn issue(
        &self,
        issuer: Issuer<'_>,
        profile: &CertificateProfile,
        request: &ProvenRequest,
        at: types::Time,
    ) -> Result<Certificate, Failure> {
        let subject = self.subject(request.request().subject());
        let names: Vec<GeneralName> =
            self.email.iter().map(|email| GeneralName::Email(email.as_str().into())).collect();
        let days = self.days.map(|days| i64::from(days) * 86_400);
        let order = Order {
            profile,
            request,
            subject: Some(&subject),
            alternative_names: &names,
            serial: &serial()?,
            not_before: at,
            seconds: days.or(self.hours.map(|hours| i64::from(hours) * 3600)),
        };
        Ok(authority::issue(issuer, &order, PROVIDER)?)
    }

    /// The subject of the request with what was said otherwise.
    fn subject(&self, requested: &Name) -> Name {
        let instead = [(oid::ORGANIZATION, &self.organisation), (oid::COMMON_NAME, &self.name)];
        let instead: Vec<(Oid, &str)> =
            instead.iter().filter_map(|(oid, text)| Some((*oid, text.as_deref()?))).collect();
        if instead.is_empty() {
            return requested.clone();
        }
        let is_kept = |attribute: &&Attribute<'_>| instead.iter().all(|(oid, _)| *oid != attribute.oid);
        let attributes = requested.attributes();
        let kept = attributes.iter().filter(is_kept);
        let kept: Vec<(Oid, String)> =
            kept.map(|attribute| (attribute.oid, attribute.text().unwrap_or_default())).collect();
        let kept = kept.iter().map(|(oid, text)| (*oid, text.as_str()));
        Name::from_attributes(&kept.chain(instead).collect::<Vec<_>>())
    }
}

fn certificate_of(event: &Event) -> Option<&Certificate> {
    match event {
        Event::Issued { certificate, .. } => Some(certificate),
        _ => None,
    }
}

/// A request whose sender holds the key.
fn read(file: &Path) -> Result<ProvenRequest, Failure> {
    let request = CertificationRequest::read(&read_small(file)?, &mut Budget::default())
        .map_err(|fault| Failure::document(file, fault))?;
    request.prove(PROVIDER).map_err(|error| {
        Failure::objection(
            "authority.request.possession",
            format!("{}: {error}", printable(&file.display().to_string())),
            "have the request made again, with the key itself",
        )
    })
}
