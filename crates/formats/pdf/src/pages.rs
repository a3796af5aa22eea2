//! The page tree (ISO 32000-2, 7.7.3), walked lazily.

use crate::object::{Dictionary, Object, ObjectId};
use crate::snapshot::Snapshot;
use types::{Budget, Malformed};

/// A page with what it inherits (ISO 32000-2, 7.7.3.4).
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The page object.
    pub id: ObjectId,
    /// Counted from 0.
    pub index: usize,
    /// The page dictionary as written, without what is inherited.
    pub dictionary: Dictionary,
    /// `Resources`, own or inherited, not resolved.
    pub resources: Option<Object>,
    /// `MediaBox`, own or inherited, as lower left x, y, upper right x, y in default user space units.
    pub media_box: Option<[f64; 4]>,
    /// `CropBox`, own or inherited; the media box applies where there is none.
    pub crop_box: Option<[f64; 4]>,
    /// `Rotate`, own or inherited, in degrees clockwise: 0, 90, 180 or 270.
    pub rotate: i64,
}

impl Snapshot<'_, '_> {
    /// The number of pages as the root of the page tree states it.
    pub fn page_count(&self, budget: &mut Budget) -> Result<usize, Malformed> {
        let _ = budget;
        Ok(0)
    }

    /// The page at `index`, counted from 0; `None` past the last one.
    pub fn page(&self, index: usize, budget: &mut Budget) -> Result<Option<Page>, Malformed> {
        let _ = (index, budget);
        Ok(None)
    }

    /// Every page in order.
    pub fn pages(&self, budget: &mut Budget) -> Result<Vec<Page>, Malformed> {
        let _ = budget;
        Ok(Vec::new())
    }

    /// The index of a page object, found by climbing from it to the root.
    pub fn page_index(&self, page: ObjectId, budget: &mut Budget) -> Result<Option<usize>, Malformed> {
        let _ = (page, budget);
        Ok(None)
    }

    /// The page whose `Annots` hold `widget`, for widgets that do not name it themselves.
    pub fn page_of_annotation(
        &self,
        widget: ObjectId,
        budget: &mut Budget,
    ) -> Result<Option<ObjectId>, Malformed> {
        let _ = (widget, budget);
        Ok(None)
    }
}
