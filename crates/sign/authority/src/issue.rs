//! Issuing a certificate: the request brings name and key, the profile says everything else.

use crate::profile::{CertificateProfile, RevocationStatus};
use crate::refusal::Refusal;
use crate::settings::Locations;
use crypto::{Provider, Signer};
use pkix::{
    Certificate, CertificateBuilder, GeneralName, Irregularity, KeyUsage, Name, ProvenRequest,
    key_identifier, oid,
};
use types::Time;

/// Who issues.
#[derive(Clone, Copy)]
pub struct Issuer<'a> {
    /// The certificate of the authority.
    pub certificate: &'a Certificate,
    /// Its key.
    pub signer: &'a dyn Signer,
    /// Where its CRLs and its OCSP responder are.
    pub locations: &'a Locations,
}

/// What is to be issued.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// By which profile.
    pub profile: &'a CertificateProfile,
    /// The request, whose sender was shown to hold the key.
    pub request: &'a ProvenRequest,
    /// Another subject than that of the request.
    pub subject: Option<&'a Name>,
    /// Other alternative names than those of the request; those of the request if empty.
    pub alternative_names: &'a [GeneralName],
    /// Unpredictable, 8 to 20 octets, drawn by the caller (RFC 5280, 4.1.2.2); big-endian.
    pub serial: &'a [u8],
    /// First second of validity.
    pub not_before: Time,
    /// Seconds of validity; those of the profile if absent, and then no longer than the authority itself.
    pub seconds: Option<i64>,
}

/// Issues a certificate.
///
/// # Errors
/// A [`Refusal`] if request and profile do not fit each other, if the authority may not issue it, or if the key fails.
pub fn issue(issuer: Issuer<'_>, order: &Order<'_>, provider: &dyn Provider) -> Result<Certificate, Refusal> {
    check_issuer(issuer.certificate, order)?;
    let request = order.request.request();
    if request.subject_public_key_info() == issuer.certificate.subject_public_key_info() {
        return Err(Refusal::new(
            "authority.request.own-key",
            "the request is for the key of the authority itself",
            "make a key of its own for whoever is to be certified",
        ));
    }
    let subject = order.subject.unwrap_or(request.subject());
    if subject == issuer.certificate.subject() {
        return Err(Refusal::new(
            "authority.request.own-name",
            "the subject has the name of the authority itself",
            "give another subject",
        ));
    }
    let validity = validity(order, Some(issuer.certificate))?;
    let certificate = build(issuer.certificate.subject(), subject, order, validity, provider)?
        .authority_key_identifier(&own_key_identifier(issuer.certificate, provider));
    let certificate = locate(certificate, order.profile, issuer.locations).sign(issuer.signer)?;
    sound(certificate)
}

/// Issues the certificate of a root for its own key; the request must be signed with `signer`.
///
/// # Errors
/// As [`issue`].
pub fn issue_root(
    order: &Order<'_>,
    signer: &dyn Signer,
    provider: &dyn Provider,
) -> Result<Certificate, Refusal> {
    let request = order.request.request();
    if order.profile.authority.is_none() || request.subject_public_key_info() != signer.public_key() {
        return Err(Refusal::new(
            "authority.root.profile",
            "a root is an authority that certifies its own key",
            "use the profile root-ca",
        ));
    }
    let subject = order.subject.unwrap_or(request.subject());
    let validity = validity(order, None)?;
    let certificate = build(subject, subject, order, validity, provider)?
        .authority_key_identifier(&key_identifier(signer.public_key(), provider));
    sound(certificate.sign(signer)?)
}

/// What the path validator would object to in a certificate of this issuer (RFC 5280, 6.1.4).
fn check_issuer(issuer: &Certificate, order: &Order<'_>) -> Result<(), Refusal> {
    let signs = issuer.extensions().key_usage.is_none_or(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN));
    if !issuer.is_ca() || !signs {
        return Err(Refusal::new(
            "authority.issuer.no-ca",
            "this certificate may not issue others (RFC 5280, 4.2.1.9)",
            "issue from a certification authority",
        ));
    }
    let path_len = issuer.extensions().basic_constraints.and_then(|constraints| constraints.path_len);
    if order.profile.authority.is_some() && path_len == Some(0) {
        return Err(Refusal::new(
            "authority.issuer.path-length",
            "this authority may have no authority below it (RFC 5280, 4.2.1.9)",
            "let the root issue it",
        ));
    }
    if order.not_before < issuer.not_before() || order.not_before > issuer.not_after() {
        return Err(Refusal::new(
            "authority.issuer.validity",
            format!("the authority is valid from {} until {}", issuer.not_before(), issuer.not_after()),
            "check the clock, or renew the authority",
        ));
    }
    Ok(())
}

/// The key identifier that the authority's certificate has, or the usual one.
pub(crate) fn own_key_identifier(certificate: &Certificate, provider: &dyn Provider) -> Vec<u8> {
    match &certificate.extensions().subject_key_identifier {
        Some(identifier) => identifier.to_vec(),
        None => key_identifier(certificate.subject_public_key_info(), provider),
    }
}

fn validity(order: &Order<'_>, issuer: Option<&Certificate>) -> Result<(Time, Time), Refusal> {
    let profile = order.profile;
    let seconds = order.seconds.unwrap_or(profile.validity_seconds);
    if !(1..=profile.longest_seconds).contains(&seconds) {
        return Err(Refusal::new(
            "authority.validity.length",
            format!("the profile {} allows up to {} days", profile.id, profile.longest_seconds / 86_400),
            "ask for less, or use another profile",
        ));
    }
    // Both ends belong to the validity (RFC 5280, 4.1.2.5).
    let wanted = order.not_before.plus(seconds - 1);
    match issuer.map(Certificate::not_after) {
        Some(end) if wanted > end && order.seconds.is_some() => Err(Refusal::new(
            "authority.validity.beyond-issuer",
            format!("the authority itself is valid until {end}"),
            "ask for less, or renew the authority",
        )),
        Some(end) => Ok((order.not_before, wanted.min(end))),
        None => Ok((order.not_before, wanted)),
    }
}

/// Everything but what ties it to its issuer.
fn build(
    issuer: &Name,
    subject: &Name,
    order: &Order<'_>,
    validity: (Time, Time),
    provider: &dyn Provider,
) -> Result<CertificateBuilder, Refusal> {
    let (profile, request) = (order.profile, order.request.request());
    check_subject(subject, profile)?;
    match request.public_key() {
        Ok(key) if profile.takes(key.algorithm) => {}
        Ok(key) => {
            return Err(Refusal::new(
                "authority.request.key",
                format!("the profile {} does not take keys of the kind {}", profile.id, key.algorithm),
                "make another key, or use another profile",
            ));
        }
        Err(unknown) => {
            let hint = "make another key";
            return Err(Refusal::new("authority.request.key", unknown.to_string(), hint));
        }
    }
    let names = alternative_names(order)?;
    let serial_fits = (8..=20).contains(&order.serial.len())
        && order.serial.first().is_some_and(|first| (1..0x80).contains(first));
    if !serial_fits {
        return Err(Refusal::new(
            "authority.serial.form",
            "a serial number is positive and of 8 to 20 octets (RFC 5280, 4.1.2.2)",
            "draw another one",
        ));
    }
    let spki = request.subject_public_key_info();
    let mut builder = CertificateBuilder::new(order.serial, issuer, validity, subject, spki)
        .subject_key_identifier(provider)
        .key_usage(profile.key_usage);
    if let Some(constraints) = profile.authority {
        builder = builder.basic_constraints(constraints);
    }
    let (criticality, purposes) = &profile.extended_key_usage;
    if !purposes.is_empty() {
        builder = builder.extended_key_usage_of(*criticality, purposes);
    }
    if !names.is_empty() {
        builder = builder.subject_alt_name(&names);
    }
    if !profile.policies.is_empty() {
        builder = builder.certificate_policies(&profile.policies);
    }
    if profile.ocsp_no_check {
        builder = builder.marker(oid::OCSP_NO_CHECK);
    }
    if profile.validity_assured_short_term {
        builder = builder.marker(oid::VALIDITY_ASSURED_SHORT_TERM);
    }
    Ok(builder)
}

fn check_subject(subject: &Name, profile: &CertificateProfile) -> Result<(), Refusal> {
    let refuse = |reason: String| {
        Err(Refusal::new("authority.request.subject", reason, "give another subject with --subject"))
    };
    for required in &profile.subject_required {
        if subject.last(*required).is_none_or(|text| text.trim().is_empty()) {
            let name = Name::from_attributes(&[(*required, "…")]).to_string();
            return refuse(format!("the profile {} wants a subject with {name}", profile.id));
        }
    }
    for attribute in subject.attributes() {
        // RFC 5280, A.1: ub-common-name and its kind; 64 characters hold for nearly all of them.
        let fits = |text: &String| text.chars().count() <= 64 && !text.chars().any(char::is_control);
        if attribute.oid == oid::COMMON_NAME && attribute.text().as_ref().is_none_or(|text| !fits(text)) {
            return refuse("a common name has 1 to 64 characters and no control characters".to_owned());
        }
        if attribute.text().is_none() {
            return refuse(format!("the attribute {} of the subject is no text", attribute.oid));
        }
    }
    Ok(())
}

fn alternative_names(order: &Order<'_>) -> Result<Vec<GeneralName>, Refusal> {
    let refuse = |reason: String| {
        Err(Refusal::new(
            "authority.request.alternative-name",
            reason,
            "give the names yourself, or use another profile",
        ))
    };
    let wishes = order.request.request().extensions();
    let names = match order.alternative_names {
        [] => wishes.subject_alt_name.clone().unwrap_or_default(),
        given => given.to_vec(),
    };
    let malformed = wishes.get(oid::SUBJECT_ALT_NAME).is_some() && wishes.subject_alt_name.is_none();
    if malformed && order.alternative_names.is_empty() {
        return refuse("the alternative names of the request cannot be read".to_owned());
    }
    match names.iter().find(|name| !order.profile.alternative_names.contains(&name.form())) {
        Some(name) => refuse(format!("the profile {} allows no name like {name}", order.profile.id)),
        None => Ok(names),
    }
}

/// Says where the status is told, or that it never is.
fn locate(
    mut builder: CertificateBuilder,
    profile: &CertificateProfile,
    locations: &Locations,
) -> CertificateBuilder {
    let mut access = Vec::new();
    match profile.revocation {
        RevocationStatus::Told => {
            if let Some(uri) = &locations.complete_crl {
                builder = builder.crl_distribution_points(&[uri]);
            }
            if let Some(uri) = &locations.delta_crl {
                builder = builder.freshest_crl(&[uri]);
            }
            access.extend(locations.ocsp.as_deref().map(|uri| (oid::ACCESS_OCSP, uri)));
        }
        RevocationStatus::Never => builder = builder.marker(oid::NO_REV_AVAIL),
        RevocationStatus::Unstated => {}
    }
    access.extend(locations.certificate.as_deref().map(|uri| (oid::ACCESS_CA_ISSUERS, uri)));
    if access.is_empty() { builder } else { builder.authority_info_access(&access) }
}

/// Gives nothing out that breaks the profile of RFC 5280.
fn sound(certificate: Certificate) -> Result<Certificate, Refusal> {
    match certificate.irregularities() {
        [] => Ok(certificate),
        [first, ..] => {
            let Irregularity { message, clause, .. } = first;
            Err(Refusal::new(
                "authority.certificate.irregular",
                format!("the certificate would be against {clause}: {message}"),
                "change the request or the profile",
            ))
        }
    }
}
