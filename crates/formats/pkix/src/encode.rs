//! Small DER writer (ITU-T X.690, 10): values are built inside out as byte vectors.

use crate::tlv;
use types::Time;

/// One value with this identifier octet.
pub(crate) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let octets = length.to_be_bytes();
        let octets = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
        out.push(0x80 | octets.len() as u8);
        out.extend_from_slice(octets);
    }
    out.extend_from_slice(content);
    out
}

/// A SEQUENCE of values already encoded.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(tlv::SEQUENCE, &parts.concat())
}

/// A BIT STRING without unused bits.
pub(crate) fn bit_string(octets: &[u8]) -> Vec<u8> {
    value(tlv::BIT_STRING, &[&[0], octets].concat())
}

/// A BIT STRING of named bits (X.690, 11.2.2): bit 0 is the highest of the first octet, trailing zeros dropped.
pub(crate) fn named_bits(bits: u16) -> Vec<u8> {
    if bits == 0 {
        return value(tlv::BIT_STRING, &[0]);
    }
    let octets = bits.reverse_bits().to_be_bytes();
    let used = if octets[1] == 0 { &octets[..1] } else { &octets[..] };
    let unused = used.last().map_or(0, |last| last.trailing_zeros() as u8);
    value(tlv::BIT_STRING, &[&[unused], used].concat())
}

/// A non-negative INTEGER from big-endian octets, in its shortest form.
pub(crate) fn unsigned(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let shortest = &octets[zeros..];
    match shortest.first() {
        None => value(tlv::INTEGER, &[0]),
        Some(first) if *first >= 0x80 => value(tlv::INTEGER, &[&[0], shortest].concat()),
        Some(_) => value(tlv::INTEGER, shortest),
    }
}

/// A time as RFC 5280, 4.1.2.5 asks: UTCTime through 2049, GeneralizedTime from 2050 (and before 1950).
pub(crate) fn time(time: Time) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = time.civil();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        return value(tlv::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes());
    }
    generalized_time(time)
}

/// A GeneralizedTime, whatever the year, for where a time is nothing else.
pub(crate) fn generalized_time(time: Time) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = time.civil();
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    value(tlv::GENERALIZED_TIME, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_bits_drop_trailing_zeros() {
        assert_eq!(named_bits(0b11), [0x03, 0x02, 0x06, 0xc0]);
        assert_eq!(named_bits(1 << 8), [0x03, 0x03, 0x07, 0x00, 0x80]);
        assert_eq!(named_bits(0), [0x03, 0x01, 0x00]);
    }

    #[test]
    fn integers_are_non_negative_and_shortest() {
        assert_eq!(unsigned(&[0, 0, 0x80]), [0x02, 0x02, 0x00, 0x80]);
        assert_eq!(unsigned(&[]), [0x02, 0x01, 0x00]);
    }

    #[test]
    fn times_from_2050_on_are_generalized() {
        assert_eq!(time("2049-12-31T23:59:59Z".parse().unwrap())[0], tlv::UTC_TIME);
        assert_eq!(&time("2050-01-01".parse().unwrap())[2..], b"20500101000000Z");
    }
}
