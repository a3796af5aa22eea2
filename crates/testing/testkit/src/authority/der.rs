//! Writes DER: just the values that revocation data and signatures are made of.

use pkix::Oid;
use types::Time;

/// One value.
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let header =
        if length < 0x80 { vec![length as u8] } else { [vec![0x80 | octets.len() as u8], octets].concat() };
    [&[tag], &header[..], content].concat()
}

/// A SEQUENCE.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

/// A SET OF, sorted, under any tag.
pub fn set(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    value(tag, &parts.concat())
}

/// A small INTEGER.
pub fn integer(number: u32) -> Vec<u8> {
    let octets: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let sign = if octets.first().is_none_or(|first| *first > 0x7f) { vec![0] } else { Vec::new() };
    value(0x02, &[sign, octets].concat())
}

/// A GeneralizedTime.
pub fn generalized(time: Time) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = time.civil();
    value(0x18, format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z").as_bytes())
}

/// An object identifier by its numbers.
pub fn oid(dotted: &str) -> Vec<u8> {
    Oid::from_dotted(dotted).expect("an object identifier").to_der()
}

/// An extension.
pub fn extension(dotted: &str, critical: bool, der: &[u8]) -> Vec<u8> {
    let flag = if critical { value(0x01, &[0xff]) } else { Vec::new() };
    sequence(&[oid(dotted), flag, value(0x04, der)])
}
