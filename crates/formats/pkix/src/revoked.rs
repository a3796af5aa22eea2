//! The entries of a CRL, walked one by one without decoding what nobody asks for (RFC 5280, 5.1.2.6 and 5.3).

use crate::Name;
use crate::extension;
use crate::general_name::GeneralName;
use crate::oid::{self, Oid};
use crate::reason::Reason;
use crate::tlv::{self, Element, Reader};
use std::collections::BTreeMap;
use types::{Budget, Malformed, Resource, Time};

/// Most unknown critical extensions that a listing names; more are no news.
const NAMED_EXTENSIONS: usize = 8;

/// Everything that stands before the code of an entry's only extension, a reasonCode that is not critical.
const REASON_ONLY: [u8; 13] = [0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 0x15, 4, 3, 0x0a, 1];

/// Whether a CRL may list certificates of other issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Indirect,
}

/// Entries in the order of the CRL; ends with the first malformed one.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    reader: Reader<'a>,
    version: u8,
    kind: Kind,
}

/// One entry, with nothing decoded but what is needed to go on.
///
/// ```text
/// SEQUENCE {
///     userCertificate    CertificateSerialNumber,
///     revocationDate     Time,
///     crlEntryExtensions Extensions OPTIONAL }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Serial number in its shortest form, content octets.
    serial: &'a [u8],
    date: Element<'a>,
    extensions: Option<Element<'a>>,
}

/// That a certificate is revoked, as an entry of a CRL or an OCSP response says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Since when.
    pub at: Time,
    /// Why, if stated.
    pub reason: Option<Reason>,
    /// Since when the key is known or suspected to be compromised (RFC 5280, 5.3.2).
    pub invalidity_date: Option<Time>,
}

/// An entry that was looked for and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedEntry {
    /// What it says.
    pub revocation: Revocation,
    /// Offset of its revocation date in the CRL.
    pub at: usize,
}

/// A certificate to look for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Who issued it.
    pub issuer: &'a Name,
    /// Its serial number, content octets.
    pub serial: &'a [u8],
}

/// What walking all entries brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Number of entries.
    pub entries: u64,
    /// The entries found, by the index of what was wanted.
    pub found: BTreeMap<usize, RevokedEntry>,
    /// Critical entry extensions that nobody here processes, the first few: the CRL must not be used to determine the
    /// status of any certificate (RFC 5280, 5.3).
    pub unknown_critical: Vec<Oid>,
}

/// Whether two serial numbers are the same number, whatever their encoding.
pub fn same_serial(one: &[u8], other: &[u8]) -> bool {
    shortest_serial(one) == shortest_serial(other)
}

/// A two's complement number without superfluous octets in front (X.690, 8.3.2).
pub fn shortest_serial(mut octets: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = octets
        && let [second, ..] = rest
        && ((*first == 0 && *second < 0x80) || (*first == 0xff && *second >= 0x80))
    {
        octets = rest;
    }
    octets
}

impl<'a> Entries<'a> {
    pub(crate) fn new(reader: Reader<'a>, version: u8, kind: Kind) -> Entries<'a> {
        Entries { reader, version, kind }
    }

    fn read(&mut self) -> Result<Entry<'a>, Malformed> {
        match self.read_usual() {
            Some(entry) => Ok(entry),
            None => self.read_any(),
        }
    }

    /// An entry as nearly all are: every length below 128 and no fault. Same rules as [`Entries::read_any`], which
    /// takes over otherwise; this one is several times as fast.
    #[inline]
    fn read_usual(&mut self) -> Option<Entry<'a>> {
        let (&[tlv::SEQUENCE, length, tlv::INTEGER, serial_length, ..], at) = self.reader.head()? else {
            return None;
        };
        if length >= 0x80 || serial_length >= 0x80 || serial_length == 0 {
            return None;
        }
        let end = 2 + usize::from(length);
        let entry = self.reader.rest().get(..end)?;
        let (serial, rest) = entry.get(4..)?.split_at_checked(usize::from(serial_length))?;
        let date_length = match rest {
            [tlv::UTC_TIME, 13, ..] => 15,
            [tlv::GENERALIZED_TIME, 15, ..] => 17,
            _ => return None,
        };
        let (date, list) = rest.split_at_checked(date_length)?;
        let date_at = at + end - rest.len();
        let date = Element { tag: date[0], content: date.get(2..)?, whole: date, at: date_at };
        let extensions = match list {
            [] => None,
            [tlv::SEQUENCE, length, content @ ..]
                if self.version == 2 && *length < 0x80 && usize::from(*length) == content.len() =>
            {
                Some(Element { tag: tlv::SEQUENCE, content, whole: list, at: date_at + date_length })
            }
            _ => return None,
        };
        if date.content.last() != Some(&b'Z') {
            return None;
        }
        self.reader.skip(end);
        Some(Entry { serial: shortest_serial(serial), date, extensions })
    }

    fn read_any(&mut self) -> Result<Entry<'a>, Malformed> {
        let entry = self.reader.any()?;
        if entry.tag != tlv::SEQUENCE {
            return Err(entry.malformed("an entry is not a SEQUENCE", "RFC 5280, 5.1.2.6"));
        }
        let mut fields = entry.reader();
        let serial = fields.any()?;
        if serial.tag != tlv::INTEGER || serial.content.is_empty() {
            return Err(serial.malformed("an entry does not start with a serial number", "RFC 5280, 5.1.2.6"));
        }
        let date = fields.any()?;
        if !looks_like_time(&date) {
            return Err(date.malformed("an entry without a revocation date", "RFC 5280, 5.1.2.6"));
        }
        let extensions = if fields.is_empty() { None } else { Some(fields.any()?) };
        if let Some(list) = &extensions {
            if list.tag != tlv::SEQUENCE || !fields.is_empty() {
                return Err(
                    list.malformed("an entry with something that is no extensions", "RFC 5280, 5.1.2.6")
                );
            }
            if self.version < 2 {
                return Err(list.malformed("entry extensions in a CRL of version 1", "RFC 5280, 5.1.2.1"));
            }
        }
        Ok(Entry { serial: shortest_serial(serial.content), date, extensions })
    }

    /// Walks all entries: see [`crate::Crl::find_many`].
    pub(crate) fn find(
        mut self,
        issuer: &Name,
        wanted: &[Wanted<'_>],
        budget: &mut Budget,
    ) -> Result<Listing, Malformed> {
        let mut by_serial: Vec<(&[u8], usize)> =
            wanted.iter().enumerate().map(|(index, one)| (shortest_serial(one.serial), index)).collect();
        by_serial.sort_unstable();
        let mut current = CurrentIssuer { named: None, decoded: None };
        let mut listing = Listing::default();
        while !self.reader.is_empty() {
            budget.spend(Resource::Steps, 1)?;
            let entry = self.read()?;
            listing.entries += 1;
            if let Some(list) = entry.extensions
                && !is_reason_only(&list)
            {
                self.look_at_extensions(&list, &mut current, &mut listing)?;
            }
            let mut at = by_serial.partition_point(|(serial, _)| *serial < entry.serial);
            while let Some((serial, index)) = by_serial.get(at)
                && *serial == entry.serial
            {
                budget.spend(Resource::Steps, 1)?;
                if wanted.get(*index).is_some_and(|one| current.is(one.issuer, issuer)) {
                    listing.keep(*index, entry.decode()?);
                }
                at += 1;
            }
        }
        Ok(listing)
    }

    /// Notes unknown critical extensions and the issuer that this entry and the following ones are about.
    fn look_at_extensions(
        &self,
        list: &Element<'a>,
        current: &mut CurrentIssuer<'a>,
        listing: &mut Listing,
    ) -> Result<(), Malformed> {
        for read in extension::each(list.reader()) {
            let (extension, value) = read?;
            match extension.oid {
                oid::CERTIFICATE_ISSUER if self.kind == Kind::Indirect => {
                    *current = CurrentIssuer { named: Some(value), decoded: None };
                }
                oid::CERTIFICATE_ISSUER => {
                    return Err(value.malformed(
                        "an entry names another issuer although the CRL is not indirect",
                        "RFC 5280, 5.3.3",
                    ));
                }
                oid::CRL_REASON | oid::INVALIDITY_DATE | oid::HOLD_INSTRUCTION => {}
                unknown if extension.critical => {
                    let named = &mut listing.unknown_critical;
                    if named.len() < NAMED_EXTENSIONS && !named.contains(&unknown) {
                        named.push(unknown);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.is_empty() {
            return None;
        }
        let entry = self.read();
        if entry.is_err() {
            self.reader = Reader::new(&[]);
        }
        Some(entry)
    }
}

impl<'a> Entry<'a> {
    /// Serial number, content octets of its shortest form.
    pub fn serial(&self) -> &'a [u8] {
        self.serial
    }

    /// Decodes date and extensions.
    pub fn decode(&self) -> Result<RevokedEntry, Malformed> {
        let mut revocation = Revocation { at: tlv::time(&self.date)?, reason: None, invalidity_date: None };
        if let Some(list) = &self.extensions {
            for read in extension::each(list.reader()) {
                let (extension, value) = read?;
                revocation.interpret(extension.oid, value)?;
            }
        }
        Ok(RevokedEntry { revocation, at: self.date.at })
    }
}

impl Revocation {
    /// Reads an entry extension (RFC 5280, 5.3); others are passed over.
    pub(crate) fn interpret(&mut self, oid: Oid, value: Reader<'_>) -> Result<(), Malformed> {
        match oid {
            oid::CRL_REASON => self.reason = Some(Reason::read(&extension::single(value, tlv::ENUMERATED)?)?),
            oid::INVALIDITY_DATE => {
                self.invalidity_date = Some(tlv::time(&extension::single(value, tlv::GENERALIZED_TIME)?)?);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Listing {
    /// Keeps the first entry about a certificate, but a revocation rather than its taking back: who lists it twice
    /// must not gain by it.
    fn keep(&mut self, index: usize, entry: RevokedEntry) {
        let taken_back = |entry: &RevokedEntry| entry.revocation.reason == Some(Reason::RemoveFromCrl);
        let kept = self.found.entry(index).or_insert_with(|| entry.clone());
        if taken_back(kept) && !taken_back(&entry) {
            *kept = entry;
        }
    }
}

/// The issuer of the certificates that entries are about (RFC 5280, 5.3.3).
struct CurrentIssuer<'a> {
    /// Contents of the last certificateIssuer extension; the CRL issuer before the first.
    named: Option<Reader<'a>>,
    /// Its names, once they were needed.
    decoded: Option<Vec<GeneralName>>,
}

impl CurrentIssuer<'_> {
    fn is(&mut self, name: &Name, crl_issuer: &Name) -> bool {
        let Some(named) = self.named else { return name == crl_issuer };
        let names = self.decoded.get_or_insert_with(|| {
            extension::sequence(named).and_then(GeneralName::read_all).unwrap_or_default()
        });
        names.iter().any(|one| matches!(one, GeneralName::Directory(directory) if directory == name))
    }
}

/// Whether the extensions are one reasonCode, the most frequent case, told at a glance.
fn is_reason_only(list: &Element<'_>) -> bool {
    list.whole.len() == REASON_ONLY.len() + 1 && list.whole.starts_with(&REASON_ONLY)
}

fn looks_like_time(element: &Element<'_>) -> bool {
    let length = element.content.len();
    matches!((element.tag, length), (tlv::UTC_TIME, 13) | (tlv::GENERALIZED_TIME, 15))
        && element.content.last() == Some(&b'Z')
}
