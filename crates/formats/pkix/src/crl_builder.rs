//! Making CRLs, full and delta (RFC 5280, 5): times, numbers and keys are arguments.

use crate::build::{self, BuildError, Criticality};
use crate::crl::{Crl, CrlNumber, Holders, IssuingDistributionPoint};
use crate::oid::{self, Oid};
use crate::reason::Reason;
use crate::revoked::{Revocation, shortest_serial};
use crate::{Name, encode, tlv};
use crypto::Signer;
use types::Time;

/// Puts a CRL together entry by entry. Entries are encoded as they come, so that a long list costs little more than its
/// octets.
#[derive(Clone, Debug)]
pub struct CrlBuilder {
    issuer: Name,
    this_update: Time,
    next_update: Time,
    extensions: Vec<(Oid, Criticality, Vec<u8>)>,
    is_delta: bool,
    entries: Vec<u8>,
    taken_back: bool,
}

impl CrlBuilder {
    /// An empty complete list of this issuer, with its number (RFC 5280, 5.2.3). `updates` are thisUpdate and nextUpdate.
    pub fn new(issuer: &Name, updates: (Time, Time), number: &CrlNumber) -> CrlBuilder {
        CrlBuilder {
            issuer: issuer.clone(),
            this_update: updates.0,
            next_update: updates.1,
            extensions: vec![(oid::CRL_NUMBER, Criticality::NonCritical, encode::unsigned(number.octets()))],
            is_delta: false,
            entries: Vec::new(),
            taken_back: false,
        }
    }

    fn with(mut self, oid: Oid, criticality: Criticality, der: Vec<u8>) -> CrlBuilder {
        self.extensions.push((oid, criticality, der));
        self
    }

    /// authorityKeyIdentifier: the key identifier of the issuer (RFC 5280, 5.2.1).
    pub fn authority_key_identifier(self, identifier: &[u8]) -> CrlBuilder {
        self.with(
            oid::AUTHORITY_KEY_IDENTIFIER,
            Criticality::NonCritical,
            build::authority_key_identifier(identifier),
        )
    }

    /// Makes it a delta CRL: it lists only what changed since the complete CRL of this number (RFC 5280, 5.2.4).
    pub fn delta_since(mut self, base: &CrlNumber) -> CrlBuilder {
        self.is_delta = true;
        self.with(oid::DELTA_CRL_INDICATOR, Criticality::Critical, encode::unsigned(base.octets()))
    }

    /// issuingDistributionPoint, critical (RFC 5280, 5.2.5). A point that says nothing is left out.
    pub fn issuing_distribution_point(self, point: &IssuingDistributionPoint) -> CrlBuilder {
        match issuing_distribution_point(point) {
            fields if fields.is_empty() => self,
            fields => self.with(
                oid::ISSUING_DISTRIBUTION_POINT,
                Criticality::Critical,
                encode::sequence(&[&fields]),
            ),
        }
    }

    /// freshestCRL: where the delta CRLs are (RFC 5280, 5.2.6).
    pub fn freshest_crl(self, uris: &[&str]) -> CrlBuilder {
        self.with(oid::FRESHEST_CRL, Criticality::NonCritical, build::distribution_points(uris))
    }

    /// expiredCertsOnCRL: certificates that expired at this time or later stay listed (X.509, 9.5.2.8).
    pub fn expired_certs_on_crl(self, since: Time) -> CrlBuilder {
        self.with(oid::EXPIRED_CERTS_ON_CRL, Criticality::NonCritical, encode::generalized_time(since))
    }

    /// Lists a certificate by its serial number (content octets). A reason unspecified is left out (RFC 5280, 5.3.1).
    pub fn revoked(mut self, serial: &[u8], revocation: &Revocation) -> CrlBuilder {
        self.push(serial, revocation);
        self
    }

    /// The same for many, without moving the builder.
    pub fn push(&mut self, serial: &[u8], revocation: &Revocation) {
        self.taken_back |= revocation.reason == Some(Reason::RemoveFromCrl);
        let extensions = entry_extensions(revocation);
        let extensions = match extensions.as_slice() {
            [] => Vec::new(),
            list => build::extensions(list),
        };
        self.entries.extend(encode::sequence(&[
            &encode::value(tlv::INTEGER, shortest_serial(serial)),
            &encode::time(revocation.at),
            &extensions,
        ]));
    }

    /// Signs it with the issuer's key.
    ///
    /// # Errors
    /// If the signer does not sign, if its algorithm cannot be written, or if removeFromCRL stands in a complete list
    /// (RFC 5280, 5.3.1).
    pub fn sign(&self, issuer: &dyn Signer) -> Result<Crl, BuildError> {
        if self.taken_back && !self.is_delta {
            return Err(BuildError::Forbidden {
                what: "removeFromCRL in a complete CRL",
                clause: "RFC 5280, 5.3.1",
            });
        }
        let entries = match self.entries.as_slice() {
            [] => Vec::new(),
            entries => encode::value(tlv::SEQUENCE, entries),
        };
        let tbs = encode::sequence(&[
            &encode::unsigned(&[1]),
            &build::algorithm_der(issuer)?,
            self.issuer.der(),
            &encode::time(self.this_update),
            &encode::time(self.next_update),
            &entries,
            &encode::value(tlv::constructed(0), &build::extensions(&self.extensions)),
        ]);
        Crl::from_der(&build::signed(&tbs, issuer, &[])?).map_err(BuildError::Malformed)
    }
}

/// reasonCode and invalidityDate, as entries of CRLs and single OCSP responses carry them (RFC 5280, 5.3).
fn entry_extensions(revocation: &Revocation) -> Vec<(Oid, Criticality, Vec<u8>)> {
    let reason = revocation.reason.filter(|reason| *reason != Reason::Unspecified);
    let reason = reason.map(|reason| (oid::CRL_REASON, encode::value(tlv::ENUMERATED, &[reason.code()])));
    let invalidity =
        revocation.invalidity_date.map(|time| (oid::INVALIDITY_DATE, encode::generalized_time(time)));
    let list = [reason, invalidity].into_iter().flatten();
    list.map(|(oid, der)| (oid, Criticality::NonCritical, der)).collect()
}

fn issuing_distribution_point(point: &IssuingDistributionPoint) -> Vec<u8> {
    let flag = |number: u8, set: bool| match set {
        true => encode::value(tlv::primitive(number), &[0xff]),
        false => Vec::new(),
    };
    let name = match (&point.relative_name, point.full_name.as_slice()) {
        (Some(relative), _) => encode::value(tlv::constructed(1), relative),
        (None, []) => Vec::new(),
        (None, names) => encode::value(
            tlv::constructed(0),
            &names.iter().flat_map(build::general_name).collect::<Vec<u8>>(),
        ),
    };
    let name = if name.is_empty() { name } else { encode::value(tlv::constructed(0), &name) };
    let reasons = point.only_some_reasons.map(|reasons| {
        let mut bits = encode::named_bits(reasons.0);
        bits.iter_mut().take(1).for_each(|tag| *tag = tlv::primitive(3));
        bits
    });
    [
        name,
        flag(1, point.holders == Holders::Users),
        flag(2, point.holders == Holders::Authorities),
        reasons.unwrap_or_default(),
        flag(4, point.indirect),
        flag(5, point.holders == Holders::AttributeCertificates),
    ]
    .concat()
}
