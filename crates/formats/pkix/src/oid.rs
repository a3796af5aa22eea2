//! Object identifiers as their encoded octets, so that any arc met in the wild is kept (UUID arcs, `2.999`).

use crate::tlv::{self, Element};
use const_oid::ObjectIdentifier;
use std::fmt;
use types::Malformed;

const CAPACITY: usize = 47;

/// An object identifier: content octets of its DER encoding, at most 47 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    octets: [u8; CAPACITY],
    length: u8,
}

impl Oid {
    /// From its arcs, e.g. `&[2, 5, 29, 15]`; meant for constants.
    pub const fn from_arcs(arcs: &[u32]) -> Oid {
        assert!(arcs.len() >= 2 && arcs[0] <= 2, "an identifier has at least two arcs, the first at most 2");
        let mut oid = Oid { octets: [0; CAPACITY], length: 0 };
        oid = oid.push(arcs[0] * 40 + arcs[1]);
        let mut index = 2;
        while index < arcs.len() {
            oid = oid.push(arcs[index]);
            index += 1;
        }
        oid
    }

    const fn push(mut self, arc: u32) -> Oid {
        let mut shift = 28;
        while shift > 0 && arc >> shift == 0 {
            shift -= 7;
        }
        loop {
            let more = if shift > 0 { 0x80 } else { 0 };
            self.octets[self.length as usize] = ((arc >> shift) & 0x7f) as u8 | more;
            self.length += 1;
            if shift == 0 {
                return self;
            }
            shift -= 7;
        }
    }

    /// Reads content octets (X.690, 8.19).
    pub fn from_octets(octets: &[u8]) -> Option<Oid> {
        let ended = octets.last().is_some_and(|last| last & 0x80 == 0);
        let shortest = !octets.iter().enumerate().any(|(index, octet)| {
            *octet == 0x80
                && index.checked_sub(1).and_then(|i| octets.get(i)).is_none_or(|before| before & 0x80 == 0)
        });
        if !ended || !shortest || octets.len() > CAPACITY {
            return None;
        }
        let mut oid = Oid { octets: [0; CAPACITY], length: octets.len() as u8 };
        oid.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(oid)
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Oid, Malformed> {
        if element.tag != tlv::OID {
            return Err(element.malformed("expected an object identifier", "X.690, 8.19"));
        }
        Oid::from_octets(element.content)
            .ok_or_else(|| element.malformed("a malformed or oversized object identifier", "X.690, 8.19"))
    }

    /// The content octets.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// The DER encoding, with tag and length.
    pub fn to_der(self) -> Vec<u8> {
        crate::encode::value(tlv::OID, self.octets())
    }

    /// Reads dotted decimal, e.g. `2.16.840.1.101.3.2.1.48.1`; arcs above `u32::MAX` are refused.
    pub fn from_dotted(text: &str) -> Option<Oid> {
        let arcs: Vec<u32> = text.split('.').map(|arc| arc.parse().ok()).collect::<Option<_>>()?;
        let (first, second) = (*arcs.first()?, *arcs.get(1)?);
        let legal = first <= 2 && (second < 40 || (first == 2 && second < u32::MAX - 80));
        (legal && arcs.len() <= 9).then(|| Oid::from_arcs(&arcs)).or_else(|| {
            // More arcs than always fit: encoded one by one with a length check.
            let mut octets = Vec::new();
            if !legal {
                return None;
            }
            octets.extend_from_slice(Oid::from_arcs(arcs.get(..2)?).octets());
            for arc in arcs.get(2..)? {
                let one = Oid { octets: [0; CAPACITY], length: 0 }.push(*arc);
                octets.extend_from_slice(one.octets());
            }
            Oid::from_octets(&octets)
        })
    }
}

impl From<ObjectIdentifier> for Oid {
    fn from(oid: ObjectIdentifier) -> Oid {
        let mut octets = [0; CAPACITY];
        let bytes = oid.as_bytes();
        for (to, from) in octets.iter_mut().zip(bytes) {
            *to = *from;
        }
        Oid { octets, length: bytes.len().min(CAPACITY) as u8 }
    }
}

impl PartialEq<ObjectIdentifier> for Oid {
    fn eq(&self, other: &ObjectIdentifier) -> bool {
        self.octets() == other.as_bytes()
    }
}

impl fmt::Display for Oid {
    /// Dotted decimal; an arc of more than 128 bits is written in hexadecimal after `#`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for arc in self.octets().split_inclusive(|octet| octet & 0x80 == 0) {
            let value = arc.iter().try_fold(0u128, |value, octet| {
                value.checked_mul(128).map(|value| value | u128::from(octet & 0x7f))
            });
            match value {
                Some(value) if first => {
                    write!(f, "{}.{}", (value / 40).min(2), value - (value / 40).min(2) * 40)?
                }
                Some(value) => write!(f, ".{value}")?,
                None => write!(f, ".#{arc:02x?}")?,
            }
            first = false;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = [$($arc:literal),*];)*) => {
        $($(#[$doc])* pub const $name: Oid = Oid::from_arcs(&[$($arc),*]);)*
    };
}

identifiers! {
    /// commonName (X.520).
    COMMON_NAME = [2, 5, 4, 3];
    /// surname (X.520).
    SURNAME = [2, 5, 4, 4];
    /// serialNumber (X.520), of a person or device, not of the certificate.
    SERIAL_NUMBER = [2, 5, 4, 5];
    /// countryName (X.520).
    COUNTRY = [2, 5, 4, 6];
    /// localityName (X.520).
    LOCALITY = [2, 5, 4, 7];
    /// stateOrProvinceName (X.520).
    STATE = [2, 5, 4, 8];
    /// streetAddress (X.520).
    STREET = [2, 5, 4, 9];
    /// organizationName (X.520).
    ORGANIZATION = [2, 5, 4, 10];
    /// organizationalUnitName (X.520).
    ORGANIZATIONAL_UNIT = [2, 5, 4, 11];
    /// title (X.520).
    TITLE = [2, 5, 4, 12];
    /// givenName (X.520).
    GIVEN_NAME = [2, 5, 4, 42];
    /// pseudonym (X.520).
    PSEUDONYM = [2, 5, 4, 65];
    /// organizationIdentifier (X.520, ETSI EN 319 412-1).
    ORGANIZATION_IDENTIFIER = [2, 5, 4, 97];
    /// emailAddress (PKCS#9), in a distinguished name.
    EMAIL_ADDRESS = [1, 2, 840, 113549, 1, 9, 1];
    /// id-on-SmtpUTF8Mailbox, an e-mail address as another name (RFC 9598, 3).
    SMTP_UTF8_MAILBOX = [1, 3, 6, 1, 5, 5, 7, 8, 9];
    /// domainComponent (RFC 4519).
    DOMAIN_COMPONENT = [0, 9, 2342, 19200300, 100, 1, 25];
    /// userId (RFC 4519).
    USER_ID = [0, 9, 2342, 19200300, 100, 1, 1];

    /// subjectKeyIdentifier (RFC 5280, 4.2.1.2).
    SUBJECT_KEY_IDENTIFIER = [2, 5, 29, 14];
    /// keyUsage (RFC 5280, 4.2.1.3).
    KEY_USAGE = [2, 5, 29, 15];
    /// subjectAltName (RFC 5280, 4.2.1.6).
    SUBJECT_ALT_NAME = [2, 5, 29, 17];
    /// issuerAltName (RFC 5280, 4.2.1.7).
    ISSUER_ALT_NAME = [2, 5, 29, 18];
    /// basicConstraints (RFC 5280, 4.2.1.9).
    BASIC_CONSTRAINTS = [2, 5, 29, 19];
    /// nameConstraints (RFC 5280, 4.2.1.10).
    NAME_CONSTRAINTS = [2, 5, 29, 30];
    /// cRLDistributionPoints (RFC 5280, 4.2.1.13).
    CRL_DISTRIBUTION_POINTS = [2, 5, 29, 31];
    /// certificatePolicies (RFC 5280, 4.2.1.4).
    CERTIFICATE_POLICIES = [2, 5, 29, 32];
    /// anyPolicy (RFC 5280, 4.2.1.4).
    ANY_POLICY = [2, 5, 29, 32, 0];
    /// policyMappings (RFC 5280, 4.2.1.5).
    POLICY_MAPPINGS = [2, 5, 29, 33];
    /// authorityKeyIdentifier (RFC 5280, 4.2.1.1).
    AUTHORITY_KEY_IDENTIFIER = [2, 5, 29, 35];
    /// policyConstraints (RFC 5280, 4.2.1.11).
    POLICY_CONSTRAINTS = [2, 5, 29, 36];
    /// extKeyUsage (RFC 5280, 4.2.1.12).
    EXTENDED_KEY_USAGE = [2, 5, 29, 37];
    /// freshestCRL (RFC 5280, 4.2.1.15).
    FRESHEST_CRL = [2, 5, 29, 46];
    /// inhibitAnyPolicy (RFC 5280, 4.2.1.14).
    INHIBIT_ANY_POLICY = [2, 5, 29, 54];
    /// noRevAvail (RFC 9608).
    NO_REV_AVAIL = [2, 5, 29, 56];
    /// authorityInfoAccess (RFC 5280, 4.2.2.1).
    AUTHORITY_INFO_ACCESS = [1, 3, 6, 1, 5, 5, 7, 1, 1];
    /// subjectInfoAccess (RFC 5280, 4.2.2.2).
    SUBJECT_INFO_ACCESS = [1, 3, 6, 1, 5, 5, 7, 1, 11];
    /// qcStatements (RFC 3739, 3.2.6).
    QC_STATEMENTS = [1, 3, 6, 1, 5, 5, 7, 1, 3];
    /// id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
    OCSP_NO_CHECK = [1, 3, 6, 1, 5, 5, 7, 48, 1, 5];
    /// cRLNumber (RFC 5280, 5.2.3).
    CRL_NUMBER = [2, 5, 29, 20];
    /// reasonCode of an entry (RFC 5280, 5.3.1).
    CRL_REASON = [2, 5, 29, 21];
    /// holdInstructionCode of an entry (X.509; RFC 3280, 5.3.2).
    HOLD_INSTRUCTION = [2, 5, 29, 23];
    /// invalidityDate of an entry (RFC 5280, 5.3.2).
    INVALIDITY_DATE = [2, 5, 29, 24];
    /// deltaCRLIndicator (RFC 5280, 5.2.4).
    DELTA_CRL_INDICATOR = [2, 5, 29, 27];
    /// issuingDistributionPoint (RFC 5280, 5.2.5).
    ISSUING_DISTRIBUTION_POINT = [2, 5, 29, 28];
    /// certificateIssuer of an entry (RFC 5280, 5.3.3).
    CERTIFICATE_ISSUER = [2, 5, 29, 29];
    /// expiredCertsOnCRL (X.509, 9.5.2.8).
    EXPIRED_CERTS_ON_CRL = [2, 5, 29, 60];
    /// id-pkix-ocsp-basic, the type of a response (RFC 6960, 4.2.1).
    OCSP_BASIC = [1, 3, 6, 1, 5, 5, 7, 48, 1, 1];
    /// id-pkix-ocsp-nonce (RFC 6960, 4.4.1; RFC 9654).
    OCSP_NONCE = [1, 3, 6, 1, 5, 5, 7, 48, 1, 2];
    /// id-pkix-ocsp-crl: on which CRL the certificate was found (RFC 6960, 4.4.2).
    OCSP_CRL_REFERENCE = [1, 3, 6, 1, 5, 5, 7, 48, 1, 3];
    /// id-pkix-ocsp-archive-cutoff (RFC 6960, 4.4.4).
    OCSP_ARCHIVE_CUTOFF = [1, 3, 6, 1, 5, 5, 7, 48, 1, 6];
    /// id-pkix-ocsp-extended-revoke (RFC 6960, 4.4.8).
    OCSP_EXTENDED_REVOKE = [1, 3, 6, 1, 5, 5, 7, 48, 1, 9];
    /// Signed certificate timestamps in a single response (RFC 6962, 3.3).
    SIGNED_CERTIFICATE_TIMESTAMPS = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 5];
    /// certHash: a positive statement about a certificate (Common PKI, part 4, 3.1.2).
    CERT_HASH = [1, 3, 36, 8, 3, 13];
    /// validityAssuredShortTerm (ETSI EN 319 412-1, 5.2).
    VALIDITY_ASSURED_SHORT_TERM = [0, 4, 0, 194121, 2, 1];

    /// id-qt-cps (RFC 5280, 4.2.1.4).
    QUALIFIER_CPS = [1, 3, 6, 1, 5, 5, 7, 2, 1];
    /// id-qt-unotice (RFC 5280, 4.2.1.4).
    QUALIFIER_USER_NOTICE = [1, 3, 6, 1, 5, 5, 7, 2, 2];

    /// id-ad-ocsp (RFC 5280, 4.2.2.1).
    ACCESS_OCSP = [1, 3, 6, 1, 5, 5, 7, 48, 1];
    /// id-ad-caIssuers (RFC 5280, 4.2.2.1).
    ACCESS_CA_ISSUERS = [1, 3, 6, 1, 5, 5, 7, 48, 2];

    /// anyExtendedKeyUsage (RFC 5280, 4.2.1.12).
    ANY_EXTENDED_KEY_USAGE = [2, 5, 29, 37, 0];
    /// id-kp-serverAuth.
    KP_SERVER_AUTH = [1, 3, 6, 1, 5, 5, 7, 3, 1];
    /// id-kp-clientAuth.
    KP_CLIENT_AUTH = [1, 3, 6, 1, 5, 5, 7, 3, 2];
    /// id-kp-codeSigning.
    KP_CODE_SIGNING = [1, 3, 6, 1, 5, 5, 7, 3, 3];
    /// id-kp-emailProtection.
    KP_EMAIL_PROTECTION = [1, 3, 6, 1, 5, 5, 7, 3, 4];
    /// id-kp-timeStamping.
    KP_TIME_STAMPING = [1, 3, 6, 1, 5, 5, 7, 3, 8];
    /// id-kp-OCSPSigning.
    KP_OCSP_SIGNING = [1, 3, 6, 1, 5, 5, 7, 3, 9];
    /// id-kp-documentSigning (RFC 9336).
    KP_DOCUMENT_SIGNING = [1, 3, 6, 1, 5, 5, 7, 3, 36];
    /// PKCS#9 extensionRequest, an attribute of a certification request (RFC 2985, 5.4.2).
    EXTENSION_REQUEST = [1, 2, 840, 113549, 1, 9, 14];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_agree() {
        assert_eq!(KEY_USAGE.octets(), [0x55, 0x1d, 0x0f]);
        for text in [
            "2.5.29.15",
            "1.2.840.113549.1.9.1",
            "0.9.2342.19200300.100.1.25",
            "2.999.1",
            "1.3.6.1.4.1.311.21.8.1.2.3.4.5.6",
        ] {
            assert_eq!(Oid::from_dotted(text).unwrap().to_string(), text);
        }
        assert_eq!(Oid::from_dotted("3.1"), None);
        assert_eq!(Oid::from_dotted("1.40"), None);
    }

    #[test]
    fn uuid_arcs_are_kept() {
        let octets = [&[0x69u8][..], &[0x83], &[0xff; 17], &[0x7f]].concat();
        let oid = Oid::from_octets(&octets).unwrap();
        assert_eq!(oid.octets(), octets);
        assert!(oid.to_string().starts_with("2.25."));
    }

    #[test]
    fn padded_or_open_arcs_are_refused() {
        assert_eq!(Oid::from_octets(&[0x55, 0x80, 0x01]), None);
        assert_eq!(Oid::from_octets(&[0x55, 0x81]), None);
        assert_eq!(Oid::from_octets(&[]), None);
    }
}
