//! The text that a page shows with that of its annotations and fields (ISO 32000-2, 12.5.5).

use super::PageText;
use super::interpret::{Interpreter, State};
use super::matrix::Matrix;
use crate::object::{Dictionary, Object};
use crate::pages::Page;
use crate::snapshot::Snapshot;
use types::{Budget, Malformed, Resource};

/// Annotation flags Hidden and NoView (ISO 32000-2, Table 167).
const HIDDEN: i64 = 0b10_0010;

/// The text of a page, then that of the appearances of its annotations.
pub(crate) fn shown_text(
    document: Snapshot<'_, '_>,
    page: &Page,
    budget: &mut Budget,
) -> Result<PageText, Malformed> {
    let mut interpreter = Interpreter::new(document);
    interpreter.page(page, budget)?;
    let result = interpreter.annotations(page, budget);
    interpreter.note(result)?;
    Ok(interpreter.out)
}

impl Interpreter<'_, '_> {
    /// The normal appearances of annotations that are not hidden, each in the state that it is in.
    fn annotations(&mut self, page: &Page, budget: &mut Budget) -> Result<(), Malformed> {
        let list = self.document.entry(&page.dictionary, "Annots", budget)?.into_owned();
        for annotation in list.as_array().unwrap_or_default() {
            budget.spend(Resource::Steps, 1)?;
            let result = self.annotation(annotation, budget);
            self.note(result)?;
        }
        Ok(())
    }

    fn annotation(&mut self, annotation: &Object, budget: &mut Budget) -> Result<(), Malformed> {
        let annotation = self.dictionary(annotation, budget)?;
        let flags = self.document.entry(&annotation, "F", budget)?.as_integer().unwrap_or(0);
        let is_popup = annotation.get("Subtype").and_then(Object::as_name) == Some(b"Popup");
        if flags & HIDDEN != 0 || is_popup {
            return Ok(());
        }
        let appearances = self.dictionary(annotation.get("AP").unwrap_or(&Object::Null), budget)?;
        let mut normal = self.document.entry(&appearances, "N", budget)?.into_owned();
        if let Object::Dictionary(states) = &normal {
            let state = annotation.get("AS").and_then(Object::as_name).unwrap_or(b"Off");
            let named = states.0.iter().find(|(key, _)| key.0 == state).map(|(_, value)| value);
            normal = self.document.resolve(named.unwrap_or(&Object::Null), budget)?.into_owned();
        }
        let Object::Stream(stream) = normal else { return Ok(()) };
        self.out.text.push('\n');
        self.state = State::new(Matrix::IDENTITY);
        self.saved.clear();
        self.form(&stream, &Dictionary::new(), 0, budget)
    }
}
