//! Metadata: the XMP packet of the catalog and the document information dictionary.

use super::xml::is_metadata;
use crate::comparison::{Comparison, Ruled, Version};
use crate::reach::stops;
use crate::ruling::{INFORMATION, METADATA, Ruling};
use pdf::object::Object;

impl Comparison<'_, '_, '_> {
    /// The document information dictionary (ISO 32000-2, 14.3.3): text about the document, shown on no page.
    pub(crate) fn information(&mut self, _old: Version<'_>, new: Version<'_>) -> Ruled {
        Ok(match new.object {
            Object::Stream(_) => Ruling::refused("the document information became a stream"),
            _ => Ruling::cleared(INFORMATION, "the document information was updated"),
        })
    }

    /// The metadata stream of the catalog (ISO 32000-2, 14.3.2): a well-formed XMP packet before and after.
    pub(crate) fn metadata(&mut self, old: Version<'_>, new: Version<'_>) -> Ruled {
        let stream = match new.object {
            Object::Stream(stream) => stream,
            Object::Null => return Ok(Ruling::refused("the metadata of the document was removed")),
            _ => return Ok(Ruling::refused("the metadata is not a stream")),
        };
        if !matches!(old.object, Object::Stream(_) | Object::Null) {
            return Ok(Ruling::refused("the metadata took the place of another object"));
        }
        match self.new.stream_data(stream, self.budget) {
            Ok(data) if is_metadata(&data) => {
                Ok(Ruling::cleared(METADATA, "the metadata of the document was updated"))
            }
            Ok(_) => Ok(Ruling::refused("the metadata is not a well-formed XMP packet")),
            Err(error) if stops(&error) => Err(error),
            Err(error) => Ok(Ruling::refused(format!("the metadata cannot be read: {error}"))),
        }
    }
}
