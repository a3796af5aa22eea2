//! Who is trusted, and what else is at hand: the options that say so.

use super::options::read_small;
use super::pack::{self, Pin};
use super::{Context, trust};
use crate::error::Failure;
use clap::{Args, ValueHint};
use pkix::{Certificate, TrustAnchor};
use std::path::{Path, PathBuf};
use store::FileSource;
use types::Budget;
use undersign::Trust;

/// A CRL of a million entries has some 40 MB.
const MOST_OF_A_CRL: u64 = 256 << 20;

/// Signature policies are texts for people.
const MOST_OF_A_POLICY: u64 = 64 << 20;

/// Trust and what supports it.
#[derive(Debug, Args)]
pub struct TrustOptions {
    /// Trust the certificates in this file, too (PEM, DER, PKCS#7)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    trust: Vec<PathBuf>,
    /// Leave out your trust store and your trust packs: trust only what --trust names
    #[arg(long)]
    no_trust_store: bool,
    /// Use the certificates in this file to complete paths, without trusting them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    chain: Vec<PathBuf>,
    /// Use the CRLs and OCSP responses in this file (PEM, DER)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    revocation: Vec<PathBuf>,
    /// The document of a signature policy that signatures may name
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    signature_policy: Vec<PathBuf>,
}

impl TrustOptions {
    /// Anchors of the trust store, of the trust packs and of the command line, and what is at hand beside them.
    pub fn load(&self, context: &Context<'_>) -> Result<Trust, Failure> {
        self.load_with_packs(context).map(|(trust, _)| trust)
    }

    /// The same, and which trust packs took part.
    pub fn load_with_packs(&self, context: &Context<'_>) -> Result<(Trust, Vec<Pin>), Failure> {
        let mut trust = Trust::default();
        let mut packs = Vec::new();
        let home = if self.no_trust_store { None } else { context.existing_home()? };
        if let Some(home) = home {
            trust.anchors = trust::load(context, &home);
            packs = pack::load(context, &home, &mut trust)?;
        }
        for path in &self.trust {
            trust.anchors.extend(certificates(path)?.into_iter().map(TrustAnchor::from_certificate));
        }
        for path in &self.chain {
            trust.certificates.extend(certificates(path)?);
        }
        for path in &self.revocation {
            let bytes = FileSource::open(path)?.read_all(MOST_OF_A_CRL)?;
            let bundle = pkix::read_revocation(&bytes, &mut Budget::default())
                .map_err(|malformed| Failure::document(path, malformed))?;
            trust.crls.extend(bundle.crls);
            trust.ocsps.extend(bundle.ocsps);
        }
        for path in &self.signature_policy {
            trust.signature_policies.push(FileSource::open(path)?.read_all(MOST_OF_A_POLICY)?);
        }
        Ok((trust, packs))
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    pkix::read_certificates(&read_small(path)?, &mut Budget::default())
        .map_err(|malformed| Failure::document(path, malformed))
}
