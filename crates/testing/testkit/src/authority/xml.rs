//! XML signatures (XML Signature 1.1, XAdES) over parts that are canonical as they are written.

use super::{Actor, Stamp};
use base64::Engine as _;
use crypto::{DigestAlgorithm, PROVIDER, Signer};
use pkix::Certificate;

/// The namespace of XML signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
const XADES141: &str = "http://uri.etsi.org/01903/v1.4.1#";
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
    Xades::with_objects(signer, parts, path, objects).element()
}

/// A signature to which unsigned properties are added.
#[derive(Clone)]
pub struct Xades {
    /// `SignedInfo`, `SignatureValue` and `KeyInfo` as they are written.
    fields: [String; 3],
    objects: String,
    signed_properties: String,
    /// What the references are over.
    referenced: Vec<u8>,
    /// Unsigned properties, canonical as they are written.
    unsigned: Vec<String>,
}

impl Xades {
    /// Over the parts, with certificates besides that of the signer.
    pub fn sign(signer: &Actor, parts: &[Part<'_>], path: &[&Certificate]) -> Xades {
        Xades::with_objects(signer, parts, path, "")
    }

    fn with_objects(signer: &Actor, parts: &[Part<'_>], path: &[&Certificate], objects: &str) -> Xades {
        let properties = properties(signer);
        let own = Part {
            kind: " Type=\"http://uri.etsi.org/01903#SignedProperties\"",
            ..Part::id("properties", &properties)
        };
        let references: String = parts.iter().chain([&own]).map(Part::reference).collect();
        let info = format!(
            "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">\
             </ds:SignatureMethod>{references}</ds:SignedInfo>"
        );
        let value = signer.key.sign(canonical(&info).as_bytes()).expect("it signs");
        let value = p256::ecdsa::Signature::from_der(&value).expect("its own form").to_bytes();
        let certificates: String = [&signer.certificate]
            .into_iter()
            .chain(path.iter().copied())
            .map(|one| format!("<ds:X509Certificate>{}</ds:X509Certificate>", base64(one.der())))
            .collect();
        let value = format!("<ds:SignatureValue>{}</ds:SignatureValue>", base64(&value));
        let key_info = format!("<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>");
        Xades {
            fields: [info, value, key_info],
            objects: objects.to_owned(),
            referenced: parts.iter().chain([&own]).map(|part| part.octets).collect::<Vec<_>>().concat(),
            signed_properties: properties,
            unsigned: Vec::new(),
        }
    }

    /// With an unsigned property, canonical as it is written.
    pub fn with(mut self, property: &str) -> Xades {
        self.unsigned.push(property.to_owned());
        self
    }

    /// A `SignatureTimeStamp` (EN 319 132-1, 5.3) that is not added.
    pub fn stamp(&self, stamp: &Stamp<'_>) -> String {
        let token = stamp.over(canonical(&self.fields[1]).as_bytes());
        timestamp(("xades", XADES), "SignatureTimeStamp", &[token])
    }

    /// With an `ArchiveTimeStamp` (EN 319 132-1, 5.5.2) over everything so far, in which each of the tokens is.
    pub fn archive(self, stamps: &[&Stamp<'_>]) -> Xades {
        let fields: String = self.fields.iter().map(|field| canonical(field)).collect();
        let octets = [&self.referenced[..], fields.as_bytes(), self.unsigned.concat().as_bytes()].concat();
        let tokens: Vec<Vec<u8>> = stamps.iter().map(|stamp| stamp.over(&octets)).collect();
        self.with(&timestamp(("xades141", XADES141), "ArchiveTimeStamp", &tokens))
    }

    /// The `Signature` element.
    pub fn element(&self) -> String {
        let unsigned = match self.unsigned.as_slice() {
            [] => String::new(),
            list => unsigned_properties(&list.concat()),
        };
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\" Id=\"signature\">{}{}<ds:Object>{}</ds:Object></ds:Signature>",
            self.fields.concat(),
            self.objects,
            qualifying_properties(&[self.signed_properties.as_str(), &unsigned].concat())
        )
    }
}

/// `QualifyingProperties` of the signature.
pub fn qualifying_properties(inside: &str) -> String {
    format!(
        "<xades:QualifyingProperties xmlns:xades=\"{XADES}\" Target=\"#signature\">{inside}\
         </xades:QualifyingProperties>"
    )
}

/// `UnsignedProperties` for `QualifyingProperties`.
pub fn unsigned_properties(inside: &str) -> String {
    format!(
        "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{inside}\
         </xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
    )
}

/// A `RevocationValues` property with one CRL.
pub fn revocation_values(crl: &[u8]) -> String {
    format!(
        "<xades:RevocationValues xmlns:xades=\"{XADES}\"><xades:CRLValues><xades:EncapsulatedCRLValue>{}\
         </xades:EncapsulatedCRLValue></xades:CRLValues></xades:RevocationValues>",
        base64(crl)
    )
}

/// A timestamp property whose imprint is over exclusive canonical forms.
fn timestamp((prefix, namespace): (&str, &str), name: &str, tokens: &[Vec<u8>]) -> String {
    let declared = if namespace == XADES { String::new() } else { format!(" xmlns:xades=\"{XADES}\"") };
    let token = |der: &Vec<u8>| {
        let text = base64(der);
        format!("<xades:EncapsulatedTimeStamp{declared}>{text}</xades:EncapsulatedTimeStamp>")
    };
    let tokens: String = tokens.iter().map(token).collect();
    format!(
        "<{prefix}:{name} xmlns:{prefix}=\"{namespace}\"><ds:CanonicalizationMethod xmlns:ds=\"{DS}\" \
         Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>{tokens}</{prefix}:{name}>"
    )
}

/// The exclusive canonical form of an element of the signature as it is written.
fn canonical(element: &str) -> String {
    element.replacen('>', &format!(" xmlns:ds=\"{DS}\">"), 1)
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
