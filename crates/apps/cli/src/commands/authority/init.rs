//! `undersign authority init`: a key, and the certificate of a root or the request for one.

use super::folder::{Folder, Place, Role, profile};
use crate::commands::Context;
use crate::commands::identity::new::{country, key_algorithm, name};
use crate::commands::options::{KdfOptions, KeyKind, NEW_FILE_MODE, PassphraseOptions};
use crate::error::Failure;
use crate::exit::Exit;
use crate::{clock, entropy};
use authority::{Event, Order, Register, Settings, issue_root};
use clap::{Args, ValueHint};
use crypto::PROVIDER;
use pkix::{Certificate, CertificationRequest, Name, oid};
use report::printable;
use std::path::{Path, PathBuf};
use store::{Access, Existing, Home, write_atomically};
use vault::{Identity, PrivateKey, Purpose, SoftwareSigner, SystemEntropy, Vault};

/// Make an authority: a root, or one that awaits its certificate
#[derive(Debug, Args)]
#[command(
    long_about = "Make an authority in a folder of its own: a vault with its key, its settings and its register.\n\n\
        Without --request it is a root and signs its own certificate. With --request it writes a request for \
        another authority to sign; `undersign authority install` takes the certificate in.\n\n\
        What --base-url says goes into every certificate: others fetch CRLs and ask for the status below it. \
        Without it certificates say nothing of that kind.",
    after_long_help = "\
Examples:
  undersign authority init --name \"Example Authority\" --country IT
  undersign authority --dir issuing init --name \"Example Issuing\" \\
      --request issuing.csr --base-url http://pki.example.org"
)]
pub struct Init {
    /// Its name
    #[arg(long, value_parser = name)]
    name: String,
    /// Its organisation
    #[arg(long, visible_alias = "organization", value_name = "NAME", value_parser = name)]
    organisation: Option<String>,
    /// Its country, two letters as in ISO 3166
    #[arg(long, value_name = "CODE", value_parser = country)]
    country: Option<String>,
    /// The kind of its key: p256, p384, p521, rsa3072, rsa4096
    #[arg(long, value_name = "KIND", default_value = "p256", hide_possible_values = true)]
    algorithm: KeyKind,
    /// Write a request to this file instead of being a root
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    request: Option<PathBuf>,
    /// The profile of a root
    #[arg(long, value_name = "NAME|FILE", default_value = "root-ca", conflicts_with = "request")]
    profile: String,
    /// Days that the certificate of a root is valid
    #[arg(long, value_name = "DAYS", conflicts_with = "request")]
    days: Option<u32>,
    /// Where it is reached, for example http://pki.example.org
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    #[command(flatten)]
    kdf: KdfOptions,
}

impl Init {
    pub fn run(&self, context: &Context<'_>, place: &Place) -> Result<Exit, Failure> {
        let folder = Folder { path: place.path(context)? };
        for taken in [folder.settings_path(), folder.vault_path(), folder.register_path()] {
            if taken.exists() {
                return Err(Failure::objection(
                    "authority.exists",
                    format!("there is an authority already, or the beginning of one: {}", taken.display()),
                    "choose another folder with --dir",
                ));
            }
        }
        let policy = format!("2.25.{}", u128::from_be_bytes(uuid(entropy::fresh()?)));
        let settings = Settings::template(self.base_url.as_deref(), &policy);
        Settings::parse(&settings)
            .map_err(|error| Failure::usage(error.to_string(), "give an http or https URL"))?;
        let key = PrivateKey::generate(key_algorithm(self.algorithm)).map_err(vault::VaultError::from)?;
        let signer = SoftwareSigner::new(&key, SoftwareSigner::usual_for(key.public()))
            .map_err(vault::VaultError::from)?;
        let request = CertificationRequest::with_extensions(&self.subject(), &[], &signer)
            .map_err(authority::Refusal::from)?;
        let root = match self.request {
            None => Some(self.root(&request, &signer)?),
            Some(_) => None,
        };
        self.write(context, &folder, &settings, &key, root.as_ref())?;
        match (&root, &self.request) {
            (Some(root), _) => tell_root(context, &folder, root)?,
            (None, path) => {
                let path = path.as_deref().unwrap_or(Path::new("request.pem"));
                let access = Access::Mode(NEW_FILE_MODE);
                let pem = request.to_pem();
                write_atomically(&context.disk, path, Existing::Refuse, access, pem.as_bytes())?;
                context.streams.data(&format!("{}\n", printable(&path.display().to_string())))?;
                context.streams.note(&format!("made an authority in {}", folder.path.display()));
                context.streams.note("next: have the request signed, then: undersign authority install");
            }
        }
        Ok(Exit::Success)
    }

    fn subject(&self) -> Name {
        let country = self.country.as_deref().map(|country| (oid::COUNTRY, country));
        let organisation = self.organisation.as_deref().map(|name| (oid::ORGANIZATION, name));
        let attributes = [country, organisation, Some((oid::COMMON_NAME, self.name.as_str()))];
        Name::from_attributes(&attributes.into_iter().flatten().collect::<Vec<_>>())
    }

    fn root(&self, request: &CertificationRequest, signer: &SoftwareSigner) -> Result<Certificate, Failure> {
        let profile = profile(None, &self.profile)?;
        let request = request.prove(PROVIDER).map_err(|_| Failure::Internal)?;
        let order = Order {
            profile: &profile,
            request: &request,
            subject: None,
            alternative_names: &[],
            serial: &serial()?,
            not_before: clock::now(),
            seconds: self.days.map(|days| i64::from(days) * 86_400),
        };
        Ok(issue_root(&order, signer, PROVIDER)?)
    }

    /// Writes vault, register and settings, in this order: with the settings the authority is there.
    fn write(
        &self,
        context: &Context<'_>,
        folder: &Folder,
        settings: &str,
        key: &PrivateKey,
        root: Option<&Certificate>,
    ) -> Result<(), Failure> {
        let kdf = self.kdf.costs()?;
        let passphrase = self.passphrase.new_one()?;
        Home::open(&context.disk, &folder.path)?;
        let now = clock::now();
        let chain = root.iter().map(|root| root.der().to_vec()).collect();
        let label = Role::Authority.label();
        let identity = Identity::new(label, Purpose::Signing, now, key.public().clone(), chain)?;
        let mut vault =
            Vault::create(&context.disk, &folder.vault_path(), &passphrase, kdf, &mut SystemEntropy)?;
        vault.add(identity, key, &mut SystemEntropy)?;
        let mut register = Register::header();
        if let Some(root) = root {
            let event = Register::default().issue(root, &self.profile, root.not_before());
            register.push_str(&event.as_ref().map(Event::to_line).unwrap_or_default());
            folder.keep(&context.disk, "authority.cer", root.der())?;
        }
        let place = folder.register_path();
        let access = Access::Private;
        write_atomically(&context.disk, &place, Existing::Refuse, access, register.as_bytes())?;
        let place = folder.settings_path();
        Ok(write_atomically(&context.disk, &place, Existing::Refuse, access, settings.as_bytes())?)
    }
}

fn tell_root(context: &Context<'_>, folder: &Folder, root: &Certificate) -> Result<(), Failure> {
    let streams = context.streams;
    streams.data(&root.to_pem())?;
    streams.note(&format!("made the root {} in {}", root.subject(), folder.path.display()));
    streams.note("keep a copy of that folder: without its vault nothing can be issued or revoked");
    streams.note("next: undersign authority issue REQUEST; or: undersign trust add, with this certificate");
    Ok(())
}

/// A new serial number: positive, 127 bits of which 126 are drawn (RFC 5280, 4.1.2.2).
pub fn serial() -> Result<[u8; 16], Failure> {
    let mut serial = entropy::fresh::<16>()?;
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    Ok(serial)
}

/// A UUID of version 4 (RFC 9562, 5.4), from random octets: an arc below 2.25 that nobody else has (X.667).
fn uuid(mut octets: [u8; 16]) -> [u8; 16] {
    octets[6] = octets[6] & 0x0f | 0x40;
    octets[8] = octets[8] & 0x3f | 0x80;
    octets
}
