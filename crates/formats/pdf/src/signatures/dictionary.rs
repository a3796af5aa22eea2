//! Reads a signature dictionary entry by entry (ISO 32000-2, Table 255); its faults become findings.

use super::{ByteRange, FieldLock, SignatureDictionary, SignatureKind, SignatureReference};
use crate::object::{Dictionary, Name, Object};
use crate::read::parser::{Entry, repeated};
use crate::snapshot::{InFile, Placed, Snapshot};
use crate::strings::{date, text};
use types::{Budget, Finding, Malformed, Resource, Severity, Span};

/// Reads what `placed` says.
pub(super) fn read(
    snapshot: &Snapshot<'_, '_>,
    placed: Placed,
    budget: &mut Budget,
) -> Result<SignatureDictionary, Malformed> {
    budget.spend(Resource::Signatures, 1)?;
    let mut reader = Reader { snapshot, budget, placed, findings: Vec::new() };
    reader.report_repeated();
    reader.decrypt()?;
    let (contents, contents_span) = reader.contents()?;
    let byte_range = reader.byte_range()?;
    let (references, doc_mdp, field_mdp) = reader.references()?;
    let sub_filter = reader.name("SubFilter")?;
    let kind = reader.kind(sub_filter.as_ref())?;
    let claimed_time_raw = reader.string("M")?;
    let claimed_time = claimed_time_raw.as_deref().and_then(date);
    if claimed_time_raw.is_some() && claimed_time.is_none() {
        reader.report("pdf.signature.date", Severity::Warning, None, "M is not a date");
    }
    Ok(SignatureDictionary {
        id: reader.placed.id,
        span: reader.placed.span,
        filter: reader.name("Filter")?,
        sub_filter,
        kind,
        contents,
        contents_span,
        byte_range,
        name: reader.text("Name")?,
        reason: reader.text("Reason")?,
        location: reader.text("Location")?,
        contact_info: reader.text("ContactInfo")?,
        claimed_time,
        claimed_time_raw,
        doc_mdp,
        field_mdp,
        references,
        certificates: reader.certificates()?,
        revision: reader.placed.from,
        findings: reader.findings,
        dictionary: dictionary(reader.placed.entries),
    })
}

/// The entries without their places; of a repeated key the first. `Contents` is left out: it is large and has a
/// field of its own.
fn dictionary(entries: Vec<Entry>) -> Dictionary {
    let again = repeated(&entries, |entry| &entry.key);
    let kept = entries.into_iter().enumerate().filter(|(index, _)| again.binary_search(index).is_err());
    let kept = kept.map(|(_, entry)| (entry.key, entry.value)).filter(|(key, _)| key.0 != b"Contents");
    Dictionary(kept.collect())
}

struct Reader<'v, 'd, 's, 'b> {
    snapshot: &'v Snapshot<'d, 's>,
    budget: &'b mut Budget,
    placed: Placed,
    findings: Vec<Finding>,
}

impl Reader<'_, '_, '_, '_> {
    fn report(
        &mut self,
        code: &'static str,
        severity: Severity,
        span: Option<Span>,
        message: impl Into<String>,
    ) {
        let span = match self.placed.in_file {
            InFile::Yes => span.or(Some(self.placed.span)),
            InFile::No => Some(self.placed.span),
        };
        self.findings.push(Finding { span, ..Finding::new(code, severity, message) });
    }

    /// The first entry of `key`.
    fn find(&self, key: &str) -> Option<&Entry> {
        self.placed.entries.iter().find(|entry| entry.key.0 == key.as_bytes())
    }

    /// The place of an entry's value, if it has one in the file.
    fn place(&self, entry: &Entry) -> Option<Span> {
        (self.placed.in_file == InFile::Yes).then_some(entry.value_span)
    }

    fn value(&mut self, key: &str) -> Result<Object, Malformed> {
        let value =
            self.placed.entries.iter().find(|entry| entry.key.0 == key.as_bytes()).map(|entry| &entry.value);
        value.map_or(Ok(Object::Null), |value| Ok(self.snapshot.resolve(value, self.budget)?.into_owned()))
    }

    fn name(&mut self, key: &str) -> Result<Option<Name>, Malformed> {
        match self.value(key)? {
            Object::Name(name) => Ok(Some(name)),
            _ => Ok(None),
        }
    }

    fn string(&mut self, key: &str) -> Result<Option<Vec<u8>>, Malformed> {
        match self.value(key)? {
            Object::String(string) => Ok(Some(string.bytes)),
            _ => Ok(None),
        }
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, Malformed> {
        Ok(self.string(key)?.map(|bytes| text(&bytes)))
    }

    /// Repeated keys: readers may take the first or the last (ISO 32000-2, 7.3.7).
    fn report_repeated(&mut self) {
        for index in repeated(&self.placed.entries, |entry| &entry.key).into_iter().take(32) {
            let Some(entry) = self.placed.entries.get(index) else { continue };
            let severity = match entry.key.0.as_slice() {
                b"Contents" | b"ByteRange" | b"SubFilter" | b"Reference" => Severity::Error,
                _ => Severity::Warning,
            };
            let (message, span) =
                (format!("signature dictionary key {:?} is repeated", entry.key), entry.key_span);
            self.report("pdf.signature.repeated-key", severity, Some(span), message);
        }
    }

    /// Decrypts strings as written, all but `Contents` (ISO 32000-2, 7.6.2).
    fn decrypt(&mut self) -> Result<(), Malformed> {
        let (Some(encryption), InFile::Yes) = (&self.snapshot.document.encryption, self.placed.in_file)
        else {
            return Ok(());
        };
        let id = self.placed.owner;
        for entry in self.placed.entries.iter_mut().filter(|entry| entry.key.0 != b"Contents") {
            encryption.decrypt_strings(id, &mut entry.value)?;
        }
        Ok(())
    }

    /// `Contents`: a hexadecimal string directly in the dictionary (ISO 32000-2, 12.8.1).
    fn contents(&mut self) -> Result<(Vec<u8>, Option<Span>), Malformed> {
        const CODE: &str = "pdf.signature.contents";
        let index = self.placed.entries.iter().position(|entry| entry.key.0 == b"Contents");
        let Some(entry) = index.and_then(|index| self.placed.entries.get_mut(index)) else {
            self.report(CODE, Severity::Error, None, "signature dictionary has no Contents");
            return Ok((Vec::new(), None));
        };
        let span = entry.value_span;
        match std::mem::replace(&mut entry.value, Object::Null) {
            Object::String(string) => {
                if !string.hexadecimal {
                    let message = "Contents is a literal string, not a hexadecimal one";
                    self.report("pdf.signature.contents-literal", Severity::Warning, Some(span), message);
                }
                if self.placed.in_file == InFile::Yes {
                    return Ok((string.bytes, Some(span)));
                }
                let message =
                    "the signature dictionary is in an object stream: Contents has no place of its own";
                self.report("pdf.signature.compressed", Severity::Error, None, message);
                Ok((string.bytes, None))
            }
            Object::Reference(id) => {
                let message = format!("Contents is given indirectly, in object {id}");
                self.report("pdf.signature.contents-indirect", Severity::Error, Some(span), message);
                match self.snapshot.follow(id, self.budget)?.object {
                    Object::String(string) => Ok((string.bytes, None)),
                    _ => Ok((Vec::new(), None)),
                }
            }
            _ => {
                self.report(CODE, Severity::Error, Some(span), "Contents is not a string");
                Ok((Vec::new(), None))
            }
        }
    }

    /// `ByteRange`: pairs of offset and length, directly in the dictionary.
    fn byte_range(&mut self) -> Result<Option<ByteRange>, Malformed> {
        const CODE: &str = "pdf.signature.byte-range";
        let Some(entry) = self.find("ByteRange") else { return Ok(None) };
        let (mut span, mut value) = (self.place(entry), entry.value.clone());
        if let Object::Reference(id) = value {
            let message = format!("ByteRange is given indirectly, in object {id}");
            self.report("pdf.signature.byte-range-indirect", Severity::Error, span, message);
            (value, span) = (self.snapshot.follow(id, self.budget)?.object, None);
        }
        let mut numbers = Vec::new();
        for element in value.as_array().unwrap_or_default() {
            let number = match element {
                Object::Reference(_) => {
                    let message = "an element of ByteRange is given indirectly";
                    self.report("pdf.signature.byte-range-indirect", Severity::Error, span, message);
                    self.snapshot.resolve(element, self.budget)?.as_integer()
                }
                direct => direct.as_integer(),
            };
            match number.and_then(|number| u64::try_from(number).ok()) {
                Some(number) => numbers.push(number),
                None => {
                    self.report(
                        CODE,
                        Severity::Error,
                        span,
                        "an element of ByteRange is not an offset or length",
                    );
                    return Ok(Some(ByteRange { parts: Vec::new(), span }));
                }
            }
        }
        if numbers.is_empty() || numbers.len() % 2 != 0 {
            self.report(CODE, Severity::Error, span, "ByteRange is not an array of pairs");
            return Ok(Some(ByteRange { parts: Vec::new(), span }));
        }
        let parts = numbers.as_chunks::<2>().0.iter().map(|&[offset, length]| (offset, length)).collect();
        Ok(Some(ByteRange { parts, span }))
    }

    /// `Type`, with what `SubFilter` says (ISO 32000-2, 12.8.5).
    fn kind(&mut self, sub_filter: Option<&Name>) -> Result<SignatureKind, Malformed> {
        const CODE: &str = "pdf.signature.type";
        let timestamp = sub_filter.is_some_and(|name| name.0 == b"ETSI.RFC3161");
        let stated = self.value("Type")?;
        match (stated.as_name(), timestamp) {
            (Some(b"DocTimeStamp"), true) => Ok(SignatureKind::DocTimestamp),
            (Some(b"DocTimeStamp"), false) => {
                self.report(
                    CODE,
                    Severity::Warning,
                    None,
                    "Type is DocTimeStamp but SubFilter is not ETSI.RFC3161",
                );
                Ok(SignatureKind::DocTimestamp)
            }
            (_, true) => {
                self.report(
                    CODE,
                    Severity::Info,
                    None,
                    "SubFilter is ETSI.RFC3161 but Type is not DocTimeStamp",
                );
                Ok(SignatureKind::DocTimestamp)
            }
            (None | Some(b"Sig"), false) => Ok(SignatureKind::Signature),
            (Some(_), false) => {
                self.report(CODE, Severity::Error, None, "Type is neither Sig nor DocTimeStamp");
                Ok(SignatureKind::Signature)
            }
        }
    }

    /// `Reference`, and what its first DocMDP and FieldMDP transforms say (ISO 32000-2, 12.8.2).
    #[allow(clippy::type_complexity, reason = "three results of one walk, each of a named type")]
    fn references(&mut self) -> Result<(Vec<SignatureReference>, Option<u8>, Option<FieldLock>), Malformed> {
        const CODE: &str = "pdf.signature.reference";
        let (mut references, mut doc_mdp, mut field_mdp) = (Vec::new(), None, None);
        for element in self.value("Reference")?.as_array().unwrap_or_default() {
            let element = self.snapshot.resolve(element, self.budget)?.into_owned();
            let Object::Dictionary(dictionary) = element else {
                self.report(CODE, Severity::Error, None, "an element of Reference is not a dictionary");
                continue;
            };
            let name = |object: &Object| object.as_name().map(|name| Name(name.to_vec()));
            let method = name(&*self.snapshot.entry(&dictionary, "TransformMethod", self.budget)?);
            let Some(transform_method) = method else {
                self.report(CODE, Severity::Error, None, "a signature reference has no TransformMethod");
                continue;
            };
            let params = match self.snapshot.entry(&dictionary, "TransformParams", self.budget)?.into_owned()
            {
                Object::Dictionary(params) => params,
                _ => Dictionary::new(),
            };
            match transform_method.0.as_slice() {
                b"DocMDP" if doc_mdp.is_none() => doc_mdp = self.doc_mdp(&params)?,
                b"FieldMDP" if field_mdp.is_none() => {
                    field_mdp = self.snapshot.field_lock(&params, self.budget)?;
                    if field_mdp.is_none() {
                        self.report(CODE, Severity::Error, None, "FieldMDP names no known Action");
                    }
                }
                b"DocMDP" | b"FieldMDP" => {
                    let message = format!("a second {transform_method:?} transform");
                    self.report(CODE, Severity::Error, None, message);
                }
                _ => {}
            }
            let digest_method = name(&*self.snapshot.entry(&dictionary, "DigestMethod", self.budget)?);
            references.push(SignatureReference { transform_method, params, digest_method });
        }
        Ok((references, doc_mdp, field_mdp))
    }

    /// `P` of DocMDP: 2 where absent; a value that is not known is a finding and counts as 1, the strictest.
    fn doc_mdp(&mut self, params: &Dictionary) -> Result<Option<u8>, Malformed> {
        let stated = self.snapshot.entry(params, "P", self.budget)?.into_owned();
        match stated {
            Object::Null => Ok(Some(2)),
            Object::Integer(value @ 1..=3) => Ok(Some(value as u8)),
            _ => {
                self.report("pdf.signature.doc-mdp", Severity::Error, None, "P of DocMDP is not 1, 2 or 3");
                Ok(Some(1))
            }
        }
    }

    /// `Cert`: one byte string or an array of them.
    fn certificates(&mut self) -> Result<Vec<Vec<u8>>, Malformed> {
        match self.value("Cert")? {
            Object::String(string) => Ok(vec![string.bytes]),
            Object::Array(elements) => {
                let mut certificates = Vec::new();
                for element in &elements {
                    certificates
                        .extend(self.snapshot.resolve(element, self.budget)?.as_string().map(<[u8]>::to_vec));
                }
                Ok(certificates)
            }
            _ => Ok(Vec::new()),
        }
    }
}
