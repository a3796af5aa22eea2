//! XPath filters take away what they say and nothing else; what they take away is told; others are not computed.

use crypto::{Digest, DigestAlgorithm, Provider, PureProvider};
use types::{Budget, Limits, Resource, Severity};
use undersign_xades::{
    DetachedData, Document, Extent, NotComputed, Outcome, Reference, Target, Unresolved, XadesSignature,
};

/// Holds nothing.
struct Nothing;

impl DetachedData for Nothing {
    fn digest(&mut self, _: &str, _: DigestAlgorithm, _: &mut Budget) -> Result<Digest, Unresolved> {
        Err(Unresolved::Missing)
    }

    fn stream(&mut self, _: &str, _: &mut dyn FnMut(&[u8]), _: &mut Budget) -> Result<(), Unresolved> {
        Err(Unresolved::Missing)
    }
}

const FILTER: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";

fn filters(filters: &[(&str, &str)]) -> String {
    let inner: String = filters
        .iter()
        .map(|(kind, path)| format!("<f:XPath xmlns:f='{FILTER}' Filter='{kind}'>{path}</f:XPath>"))
        .collect();
    format!("<ds:Transform Algorithm='{FILTER}'>{inner}</ds:Transform>")
}

fn condition(expression: &str) -> String {
    format!("<ds:Transform Algorithm='{XPATH}'><ds:XPath>{expression}</ds:XPath></ds:Transform>")
}

/// A signature with one reference to the whole document.
fn signature(id: &str, transform: &str, content: &str) -> String {
    let digest = PureProvider.digest(DigestAlgorithm::Sha256, content.as_bytes());
    let value = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &digest.value);
    format!(
        "<ds:Signature Id='{id}' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/>\
         <ds:SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'/>\
         <ds:Reference URI=''><ds:Transforms>{transform}</ds:Transforms>\
         <ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>\
         <ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>\
         <ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>"
    )
}

fn read_with(xml: &str, budget: &mut Budget) -> Option<XadesSignature> {
    let document = Document::parse(xml.as_bytes(), budget).ok()?;
    let signatures = document.signatures(&mut Nothing, &PureProvider, budget).ok()?;
    signatures.into_iter().next()?.ok()
}

fn read(xml: &str) -> XadesSignature {
    read_with(xml, &mut Budget::default()).expect("the signature is read")
}

/// What comes of a filter over `<a><b>one</b>…<c Id='i'>two</c></a>` if this is to be left of it.
fn computed(transform: &str, left: &str) -> Reference {
    let sign = signature("S", transform, left);
    read(&format!("<a><b>one</b>{sign}<c Id='i'>two</c></a>")).references.remove(0)
}

fn extent(transform: &str, left: &str) -> Extent {
    let reference = computed(transform, left);
    assert_eq!(reference.outcome, Outcome::Match, "{transform}");
    assert_eq!(reference.target, Target::Document);
    reference.extent
}

const ALL: &str = "<a><b>one</b><c Id=\"i\">two</c></a>";

#[test]
fn the_usual_ways_to_leave_out_signatures_leave_out_nothing_else() {
    for path in [
        "/descendant::ds:Signature",
        "//ds:Signature",
        " / descendant :: ds:Signature\n",
        "/descendant-or-self::ds:Signature",
        "/a/ds:Signature[@Id='S']",
        "here()/ancestor::ds:Signature[1]",
        "id('S')",
        "id(\"S\") | //ds:Signature",
    ] {
        assert_eq!(extent(&filters(&[("subtract", path)]), ALL), Extent::Whole, "{path}");
        assert_eq!(extent(&filters(&[("intersect", "/"), ("subtract", path)]), ALL), Extent::Whole, "{path}");
    }
    for expression in [
        "not(ancestor-or-self::ds:Signature)",
        " not ( ancestor-or-self :: ds:Signature ) ",
        "not(ancestor-or-self::ds:Signature[@Id = 'S'])",
        "(not(ancestor-or-self::ds:Signature) and ancestor-or-self::a)",
        "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) &gt; count(ancestor-or-self::ds:Signature)",
    ] {
        assert_eq!(extent(&condition(expression), ALL), Extent::Whole, "{expression}");
    }
}

#[test]
fn other_content_that_is_left_out_is_named() {
    let named = |extent: Extent| match extent {
        Extent::Parts(parts) => parts.into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let without = filters(&[("subtract", "//ds:Signature | /a/b")]);
    assert_eq!(named(extent(&without, "<a><c Id=\"i\">two</c></a>")), ["b"]);
    let only = filters(&[("intersect", "id('i')")]);
    assert_eq!(named(extent(&only, "<c Id=\"i\">two</c>")), ["a"]);
    let both = filters(&[("intersect", "//c"), ("union", "//b[text='']")]);
    assert!(matches!(computed(&both, "").outcome, Outcome::NotComputed(_)));
    let both = filters(&[("intersect", "//c"), ("union", "//b")]);
    assert_eq!(named(extent(&both, "<b>one</b><c Id=\"i\">two</c>")), ["a"]);
    let condition = condition("not(ancestor-or-self::ds:Signature or ancestor-or-self::c[@Id='i'])");
    assert_eq!(named(extent(&condition, "<a><b>one</b></a>")), ["c"]);
}

#[test]
fn a_filter_that_leaves_nothing_signs_nothing() {
    for transform in [
        filters(&[("subtract", "/")]),
        filters(&[("intersect", "//nowhere")]),
        condition("ancestor-or-self::nowhere"),
        condition("ancestor-or-self::a and not(ancestor-or-self::*)"),
    ] {
        let sign = signature("S", &transform, "");
        let signature = read(&format!("<a><b>one</b>{sign}</a>"));
        assert_eq!(signature.references[0].outcome, Outcome::Match);
        assert_eq!(signature.references[0].extent, Extent::Nothing);
        assert!(signature.findings.iter().any(|finding| finding.code == "xades.nothing-signed"));
    }
    // The document is the signature, which is left out.
    let enveloped = "<ds:Transform Algorithm='http://www.w3.org/2000/09/xmldsig#enveloped-signature'/>";
    let signature = read(&signature("S", enveloped, ""));
    assert!(signature.findings.iter().any(|finding| finding.severity == Severity::Error));
}

#[test]
fn other_signatures_that_are_left_out_are_told() {
    let left_out = filters(&[("subtract", "//ds:Signature")]);
    let (first, second) = (signature("S", &left_out, "<a>x</a>"), signature("T", &left_out, "<a>x</a>"));
    let reference = read(&format!("<a>{first}x{second}</a>")).references.remove(0);
    assert_eq!(reference.outcome, Outcome::Match);
    assert!(matches!(&reference.extent, Extent::ButSignatures(places) if places.len() == 1));
    let own = filters(&[("subtract", "here()/ancestor::ds:Signature[1]")]);
    let own = signature("S", &own, "<a>x</a>");
    let reference = read(&format!("<a>{own}x{second}</a>")).references.remove(0);
    assert!(matches!(reference.outcome, Outcome::Mismatch(_)), "the second is not left out");
}

#[test]
fn a_change_of_what_is_left_differs() {
    let sign = signature("S", &filters(&[("subtract", "/descendant::ds:Signature")]), ALL);
    for altered in [
        format!("<a><b>One</b>{sign}<c Id='i'>two</c></a>"),
        format!("<a><b>one</b>{sign}<c Id='j'>two</c></a>"),
        format!("<a><b>one</b>{sign}<c Id='i'>two</c><d/></a>"),
        format!("<a><b>one</b>{sign}<c Id='i'>two<Signature/></c></a>"),
        format!("<w><a><b>one</b>{sign}<c Id='i'>two</c></a></w>"),
    ] {
        assert!(matches!(read(&altered).references[0].outcome, Outcome::Mismatch(_)), "{altered}");
    }
}

#[test]
fn what_is_not_understood_is_not_computed() {
    let unsupported = |transform: &str| {
        let reference = computed(transform, ALL);
        assert!(matches!(reference.outcome, Outcome::NotComputed(_)), "{transform}: {reference:?}");
    };
    for path in [
        "",
        "a",
        "//",
        "/descendant::ds:Signature[1]",
        "/descendant::ds:Signature[last()]",
        "//ds:Signature/..",
        "//@Id",
        "//text()",
        "//node()",
        "/a/b = 'one'",
        "//unknown:b",
        "//x:Signature",
        "id('none')",
        "document('http://example.org/')",
        "here()",
        "//a | ",
        "/descendant::ds:Signature)",
    ] {
        unsupported(&filters(&[("subtract", path)]));
    }
    for expression in [
        "",
        "true()",
        "1",
        "self::a",
        "ancestor::a",
        "not(self::ds:Signature)",
        "not(ancestor-or-self::ds:Signature",
        "not(ancestor-or-self::x:Signature)",
        "count(//*) &gt; count(ancestor-or-self::ds:Signature)",
        "ancestor-or-self::a[1]",
        "string-length(.) &gt; 3",
    ] {
        unsupported(&condition(expression));
    }
    unsupported(&filters(&[("replace", "/")]));
    unsupported(&filters(&[]));
    unsupported(&filters(&[("union", "/"); 17]));
    unsupported(&condition("<b xmlns=''/>ancestor-or-self::a"));
    unsupported(&condition(&"(".repeat(400)));
    unsupported(&condition(&format!("ancestor-or-self::a{}", " or ancestor-or-self::a".repeat(80))));
    unsupported(&format!("<ds:Transform Algorithm='{XPATH}'/>"));
}

#[test]
fn filters_stay_within_the_budget() {
    let paths = ["//*"; 16].join(" | ");
    let sign = signature("S", &filters(&[("union", paths.as_str()); 16]), "never");
    let wide = format!("<a>{}{sign}</a>", "<b/>".repeat(50_000));
    let reference = read(&wide).references.remove(0);
    assert!(!matches!(reference.outcome, Outcome::Match));
    let small = format!("<a>{}</a>", signature("S", &filters(&[("subtract", "//ds:Signature")]), "never"));
    for steps in 0..600 {
        let mut budget = Budget::new(Limits::STANDARD.with(Resource::Steps, steps));
        if let Some(signature) = read_with(&small, &mut budget) {
            assert!(!matches!(signature.references[0].outcome, Outcome::Match));
        }
    }
}

#[test]
fn an_object_without_a_reference_is_told() {
    let sign = signature("S", &filters(&[("subtract", "//ds:Signature")]), "<a></a>");
    let with = sign.replace("</ds:Signature>", "<ds:Object><x>more</x></ds:Object></ds:Signature>");
    let codes = |xml: &str| {
        let found = read(&format!("<a>{xml}</a>")).findings.into_iter();
        found.filter(|finding| finding.code == "xades.object-unsigned").count()
    };
    assert_eq!((codes(&sign), codes(&with)), (0, 1));
}

#[test]
fn an_expression_that_is_not_understood_is_said() {
    let reference = computed(&condition("self::a"), ALL);
    let Outcome::NotComputed(reason @ NotComputed::Unsupported(_)) = reference.outcome else {
        panic!("{reference:?}")
    };
    assert!(reason.to_string().contains("self::a"), "{reason}");
}
