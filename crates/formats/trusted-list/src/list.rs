//! The list as a whole (TS 119 612, 5.2 and 5.3).

use crate::service::{self, Service, certificates};
use crate::xml::{at, children, parse, text, text_at};
use pkix::Certificate;
use roxmltree::Node;
use types::{Budget, Malformed, Resource, Time};

const NAMESPACE: &str = "http://uri.etsi.org/02231/v2#";
/// Ends of `TSLType` for the list of lists: of the EU, or of another community.
const LIST_OF_LISTS: [&str; 2] = ["/EUlistofthelists", "/CClist"];
/// Steps of the budget for each service or pointer.
const ENTRY: u64 = 100;

/// What a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The lists of others.
    Lists,
    /// The services of one territory.
    Services,
}

/// A list as read; nothing says yet that it is genuine.
#[derive(Clone, Debug)]
pub struct TrustedList {
    /// What it is about.
    pub scope: Scope,
    /// `SchemeTerritory` (5.3.10), e.g. `DE`.
    pub territory: String,
    /// `TSLSequenceNumber` (5.3.2); grows with every version.
    pub sequence: u64,
    /// `ListIssueDateTime` (5.3.14).
    pub issued: Time,
    /// `NextUpdate` (5.3.15); absent in a list that was closed.
    pub next_update: Option<Time>,
    /// Other lists, and who may sign them (5.3.13).
    pub pointers: Vec<Pointer>,
    /// The services of the two kinds that are read.
    pub services: Vec<Service>,
    /// How many services of those kinds cannot be used: no certificate, or a time that cannot be read.
    pub unusable: usize,
}

/// `OtherTSLPointer` (5.3.13).
#[derive(Clone, Debug)]
pub struct Pointer {
    /// What the other list is about.
    pub scope: Scope,
    /// Its territory.
    pub territory: String,
    /// Where it is.
    pub location: String,
    /// Who may sign it.
    pub certificates: Vec<Certificate>,
}

impl TrustedList {
    /// Reads a list. Draws steps for its bytes, services and pointers, and on [`Resource::Certificates`].
    ///
    /// # Errors
    /// If it is no such list, or not within the budget. A service that cannot be read is counted, not fatal: it can only make
    /// less trusted.
    pub fn parse(bytes: &[u8], budget: &mut Budget) -> Result<TrustedList, Malformed> {
        let document = parse(bytes, budget)?;
        let root = document.root_element();
        if root.tag_name().name() != "TrustServiceStatusList"
            || root.tag_name().namespace() != Some(NAMESPACE)
        {
            return Err(Malformed::syntax(None, "this is no trusted list", "TS 119 612, 5.2"));
        }
        let scheme = at(root, &["SchemeInformation"])
            .ok_or_else(|| Malformed::syntax(None, "the list has no SchemeInformation", "TS 119 612, 5.3"))?;
        let mut list = TrustedList {
            scope: scope(&text_at(scheme, &["TSLType"])),
            territory: text_at(scheme, &["SchemeTerritory"]),
            sequence: number(&text_at(scheme, &["TSLSequenceNumber"]))?,
            issued: time(&text_at(scheme, &["ListIssueDateTime"]), "ListIssueDateTime")?,
            next_update: next_update(scheme)?,
            pointers: Vec::new(),
            services: Vec::new(),
            unusable: 0,
        };
        for node in
            at(scheme, &["PointersToOtherTSL"]).into_iter().flat_map(|all| children(all, "OtherTSLPointer"))
        {
            budget.spend(Resource::Steps, ENTRY)?;
            list.pointers.push(pointer(node, budget)?);
        }
        for provider in at(root, &["TrustServiceProviderList"])
            .into_iter()
            .flat_map(|all| children(all, "TrustServiceProvider"))
        {
            list.provider(provider, budget)?;
        }
        Ok(list)
    }

    fn provider(&mut self, provider: Node<'_, '_>, budget: &mut Budget) -> Result<(), Malformed> {
        let name = at(provider, &["TSPInformation", "TSPName"]).map(in_english).unwrap_or_default();
        for node in at(provider, &["TSPServices"]).into_iter().flat_map(|all| children(all, "TSPService")) {
            budget.spend(Resource::Steps, ENTRY)?;
            match service::read(node, &name, budget)? {
                service::Read::Service(service) => self.services.push(service),
                service::Read::Unusable => self.unusable += 1,
                service::Read::OtherKind => {}
            }
        }
        Ok(())
    }
}

/// The name in English, or the first.
pub(crate) fn in_english(names: Node<'_, '_>) -> String {
    let is_english = |name: &Node<'_, '_>| {
        name.attributes().any(|attribute| attribute.name() == "lang" && attribute.value() == "en")
    };
    let found = children(names, "Name").find(is_english).or_else(|| children(names, "Name").next());
    found.map(text).unwrap_or_default()
}

fn scope(list_type: &str) -> Scope {
    match LIST_OF_LISTS.iter().any(|end| list_type.ends_with(end)) {
        true => Scope::Lists,
        false => Scope::Services,
    }
}

fn number(text: &str) -> Result<u64, Malformed> {
    let wrong = || Malformed::syntax(None, "TSLSequenceNumber is no number", "TS 119 612, 5.3.2");
    text.parse().map_err(|_| wrong())
}

fn next_update(scheme: Node<'_, '_>) -> Result<Option<Time>, Malformed> {
    match text_at(scheme, &["NextUpdate", "dateTime"]).as_str() {
        "" => Ok(None),
        text => time(text, "NextUpdate").map(Some),
    }
}

fn time(text: &str, name: &str) -> Result<Time, Malformed> {
    text.parse().map_err(|_| {
        Malformed::syntax(None, format!("{name} is no time in UTC: {text:?}"), "TS 119 612, 5.1.4")
    })
}

fn pointer(node: Node<'_, '_>, budget: &mut Budget) -> Result<Pointer, Malformed> {
    let mut found = Vec::new();
    for identity in at(node, &["ServiceDigitalIdentities"])
        .into_iter()
        .flat_map(|all| children(all, "ServiceDigitalIdentity"))
    {
        found.extend(certificates(identity, budget)?);
    }
    let information = |name: &'static str| {
        let mut all = at(node, &["AdditionalInformation"])
            .into_iter()
            .flat_map(|all| children(all, "OtherInformation"))
            .map(move |other| text_at(other, &[name]));
        all.find(|text| !text.is_empty()).unwrap_or_default()
    };
    Ok(Pointer {
        scope: scope(&information("TSLType")),
        territory: information("SchemeTerritory"),
        location: text_at(node, &["TSLLocation"]),
        certificates: found,
    })
}
