//! Name constraints: is every name of a certificate within what its issuers may certify (RFC 5280, 4.2.1.10)?

use crate::check::Fault;
use pkix::{Certificate, GeneralName, GeneralSubtree, Name, NameConstraints, NameForm, oid};
use std::collections::BTreeMap;
use types::{Budget, Resource};

/// Checks every name of `certificate` against all constraints met above it.
///
/// Permitted subtrees of several issuers intersect, as a name must satisfy each of them in turn.
pub(crate) fn check(
    certificate: &Certificate,
    constraints: &[&NameConstraints],
    budget: &mut Budget,
) -> Result<(), Fault> {
    if constraints.is_empty() {
        return Ok(());
    }
    let names = names_of(certificate);
    for set in constraints {
        let size = set.excluded.len().saturating_add(set.permitted.len());
        budget.spend(Resource::NameComparisons, size as u64).map_err(Fault::Budget)?;
        let (excluded, permitted) = (ByForm::new(&set.excluded), ByForm::new(&set.permitted));
        for name in &names {
            let name = name.as_ref();
            let (excluded, permitted) = (excluded.of(name), permitted.of(name));
            let comparisons = excluded.len().saturating_add(permitted.len());
            budget.spend(Resource::NameComparisons, comparisons as u64).map_err(Fault::Budget)?;
            check_name(name, excluded, permitted)?;
        }
    }
    Ok(())
}

/// Subtrees by the form of their base, so that names are compared with their own form only.
struct ByForm<'a>(BTreeMap<NameForm, Vec<&'a GeneralSubtree>>);

impl<'a> ByForm<'a> {
    fn new(subtrees: &'a [GeneralSubtree]) -> ByForm<'a> {
        let mut forms: BTreeMap<NameForm, Vec<&'a GeneralSubtree>> = BTreeMap::new();
        for subtree in subtrees {
            forms.entry(subtree.base.form()).or_default().push(subtree);
        }
        ByForm(forms)
    }

    fn of(&self, name: &GeneralName) -> &[&'a GeneralSubtree] {
        self.0.get(&name.form()).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A name of a certificate, as it stands or made from an attribute of the subject.
enum Candidate<'a> {
    Borrowed(&'a GeneralName),
    Made(GeneralName),
}

impl Candidate<'_> {
    fn as_ref(&self) -> &GeneralName {
        match self {
            Candidate::Borrowed(name) => name,
            Candidate::Made(name) => name,
        }
    }
}

/// Subject, alternative names, and e-mail addresses in the subject. Constraints for e-mail addresses are for those in the
/// form of another name, too (RFC 9598, 6).
///
/// Deviation: addresses in the subject are held against constraints even where the alternative names hold one (RFC 5280,
/// 4.2.1.10 asks for it only where they hold none): a reader is shown either.
fn names_of(certificate: &Certificate) -> Vec<Candidate<'_>> {
    let alternative = certificate.extensions().subject_alt_name.as_deref().unwrap_or_default();
    let mut names: Vec<Candidate<'_>> = alternative.iter().map(Candidate::Borrowed).collect();
    let mailboxes = alternative.iter().filter_map(GeneralName::smtp_utf8_mailbox);
    names.extend(mailboxes.map(|text| Candidate::Made(GeneralName::Email(text.into()))));
    let subject: &Name = certificate.subject();
    if !subject.is_empty() {
        names.push(Candidate::Made(GeneralName::Directory(subject.clone())));
    }
    let attributes = subject.attributes().into_iter();
    let addresses = attributes.filter(|attribute| attribute.oid == oid::EMAIL_ADDRESS);
    let text = addresses.map(|attribute| attribute.text().unwrap_or_default());
    names.extend(text.map(|text| Candidate::Made(GeneralName::Email(text.into()))));
    names
}

fn check_name(
    name: &GeneralName,
    excluded: &[&GeneralSubtree],
    permitted: &[&GeneralSubtree],
) -> Result<(), Fault> {
    for subtree in excluded {
        if within(name, subtree, Subtree::Excluded)? {
            return Err(Fault::NameExcluded(name.to_string()));
        }
    }
    for subtree in permitted {
        if within(name, subtree, Subtree::Permitted)? {
            return Ok(());
        }
    }
    if permitted.is_empty() { Ok(()) } else { Err(Fault::NameNotPermitted(name.to_string())) }
}

/// Which side is asked; it decides how a name that stands for many (a wildcard) is treated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subtree {
    Permitted,
    Excluded,
}

/// Whether `name` lies in the subtree. Names and constraints are of the same form.
fn within(name: &GeneralName, subtree: &GeneralSubtree, side: Subtree) -> Result<bool, Fault> {
    if subtree.minimum != 0 || subtree.maximum.is_some() {
        return Err(Fault::NameFormUnsupported(subtree.base.form()));
    }
    match (name, &subtree.base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Ok(match side {
            Subtree::Permitted => name.is_within(base),
            // Of a string that cannot be prepared nobody can say that it is another one (RFC 4518, 2.4).
            Subtree::Excluded => name.is_within(base) || !(name.is_comparable() && base.is_comparable()),
        }),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => within_dns(name, base, side),
        (GeneralName::Email(name), GeneralName::Email(base)) => within_email(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => within_uri(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => Ok(within_ip(name, base)),
        _ => Err(Fault::NameFormUnsupported(name.form())),
    }
}

/// A DNS name lies in a subtree if it is made by adding zero or more labels on the left of the base.
fn within_dns(name: &str, base: &str, side: Subtree) -> Result<bool, Fault> {
    if base.is_empty() {
        return Ok(true);
    }
    if !is_host(base) {
        return Err(Fault::ConstraintMalformed(base.to_owned()));
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    if ends_with_labels(name, base) {
        return Ok(true);
    }
    // A wildcard stands for names that may lie in an excluded subtree below it.
    let wildcard = name.strip_prefix("*.").filter(|_| side == Subtree::Excluded);
    Ok(wildcard.is_some_and(|parent| ends_with_labels(base, parent)))
}

/// Labels of letters, digits, hyphens and underscores.
fn is_host(text: &str) -> bool {
    let label_ok = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.split('.').all(label_ok)
}

/// Whether the last labels of `name` are those of `base`, case aside.
fn ends_with_labels(name: &str, base: &str) -> bool {
    let Some(start) = name.len().checked_sub(base.len()) else { return false };
    let tail = name.as_bytes().get(start..).unwrap_or_default();
    let at_label = start == 0 || name.as_bytes().get(start - 1) == Some(&b'.');
    at_label && tail.eq_ignore_ascii_case(base.as_bytes())
}

/// A constraint is a mailbox (`a@host`), a host, or a domain with a leading period (all hosts below it).
fn within_email(name: &str, base: &str) -> Result<bool, Fault> {
    // What is not a mailbox cannot be compared: neither permitted nor known not to be excluded. A host is in ASCII
    // (RFC 9598, 3).
    let Some((local, host)) = name.rsplit_once('@').filter(|(_, host)| host.is_ascii()) else {
        return Err(Fault::NameNotPermitted(name.escape_debug().to_string()));
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if let Some((base_local, base_host)) = base.rsplit_once('@') {
        return Ok(local == base_local && host.eq_ignore_ascii_case(base_host));
    }
    Ok(within_domain(host, base))
}

/// A host equals the base, or lies below a base with a leading period. An empty base holds every host.
fn within_domain(host: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        _ if base.is_empty() => true,
        Some(domain) => host.len() > domain.len() && ends_with_labels(host, domain),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// The host part of a URI is compared; a URI without host name cannot be, and is refused.
fn within_uri(uri: &str, base: &str) -> Result<bool, Fault> {
    let refused = || Fault::NameNotPermitted(uri.escape_debug().to_string());
    let (_, after) = uri.split_once("://").ok_or_else(refused)?;
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_address = host.split('.').next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if host.is_empty() || is_address || !is_host(host) {
        return Err(refused());
    }
    Ok(within_domain(host, base))
}

/// Address under mask equals base under mask; lengths tell IPv4 from IPv6.
fn within_ip(address: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    address.len() == network.len()
        && address.iter().zip(network).zip(mask).all(|((a, network), mask)| a & mask == network & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_subtrees_end_at_labels() {
        let inside = |name, base| within_dns(name, base, Subtree::Permitted).unwrap();
        assert!(inside("host.Example.com", "example.COM") && inside("example.com", "example.com"));
        assert!(!inside("badexample.com", "example.com") && !inside("com", "example.com"));
        assert!(within_dns("a.example.com", ".example.com", Subtree::Permitted).is_err());
    }

    #[test]
    fn a_wildcard_is_excluded_by_what_it_may_stand_for() {
        assert!(within_dns("*.example.com", "foo.example.com", Subtree::Excluded).unwrap());
        assert!(!within_dns("*.example.com", "foo.example.com", Subtree::Permitted).unwrap());
        assert!(!within_dns("*.example.com", "example.org", Subtree::Excluded).unwrap());
    }

    #[test]
    fn mail_constraints_are_mailboxes_hosts_or_domains() {
        assert!(within_email("a@Host.com", "host.com").unwrap());
        assert!(within_email("a@b.host.com", ".host.com").unwrap());
        assert!(!within_email("a@host.com", ".host.com").unwrap());
        assert!(within_email("a@host.com", "a@HOST.com").unwrap());
        assert!(!within_email("A@host.com", "a@host.com").unwrap());
        assert!(within_email("host.com", "host.com").is_err());
        assert!(within_email("a@Host.com.", "host.com").unwrap());
        assert!(within_email("a@b.host.com.", ".host.com").unwrap());
        assert!(within_email("a@höst.com", "host.com").is_err() && within_email("", "host.com").is_err());
        assert!(within_email("ä@host.com", "host.com").unwrap());
    }

    fn judged(name: &GeneralName, excluded: &[GeneralName]) -> Result<(), Fault> {
        let subtree = |base: &GeneralName| GeneralSubtree { base: base.clone(), minimum: 0, maximum: None };
        let subtrees: Vec<GeneralSubtree> = excluded.iter().map(subtree).collect();
        check_name(name, &subtrees.iter().collect::<Vec<_>>(), &[])
    }

    #[test]
    fn a_name_that_cannot_be_prepared_is_excluded_where_any_is() {
        let name = |text| GeneralName::Directory(Name::from_attributes(&[(oid::ORGANIZATION, text)]));
        let bank = [name("Bank")];
        assert!(judged(&name("Bank\u{e000}"), &bank).is_err() && judged(&name("bank"), &bank).is_err());
        assert!(judged(&name("Shop"), &bank).is_ok() && judged(&name("Bank\u{e000}"), &[]).is_ok());
        assert!(judged(&name("Shop"), &[name("\u{f0000}")]).is_err());
    }

    #[test]
    fn uris_without_a_host_name_are_refused() {
        assert!(within_uri("https://user@a.example.com:8443/x?y", ".example.com").unwrap());
        assert!(within_uri("ldap://example.com", "example.com").unwrap());
        for uri in ["urn:x", "https://192.0.2.1/", "https://[2001:db8::1]/", "https:///x"] {
            assert!(within_uri(uri, "example.com").is_err(), "{uri}");
        }
    }
}
