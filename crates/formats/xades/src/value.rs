//! The signature value (XML Signature 1.1, 6.4).

use crate::signature::XadesSignature;
use crypto::{Message, Provider, PublicKey, SignatureAlgorithm, SignatureError};

impl XadesSignature {
    /// Checks the signature value over the canonical `SignedInfo`. Says nothing about the references.
    pub fn check_signature(&self, key: &PublicKey, provider: &dyn Provider) -> Result<(), SignatureError> {
        let (Ok(algorithm), Ok(signed_info)) = (&self.signature_method, &self.signed_info) else {
            return Err(SignatureError::Unsupported);
        };
        let message = Message::Whole(signed_info);
        match algorithm {
            SignatureAlgorithm::Ecdsa(_) => {
                let value = ecdsa_der(&self.signature_value).ok_or(SignatureError::Mismatch)?;
                provider.verify(key, algorithm, message, &value)
            }
            _ => provider.verify(key, algorithm, message, &self.signature_value),
        }
    }
}

/// `Ecdsa-Sig-Value` of the two numbers that stand side by side (RFC 9231, 2.3.6; RFC 3279, 2.2.3).
fn ecdsa_der(value: &[u8]) -> Option<Vec<u8>> {
    if value.is_empty() || !value.len().is_multiple_of(2) || value.len() > 256 {
        return None;
    }
    let (r, s) = value.split_at(value.len() / 2);
    let body = [integer(r), integer(s)].concat();
    Some([header(0x30, body.len()), body].concat())
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count().min(number.len() - 1);
    let digits = &number[zeros..];
    let sign: &[u8] = if digits[0] >= 0x80 { &[0] } else { &[] };
    [header(2, sign.len() + digits.len()), sign.to_vec(), digits.to_vec()].concat()
}

fn header(tag: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short @ ..0x80) => vec![tag, short],
        Ok(byte) => vec![tag, 0x81, byte],
        Err(_) => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_der() {
        assert_eq!(ecdsa_der(&[0, 1, 0x80, 2]).unwrap(), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 2]);
        assert_eq!(ecdsa_der(&[0, 0]).unwrap(), [0x30, 6, 2, 1, 0, 2, 1, 0]);
        assert_eq!(ecdsa_der(&[0xff; 132]).unwrap()[..3], [0x30, 0x81, 138]);
        assert_eq!(ecdsa_der(&[1, 2, 3]), None);
        assert_eq!(ecdsa_der(&[]), None);
    }
}
