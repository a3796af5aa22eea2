//! Actions (ISO 32000-2, 12.6): what may happen, and whether it waits for a click.

use crate::code::{
    Code, HIDE, IMPORT, JAVASCRIPT, LAUNCH, MEDIA_ACTION, NAMED, REMOTE, RESET, SET_LAYERS, SUBMIT,
    UNKNOWN_ACTION, URI,
};
use crate::report::{Place, quote};
use crate::scene::{Scene, Trait, into_dictionary, name};
use pdf::object::{Dictionary, Object};
use types::{Budget, Malformed, Severity};

/// How an object is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Not as an action.
    Plain,
    /// As an action that somebody must set off.
    Clicked,
    /// As an action that happens by itself.
    Automatic,
}

/// `S`, the finding, its weight when clicked and when automatic, and what PDF/A says.
type Kind = (&'static [u8], Code, Severity, Severity, Option<Trait>);

/// Kinds of actions (ISO 32000-2, Table 201).
const KINDS: [Kind; 20] = {
    use Severity::{Error, Info, Warning};
    [
        (b"JavaScript", JAVASCRIPT, Error, Error, Some(Trait::JavaScript)),
        (b"Launch", LAUNCH, Error, Error, Some(Trait::ForbiddenAction)),
        (b"ImportData", IMPORT, Error, Error, Some(Trait::ForbiddenAction)),
        (b"SubmitForm", SUBMIT, Warning, Error, None),
        (b"ResetForm", RESET, Warning, Error, Some(Trait::ForbiddenAction)),
        (b"Hide", HIDE, Warning, Error, Some(Trait::ForbiddenAction)),
        (b"SetOCGState", SET_LAYERS, Warning, Error, Some(Trait::LaterForbiddenAction)),
        (b"GoToR", REMOTE, Warning, Error, None),
        (b"GoToE", REMOTE, Warning, Error, None),
        (b"GoToDp", REMOTE, Info, Info, None),
        (b"URI", URI, Info, Warning, None),
        (b"Sound", MEDIA_ACTION, Warning, Error, Some(Trait::ForbiddenAction)),
        (b"Movie", MEDIA_ACTION, Warning, Error, Some(Trait::ForbiddenAction)),
        (b"Rendition", MEDIA_ACTION, Warning, Error, Some(Trait::LaterForbiddenAction)),
        (b"GoTo3DView", MEDIA_ACTION, Warning, Error, Some(Trait::LaterForbiddenAction)),
        (b"RichMediaExecute", MEDIA_ACTION, Warning, Error, Some(Trait::LaterForbiddenAction)),
        (b"Trans", MEDIA_ACTION, Info, Info, Some(Trait::LaterForbiddenAction)),
        // Withdrawn since PDF 1.2.
        (b"SetState", UNKNOWN_ACTION, Warning, Warning, Some(Trait::ForbiddenAction)),
        (b"NOP", UNKNOWN_ACTION, Info, Info, Some(Trait::ForbiddenAction)),
        (b"Named", NAMED, Info, Warning, None),
    ]
};

/// Commands that turn pages only.
const TURNING: [&[u8]; 4] = [b"NextPage", b"PrevPage", b"FirstPage", b"LastPage"];

/// Kinds that are clear from the dictionary alone, wherever it stands.
fn is_action_by_shape(dictionary: &Dictionary) -> bool {
    let kind = name(dictionary, "S");
    let structure = dictionary.get("K").is_some() && dictionary.get("P").is_some();
    dictionary.get("JS").is_some()
        || name(dictionary, "Type") == b"Action"
        || (!structure && KINDS.iter().any(|(known, ..)| *known == kind && !matches!(*known, b"Trans")))
}

impl Scene<'_, '_> {
    /// Reports a dictionary if it is an action.
    pub(crate) fn look_at_action(
        &mut self,
        dictionary: &Dictionary,
        role: Role,
        place: Place,
        budget: &mut Budget,
    ) -> Result<(), Malformed> {
        if role == Role::Plain && !is_action_by_shape(dictionary) {
            return Ok(());
        }
        let kind = self.entry(dictionary, "S", budget)?;
        let kind = kind.as_name().unwrap_or_default();
        let has_script = dictionary.get("JS").is_some();
        // A rendition may carry a script, too (Table 218).
        if has_script && kind != b"JavaScript" {
            self.traits.insert(Trait::JavaScript);
            self.add(JAVASCRIPT, place, "JavaScript in an action of another kind");
        }
        let Some((_, code, clicked, automatic, forbidden)) = KINDS.iter().find(|(known, ..)| *known == kind)
        else {
            if role > Role::Plain && !kind.is_empty() && ![&b"GoTo"[..], b"Thread"].contains(&kind) {
                let kind = quote(&String::from_utf8_lossy(kind));
                self.add(UNKNOWN_ACTION, place, format!("an action of the unknown kind {kind}"));
            }
            return Ok(());
        };
        self.traits.extend(*forbidden);
        let severity = if role == Role::Automatic { *automatic } else { *clicked };
        let mut message = code.about.to_owned();
        match kind {
            b"Named" => {
                let command = self.entry(dictionary, "N", budget)?;
                let command = command.as_name().unwrap_or_default();
                if TURNING.contains(&command) {
                    return Ok(());
                }
                self.traits.insert(Trait::NamedAction);
                message.push_str(&format!(": {}", quote(&String::from_utf8_lossy(command))));
            }
            b"JavaScript" => message.push_str(&self.beginning_of_script(dictionary, place, budget)?),
            b"URI" => {
                let address = self.entry(dictionary, "URI", budget)?;
                message.push_str(&quoted(address.as_string()));
            }
            b"Launch" | b"GoToR" | b"GoToE" | b"SubmitForm" | b"ImportData" => {
                message.push_str(&self.file_name(dictionary, budget)?);
            }
            _ => {}
        }
        if role == Role::Automatic {
            message.push_str(", without being asked");
        }
        self.findings.weigh(*code, severity, place, message);
        Ok(())
    }

    fn beginning_of_script(
        &mut self,
        dictionary: &Dictionary,
        place: Place,
        budget: &mut Budget,
    ) -> Result<String, Malformed> {
        let bytes = match self.entry(dictionary, "JS", budget)? {
            Object::String(string) => string.bytes,
            Object::Stream(stream) => self.data(&stream, place, budget)?,
            _ => return Ok(String::new()),
        };
        Ok(quoted(Some(bytes.get(..400).unwrap_or(&bytes))))
    }

    /// The file specification `F` (ISO 32000-2, 7.11).
    fn file_name(&mut self, dictionary: &Dictionary, budget: &mut Budget) -> Result<String, Malformed> {
        let file = self.entry(dictionary, "F", budget)?;
        if let Some(bytes) = file.as_string() {
            return Ok(quoted(Some(bytes)));
        }
        let file = into_dictionary(file);
        for key in ["UF", "F"] {
            if let Some(bytes) = self.entry(&file, key, budget)?.as_string() {
                return Ok(quoted(Some(bytes)));
            }
        }
        Ok(String::new())
    }
}

fn quoted(bytes: Option<&[u8]>) -> String {
    bytes.map(|bytes| format!(": {}", quote(&pdf::strings::text(bytes)))).unwrap_or_default()
}
