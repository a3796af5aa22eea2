//! What every part of the preflight works on: the document, the findings so far, and facts that the PDF/A claim asks for.

use crate::code::{Code, UNREADABLE};
use crate::report::{Findings, Place};
use pdf::Snapshot;
use pdf::object::{Dictionary, Object, ObjectId, Stream};
use std::collections::BTreeSet;
use types::{Budget, Cause, Malformed, Resource, Span};

/// What a PDF/A claim may be contradicted by, each with the first place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trait {
    JavaScript,
    /// Launch, Sound, Movie, ResetForm, ImportData.
    ForbiddenAction,
    /// Hide, SetOCGState, Rendition, Trans, GoTo3DView and the like.
    LaterForbiddenAction,
    /// A named action other than turning pages.
    NamedAction,
    /// `A` of a widget.
    WidgetAction,
    /// `AA` of a widget or field.
    FieldTrigger,
    /// `AA` of a page.
    PageTrigger,
    /// `AA` of the catalog.
    CatalogTrigger,
    External,
    Alternates,
    PostScript,
    Attachment,
    Lzw,
    Transparency,
    FontMissing,
    Layers,
    NoAppearance,
    NeedAppearances,
    Xfa,
    NeedsRendering,
    RichMedia,
}

/// The document under examination.
pub(crate) struct Scene<'d, 's> {
    pub(crate) snapshot: Snapshot<'d, 's>,
    pub(crate) findings: Findings,
    pub(crate) traits: BTreeSet<Trait>,
}

impl Scene<'_, '_> {
    pub(crate) fn add(&mut self, code: Code, place: Place, message: impl Into<String>) {
        self.findings.add(code, place, message);
    }

    /// Faults of the document become findings; errors that stop all work go on.
    pub(crate) fn read<T: Default>(
        &mut self,
        result: Result<T, Malformed>,
        place: Place,
    ) -> Result<T, Malformed> {
        match result {
            Err(error) if matches!(error.cause, Cause::Budget(_) | Cause::Source(_)) => Err(error),
            Err(error) => {
                let span = error.at.map(|at| Span::new(at, at)).or(place.span);
                self.findings.add(UNREADABLE, Place { span, ..place }, error.to_string());
                Ok(T::default())
            }
            Ok(value) => Ok(value),
        }
    }

    /// The entry of a dictionary, resolved; null, with a finding, if it cannot be read.
    pub(crate) fn entry(
        &mut self,
        dictionary: &Dictionary,
        key: &str,
        budget: &mut Budget,
    ) -> Result<Object, Malformed> {
        match dictionary.get(key) {
            None => Ok(Object::Null),
            Some(object) => self.resolve(object, budget),
        }
    }

    pub(crate) fn resolve(&mut self, object: &Object, budget: &mut Budget) -> Result<Object, Malformed> {
        budget.spend(Resource::Steps, 1)?;
        let result = self.snapshot.resolve(object, budget).map(|object| Some(object.into_owned()));
        Ok(self.read(result, Place::default())?.unwrap_or(Object::Null))
    }

    /// The entry as a dictionary; an empty one if it is none.
    pub(crate) fn dictionary(
        &mut self,
        dictionary: &Dictionary,
        key: &str,
        budget: &mut Budget,
    ) -> Result<Dictionary, Malformed> {
        Ok(into_dictionary(self.entry(dictionary, key, budget)?))
    }

    /// The entry as an array; an empty one if it is none.
    pub(crate) fn array(
        &mut self,
        dictionary: &Dictionary,
        key: &str,
        budget: &mut Budget,
    ) -> Result<Vec<Object>, Malformed> {
        match self.entry(dictionary, key, budget)? {
            Object::Array(elements) => Ok(elements),
            _ => Ok(Vec::new()),
        }
    }

    /// A stream's data; empty, with a finding, if they cannot be decoded.
    pub(crate) fn data(
        &mut self,
        stream: &Stream,
        place: Place,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Malformed> {
        let result = self.snapshot.stream_data(stream, budget);
        self.read(result, place)
    }
}

/// The references of an array, or the one reference.
pub(crate) fn references(object: &Object) -> Vec<ObjectId> {
    match object {
        Object::Reference(id) => vec![*id],
        Object::Array(elements) => elements.iter().filter_map(Object::as_reference).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn into_dictionary(object: Object) -> Dictionary {
    match object {
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => stream.dictionary,
        _ => Dictionary::new(),
    }
}

/// A direct name.
pub(crate) fn name<'d>(dictionary: &'d Dictionary, key: &str) -> &'d [u8] {
    dictionary.get(key).and_then(Object::as_name).unwrap_or_default()
}
