//! Whether a certificate is in the scope of a CRL, and for which reasons (RFC 5280, 6.3.3 (b) to (e)).

use crate::crl_facts::CrlFacts;
use crate::statement::Mismatch;
use pkix::{
    Certificate, DistributionPoint, GeneralName, Holders, IssuingDistributionPoint, Name, NameForm,
    ReasonFlags,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The reasons of revocation that the CRL covers for this certificate, over all its distribution points; or why none.
///
/// A certificate without distribution points is taken to have one with the name of its issuer (6.3.3, last but one
/// paragraph). Deviation: one that has distribution points is judged by these alone, although the standard lets a CRL
/// of the certificate's issuer be tried in the end; a certificate that leaves its revocation to another CRL issuer
/// would be called good by a CRL that cannot know.
pub fn coverage(certificate: &Certificate, crl: &CrlFacts) -> Result<ReasonFlags, Mismatch> {
    let implied = [DistributionPoint {
        full_name: vec![GeneralName::Directory(certificate.issuer().clone())],
        ..DistributionPoint::default()
    }];
    let points = certificate.extensions().crl_distribution_points.as_deref().unwrap_or(&implied);
    let names = crl.scope.as_ref().map(|scope| Names::of_crl(scope, &crl.issuer)).unwrap_or_default();
    let mut covered = ReasonFlags::NONE;
    let mut nearest = Mismatch::OtherIssuer;
    for point in points {
        match match_point(certificate, point, crl, &names) {
            Ok(reasons) => covered = covered.union(reasons),
            Err(mismatch) => nearest = nearest.max(mismatch),
        }
    }
    if covered.is_empty() { Err(nearest) } else { Ok(covered) }
}

fn match_point(
    certificate: &Certificate,
    point: &DistributionPoint,
    crl: &CrlFacts,
    names: &Names,
) -> Result<ReasonFlags, Mismatch> {
    match_issuer(certificate, point, crl)?;
    let stated = point.reasons.map_or(ReasonFlags::ALL, ReasonFlags);
    let Some(scope) = &crl.scope else { return non_empty(stated) };
    match_name(certificate, point, names)?;
    match_holders(certificate, scope.holders)?;
    non_empty(stated.intersection(scope.only_some_reasons.unwrap_or(ReasonFlags::ALL)))
}

fn non_empty(reasons: ReasonFlags) -> Result<ReasonFlags, Mismatch> {
    if reasons.is_empty() { Err(Mismatch::NoReason) } else { Ok(reasons) }
}

/// 6.3.3 (b)(1). A point that names the certificate's own issuer as cRLIssuer, which the profile forbids as needless,
/// is taken as if it named nobody.
fn match_issuer(
    certificate: &Certificate,
    point: &DistributionPoint,
    crl: &CrlFacts,
) -> Result<(), Mismatch> {
    let mut named = directory_names(&point.crl_issuer).peekable();
    let own = point.crl_issuer.is_empty() || named.peek().is_none();
    if own || directory_names(&point.crl_issuer).any(|name| name == certificate.issuer()) {
        if crl.issuer == *certificate.issuer() {
            return Ok(());
        }
        if own {
            return Err(Mismatch::OtherIssuer);
        }
    }
    if !directory_names(&point.crl_issuer).any(|name| *name == crl.issuer) {
        return Err(Mismatch::OtherIssuer);
    }
    let indirect = crl.scope.as_ref().is_some_and(|scope| scope.indirect);
    if indirect { Ok(()) } else { Err(Mismatch::NotIndirect) }
}

fn directory_names(names: &[GeneralName]) -> impl Iterator<Item = &Name> {
    names.iter().filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    })
}

/// The names of the distribution point in a CRL, by form, in a form in which equal names are equal octets; made once,
/// as the lists may be long.
#[derive(Default)]
struct Names {
    /// Whether the CRL names a distribution point at all, even by a relative name that cannot be completed.
    stated: bool,
    known: BTreeMap<NameForm, BTreeSet<Vec<u8>>>,
}

impl Names {
    fn of_crl(scope: &IssuingDistributionPoint, issuer: &Name) -> Names {
        let relative = scope.relative_name.as_deref().and_then(|relative| issuer.with_relative(relative));
        let relative = relative.map(GeneralName::Directory);
        let mut known: BTreeMap<NameForm, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for name in scope.full_name.iter().chain(&relative) {
            known.entry(name.form()).or_default().insert(comparable(name).into_owned());
        }
        Names { stated: !scope.full_name.is_empty() || scope.relative_name.is_some(), known }
    }

    fn contains(&self, name: &GeneralName) -> bool {
        self.known.get(&name.form()).is_some_and(|names| names.contains(&*comparable(name)))
    }
}

fn comparable(name: &GeneralName) -> Cow<'_, [u8]> {
    match name {
        GeneralName::Directory(name) => name.prepared().into(),
        GeneralName::Uri(text) | GeneralName::Dns(text) | GeneralName::Email(text) => text.as_bytes().into(),
        GeneralName::Ip(octets) | GeneralName::X400(octets) | GeneralName::EdiParty(octets) => {
            (&**octets).into()
        }
        GeneralName::RegisteredId(oid) => oid.octets().to_vec().into(),
        GeneralName::Other(oid, value) => [&oid.to_der(), &**value].concat().into(),
    }
}

/// 6.3.3 (b)(2)(i): one of the names of the point in the CRL is one in the certificate.
fn match_name(certificate: &Certificate, point: &DistributionPoint, names: &Names) -> Result<(), Mismatch> {
    if !names.stated {
        return Ok(());
    }
    let matches = match &point.relative_name {
        Some(relative) => {
            let base = directory_names(&point.crl_issuer).next().unwrap_or(certificate.issuer());
            base.with_relative(relative).is_some_and(|name| names.contains(&GeneralName::Directory(name)))
        }
        None if point.full_name.is_empty() => point.crl_issuer.iter().any(|name| names.contains(name)),
        None => point.full_name.iter().any(|name| names.contains(name)),
    };
    if matches { Ok(()) } else { Err(Mismatch::OtherDistributionPoint) }
}

/// 6.3.3 (b)(2)(ii) to (iv). A certificate below version 3 cannot say what it is, so that a CRL for one kind only does
/// not cover it.
fn match_holders(certificate: &Certificate, holders: Holders) -> Result<(), Mismatch> {
    let covered = match holders {
        Holders::All => true,
        Holders::Users => !certificate.is_ca() && certificate.version() == 3,
        Holders::Authorities => certificate.is_ca(),
        Holders::AttributeCertificates => false,
    };
    if covered { Ok(()) } else { Err(Mismatch::OtherHolders(holders)) }
}
