//! The objects of ISO 32000-2, 7.3: what parsing yields and what the writer takes.

use std::fmt;
use types::Span;

/// Number and generation of an indirect object (ISO 32000-2, 7.3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Object number, positive for objects in use.
    pub number: u32,
    /// Generation number.
    pub generation: u16,
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.generation)
    }
}

/// A name without its slash, escapes resolved (ISO 32000-2, 7.3.5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub Vec<u8>);

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(&self.0))
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name(text.as_bytes().to_vec())
    }
}

/// A real number with its text as written, so that copying an object never changes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Real(pub String);

impl Real {
    /// The value; text that the lexer let through always has one.
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }
}

/// A string's bytes after unescaping and decryption.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct PdfString {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether it was, or is to be, written in hexadecimal.
    pub hexadecimal: bool,
}

/// A dictionary in the order of its entries (ISO 32000-2, 7.3.7); a repeated key keeps its first value,
/// the parser reports the repetition.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Dictionary(pub Vec<(Name, Object)>);

/// A stream: its dictionary and where its raw (still encoded) bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The stream dictionary.
    pub dictionary: Dictionary,
    /// The raw bytes.
    pub data: StreamData,
}

/// Raw bytes of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamData {
    /// In the source, between `stream` and `endstream`; not encrypted.
    InSource(Span),
    /// In the source, encrypted with the key of the object that owns the stream (ISO 32000-2, 7.6.3).
    Encrypted {
        /// The raw bytes.
        span: Span,
        /// The indirect object that the stream is.
        owner: ObjectId,
    },
    /// In memory, made for writing; the writer encrypts if the file is encrypted.
    Bytes(Vec<u8>),
}

/// Any PDF object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A real number.
    Real(Real),
    /// A string.
    String(PdfString),
    /// A name.
    Name(Name),
    /// An array.
    Array(Vec<Object>),
    /// A dictionary.
    Dictionary(Dictionary),
    /// A stream; only ever an indirect object.
    Stream(Stream),
    /// A reference to an indirect object.
    Reference(ObjectId),
}

impl Object {
    /// A name object.
    pub fn name(text: &str) -> Object {
        Object::Name(text.into())
    }

    /// A literal string object of these bytes.
    pub fn string(bytes: impl Into<Vec<u8>>) -> Object {
        Object::String(PdfString { bytes: bytes.into(), hexadecimal: false })
    }

    /// A text string (ISO 32000-2, 7.9.2.2): ASCII as is, anything else as UTF-16BE with byte order mark.
    pub fn text(text: &str) -> Object {
        if text.is_ascii() {
            return Object::string(text);
        }
        let mut bytes = vec![0xFE, 0xFF];
        bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        Object::string(bytes)
    }

    /// A number written with at most three decimals, never in exponent form.
    pub fn real(value: f64) -> Object {
        let text = format!("{value:.3}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        Object::Real(Real(if text == "-0" || text.is_empty() { "0".into() } else { text.into() }))
    }

    /// The integer, if this is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Object::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if this is an integer or a real.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Object::Integer(value) => Some(*value as f64),
            Object::Real(real) => Some(real.value()),
            _ => None,
        }
    }

    /// The name's bytes, if this is a name.
    pub fn as_name(&self) -> Option<&[u8]> {
        match self {
            Object::Name(name) => Some(&name.0),
            _ => None,
        }
    }

    /// The string's bytes, if this is a string.
    pub fn as_string(&self) -> Option<&[u8]> {
        match self {
            Object::String(string) => Some(&string.bytes),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Object]> {
        match self {
            Object::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The dictionary, if this is one or a stream.
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        match self {
            Object::Dictionary(dictionary) => Some(dictionary),
            Object::Stream(stream) => Some(&stream.dictionary),
            _ => None,
        }
    }

    /// The target, if this is a reference.
    pub fn as_reference(&self) -> Option<ObjectId> {
        match self {
            Object::Reference(id) => Some(*id),
            _ => None,
        }
    }
}

impl Dictionary {
    /// An empty dictionary.
    pub fn new() -> Dictionary {
        Dictionary::default()
    }

    /// The value of `key`, not resolved if it is a reference.
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().find(|(name, _)| name.0 == key.as_bytes()).map(|(_, value)| value)
    }

    /// Sets `key`, keeping its place if it is there already.
    pub fn set(&mut self, key: &str, value: Object) {
        match self.0.iter_mut().find(|(name, _)| name.0 == key.as_bytes()) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.into(), value)),
        }
    }

    /// This dictionary with `key` set; for building.
    pub fn with(mut self, key: &str, value: Object) -> Dictionary {
        self.set(key, value);
        self
    }

    /// Removes `key`; its value if it was there.
    pub fn remove(&mut self, key: &str) -> Option<Object> {
        let index = self.0.iter().position(|(name, _)| name.0 == key.as_bytes())?;
        Some(self.0.remove(index).1)
    }
}
