//! Objects to bytes (ISO 32000-2, 7.3): the only place where the writer spells PDF syntax.

use crate::object::{Dictionary, Name, Object, ObjectId, PdfString};

/// Transforms a string's bytes before they are written, e.g. encrypts them.
pub(crate) type StringCipher<'a> = dyn FnMut(&[u8]) -> Vec<u8> + 'a;

/// Writes objects to a buffer; strings pass through the cipher if there is one.
pub(crate) struct Serialiser<'a> {
    /// Where the bytes go.
    pub(crate) out: Vec<u8>,
    cipher: Option<&'a mut StringCipher<'a>>,
}

impl<'a> Serialiser<'a> {
    /// A serialiser that appends to `out`.
    pub(crate) fn new(out: Vec<u8>, cipher: Option<&'a mut StringCipher<'a>>) -> Serialiser<'a> {
        Serialiser { out, cipher }
    }

    /// Writes one object; a stream gives its dictionary only.
    ///
    /// Recursion is as deep as the object, whose depth the parser has limited.
    pub(crate) fn object(&mut self, object: &Object) {
        match object {
            Object::Null => self.out.extend_from_slice(b"null"),
            Object::Boolean(true) => self.out.extend_from_slice(b"true"),
            Object::Boolean(false) => self.out.extend_from_slice(b"false"),
            Object::Integer(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Object::Real(real) => self.out.extend_from_slice(real.0.as_bytes()),
            Object::String(string) => self.string(string),
            Object::Name(name) => self.name(name),
            Object::Array(elements) => self.array(elements),
            Object::Dictionary(dictionary) => self.dictionary(dictionary),
            Object::Stream(stream) => self.dictionary(&stream.dictionary),
            Object::Reference(id) => self.reference(*id),
        }
    }

    /// `<< … >>`
    pub(crate) fn dictionary(&mut self, dictionary: &Dictionary) {
        self.out.extend_from_slice(b"<<");
        self.entries(dictionary);
        self.out.extend_from_slice(b">>");
    }

    /// The entries of a dictionary without its brackets.
    pub(crate) fn entries(&mut self, dictionary: &Dictionary) {
        for (key, value) in &dictionary.0 {
            self.name(key);
            if needs_space(value) {
                self.out.push(b' ');
            }
            self.object(value);
        }
    }

    /// `n g R`
    pub(crate) fn reference(&mut self, id: ObjectId) {
        self.out.extend_from_slice(id.number.to_string().as_bytes());
        self.out.push(b' ');
        self.out.extend_from_slice(id.generation.to_string().as_bytes());
        self.out.extend_from_slice(b" R");
    }

    fn array(&mut self, elements: &[Object]) {
        self.out.push(b'[');
        for (index, element) in elements.iter().enumerate() {
            if index > 0 && (needs_space(element) || elements.get(index - 1).is_some_and(ends_regular)) {
                self.out.push(b' ');
            }
            self.object(element);
        }
        self.out.push(b']');
    }

    /// A name; bytes outside the regular printable characters as `#xx` (ISO 32000-2, 7.3.5).
    fn name(&mut self, name: &Name) {
        self.out.push(b'/');
        for &byte in &name.0 {
            if is_regular(byte) && byte != b'#' && (0x21..=0x7E).contains(&byte) {
                self.out.push(byte);
            } else {
                self.out.push(b'#');
                self.hexadecimal(byte);
            }
        }
    }

    fn string(&mut self, string: &PdfString) {
        match self.cipher.as_mut() {
            Some(cipher) => {
                let bytes = cipher(&string.bytes);
                self.hexadecimal_string(&bytes);
            }
            None if string.hexadecimal => self.hexadecimal_string(&string.bytes),
            None => self.literal_string(&string.bytes),
        }
    }

    fn hexadecimal_string(&mut self, bytes: &[u8]) {
        self.out.push(b'<');
        for &byte in bytes {
            self.hexadecimal(byte);
        }
        self.out.push(b'>');
    }

    /// A literal string (ISO 32000-2, 7.3.4.2); line ends are escaped since readers normalise bare ones.
    fn literal_string(&mut self, bytes: &[u8]) {
        self.out.push(b'(');
        for &byte in bytes {
            match byte {
                b'(' | b')' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                _ => self.out.push(byte),
            }
        }
        self.out.push(b')');
    }

    fn hexadecimal(&mut self, byte: u8) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        self.out.push(DIGITS[usize::from(byte >> 4)]);
        self.out.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// The bytes of one object, strings as they are.
pub fn to_bytes(object: &Object) -> Vec<u8> {
    let mut serialiser = Serialiser::new(Vec::new(), None);
    serialiser.object(object);
    serialiser.out
}

/// Neither white space nor delimiter (ISO 32000-2, 7.2.3).
fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        0 | 9 | 10 | 12 | 13 | 32 | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

/// Whether an object starts with a regular character and so must be kept apart from one before it.
fn needs_space(object: &Object) -> bool {
    matches!(
        object,
        Object::Null | Object::Boolean(_) | Object::Integer(_) | Object::Real(_) | Object::Reference(_)
    )
}

/// Whether an object ends with a regular character that a following one could be read into.
fn ends_regular(object: &Object) -> bool {
    needs_space(object) && !matches!(object, Object::Reference(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Real;

    fn text(object: &Object) -> String {
        String::from_utf8_lossy(&to_bytes(object)).into_owned()
    }

    #[test]
    fn every_kind_of_object_has_its_spelling() {
        let reference = Object::Reference(ObjectId { number: 12, generation: 3 });
        let array = Object::Array(vec![
            Object::Integer(-1),
            Object::Real(Real("+.50".into())),
            Object::name("A"),
            reference.clone(),
            Object::Null,
            Object::Boolean(true),
            Object::string("s"),
        ]);
        assert_eq!(text(&array), "[-1 +.50 /A 12 3 R null true (s)]");
        let dictionary = Dictionary::new()
            .with("Type", Object::name("X"))
            .with("N", Object::Integer(7))
            .with("R", reference)
            .with("D", Object::Dictionary(Dictionary::new()));
        assert_eq!(text(&Object::Dictionary(dictionary)), "<</Type/X/N 7/R 12 3 R/D<<>>>>");
    }

    #[test]
    fn names_escape_what_is_not_regular() {
        assert_eq!(text(&Object::Name(Name(b"A B#/\xff".to_vec()))), "/A#20B#23#2F#FF");
        assert_eq!(text(&Object::Name(Name(Vec::new()))), "/");
    }

    #[test]
    fn strings_keep_every_byte() {
        assert_eq!(to_bytes(&Object::string(b"a(b)\\\r\n\x00".to_vec())), b"(a\\(b\\)\\\\\\r\\n\x00)");
        let hexadecimal = Object::String(PdfString { bytes: vec![0, 255], hexadecimal: true });
        assert_eq!(text(&hexadecimal), "<00FF>");
    }

    #[test]
    fn strings_pass_through_the_cipher() {
        let mut cipher = |bytes: &[u8]| bytes.iter().map(|b| b ^ 0xFF).collect();
        let mut serialiser = Serialiser::new(Vec::new(), Some(&mut cipher));
        serialiser.object(&Object::Array(vec![Object::string([0, 1]), Object::Integer(1)]));
        assert_eq!(serialiser.out, b"[<FFFE> 1]");
    }
}
