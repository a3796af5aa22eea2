//! Plain words for objects.

use crate::role::{Kind, dictionary_of, name_of};
use pdf::object::Object;

/// What an object is, with its article.
pub(crate) fn describe(object: &Object) -> String {
    if let Some(words) = by_type(object) {
        return words.into();
    }
    match object {
        Object::Null => "nothing".into(),
        Object::Boolean(_) => "a truth value".into(),
        Object::Integer(_) | Object::Real(_) => "a number".into(),
        Object::String(_) => "a string".into(),
        Object::Name(_) => "a name".into(),
        Object::Array(_) => "an array".into(),
        Object::Dictionary(_) => "a dictionary".into(),
        Object::Stream(_) => "a stream".into(),
        Object::Reference(id) => format!("a reference to object {id}"),
    }
}

fn by_type(object: &Object) -> Option<&'static str> {
    let dictionary = dictionary_of(object)?;
    let subtype = name_of(object, "Subtype");
    Some(match (name_of(object, "Type"), subtype) {
        (Some(b"Catalog"), _) => "the catalog",
        (Some(b"Pages"), _) => "a node of the page tree",
        (Some(b"Page"), _) => "a page",
        (Some(b"Font"), _) => "a font",
        (Some(b"FontDescriptor"), _) => "a font descriptor",
        (Some(b"Sig"), _) => "a signature",
        (Some(b"DocTimeStamp"), _) => "a document timestamp",
        (Some(b"Metadata"), _) => "metadata",
        (Some(b"ObjStm"), _) => "an object stream",
        (Some(b"XRef"), _) => "a cross-reference stream",
        (Some(b"DSS"), _) => "the document security store",
        (Some(b"StructElem"), _) => "a structure element",
        (Some(b"StructTreeRoot"), _) => "the structure tree",
        (Some(b"Filespec"), _) => "a file attachment",
        (Some(b"EmbeddedFile"), _) => "an embedded file",
        (Some(b"OCG" | b"OCMD"), _) => "optional content",
        (Some(b"Encoding"), _) => "an encoding",
        (Some(b"ExtGState"), _) => "a graphics state",
        (_, Some(b"Image")) => "an image",
        (_, Some(b"Form")) => "drawn content",
        (_, Some(b"Widget")) => widget(name_of(object, "FT")),
        (Some(b"Annot"), _) => "an annotation",
        _ if dictionary.get("FT").is_some() => widget(name_of(object, "FT")),
        _ if dictionary.get("ByteRange").is_some() => "a signature",
        _ if name_of(object, "S") == Some(b"JavaScript") => "JavaScript",
        _ if name_of(object, "S").is_some() && dictionary.get("K").is_none() => "an action",
        _ => return None,
    })
}

fn widget(field_type: Option<&[u8]>) -> &'static str {
    match field_type {
        Some(b"Sig") => "a signature field",
        Some(b"Tx") => "a text field",
        Some(b"Btn") => "a button",
        Some(b"Ch") => "a choice field",
        _ => "the widget of a field",
    }
}

/// What happened to an object in a role where nothing may change.
pub(crate) fn refusal(kind: Kind, old: &Object, new: &Object) -> String {
    let what = if *old == Object::Null { describe(new) } else { describe(old) };
    let place = match kind {
        Kind::PageContent => "that is the content of a page",
        Kind::PageResource => "that the content of a page uses",
        Kind::AppearancePart => "that an annotation's or field's appearance uses",
        Kind::Action => "that is or triggers an action",
        _ => "that no rule lets change",
    };
    format!("{what} {place} was {}", done(old, new))
}

/// The verb for a change from `old` to `new`.
pub(crate) fn done(old: &Object, new: &Object) -> &'static str {
    match (old, new) {
        (Object::Null, _) => "added",
        (_, Object::Null) => "removed",
        _ => "changed",
    }
}

/// A key of a dictionary as text.
pub(crate) fn text(key: &[u8]) -> String {
    String::from_utf8_lossy(key).into_owned()
}
