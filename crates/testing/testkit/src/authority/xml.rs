//! XML signatures (XML Signature 1.1, XAdES) over parts that are canonical as they are written.

use super::Actor;
use base64::Engine as _;
use crypto::{DigestAlgorithm, PROVIDER, Signer};
use pkix::Certificate;

/// The namespace of XML signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Something to be signed.
pub struct Part<'p> {
    kind: &'static str,
    uri: String,
    transforms: &'static [&'static str],
    octets: &'p [u8],
}

impl<'p> Part<'p> {
    /// The element with this identifier, in its exclusive canonical form.
    pub fn id(id: &str, canonical: &'p str) -> Part<'p> {
        Part { kind: "", uri: format!("#{id}"), transforms: &[EXCLUSIVE], octets: canonical.as_bytes() }
    }

    /// The document without the signature, in its canonical form.
    pub fn enveloped(canonical: &'p str) -> Part<'p> {
        const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
        Part {
            kind: "",
            uri: String::new(),
            transforms: &[ENVELOPED, EXCLUSIVE],
            octets: canonical.as_bytes(),
        }
    }

    /// A file of a container.
    pub fn file(name: &str, content: &'p [u8]) -> Part<'p> {
        Part { kind: "", uri: name.to_owned(), transforms: &[], octets: content }
    }

    fn reference(&self) -> String {
        let transforms: String = self
            .transforms
            .iter()
            .map(|one| format!("<ds:Transform Algorithm=\"{one}\"></ds:Transform>"))
            .collect();
        let transforms = match self.transforms {
            [] => String::new(),
            _ => format!("<ds:Transforms>{transforms}</ds:Transforms>"),
        };
        let digest = base64(&PROVIDER.digest(DigestAlgorithm::Sha256, self.octets).value);
        format!(
            "<ds:Reference{} URI=\"{}\">{transforms}<ds:DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
             <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>",
            self.kind, self.uri
        )
    }
}

/// The `Signature` element over the parts, with certificates besides that of the signer, and `objects` inside it.
pub fn sign(signer: &Actor, parts: &[Part<'_>], path: &[&Certificate], objects: &str) -> String {
    let properties = properties(signer);
    let own = Part {
        kind: " Type=\"http://uri.etsi.org/01903#SignedProperties\"",
        ..Part::id("properties", &properties)
    };
    let references: String = parts.iter().chain([&own]).map(Part::reference).collect();
    let inside = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod><ds:SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>{references}"
    );
    let canonical = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{inside}</ds:SignedInfo>");
    let value = signer.key.sign(canonical.as_bytes()).expect("it signs");
    let value = p256::ecdsa::Signature::from_der(&value).expect("its own form").to_bytes();
    let certificates: String = [&signer.certificate]
        .into_iter()
        .chain(path.iter().copied())
        .map(|one| format!("<ds:X509Certificate>{}</ds:X509Certificate>", base64(one.der())))
        .collect();
    format!(
        "<ds:Signature xmlns:ds=\"{DS}\" Id=\"signature\"><ds:SignedInfo>{inside}</ds:SignedInfo><ds:SignatureValue>{}\
         </ds:SignatureValue><ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>{objects}\
         <ds:Object><xades:QualifyingProperties xmlns:xades=\"{XADES}\" Target=\"#signature\">{properties}\
         </xades:QualifyingProperties></ds:Object></ds:Signature>",
        base64(&value)
    )
}

/// The signed properties with the digest of the certificate, in their canonical form.
fn properties(signer: &Actor) -> String {
    let digest = base64(&PROVIDER.digest(DigestAlgorithm::Sha256, signer.certificate.der()).value);
    format!(
        "<xades:SignedProperties xmlns:xades=\"{XADES}\" Id=\"properties\"><xades:SignedSignatureProperties>\
         <xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod xmlns:ds=\"{DS}\" \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue \
         xmlns:ds=\"{DS}\">{digest}</ds:DigestValue></xades:CertDigest></xades:Cert>\
         </xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>"
    )
}

/// A signature file of a container (EN 319 162-1, A.6).
pub fn container(signatures: &str) -> String {
    format!(
        "<asic:XAdESSignatures xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\">{signatures}\
         </asic:XAdESSignatures>"
    )
}
