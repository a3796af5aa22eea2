//! How a standard was read by the one who made a time-stamp, where its words allow more than one byte string.

/// Which bytes an imprint turned out to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The only byte string that the standard can mean, as received.
    Regular,
    /// The one that the standard means, but re-encoded as DER where DER was not received.
    Der,
    /// One of several for time-stamps over attributes.
    Attributes {
        /// What was taken of each attribute.
        form: AttributeForm,
        /// How the bytes relate to those received.
        encoding: Encoding,
    },
    /// One of several for archive-time-stamp version 2.
    ArchiveV2 {
        /// Which unsigned attributes are under it.
        selection: AttributeSelection,
        /// What was taken of the set of unsigned attributes.
        form: AttributeForm,
        /// How the bytes relate to those received.
        encoding: Encoding,
    },
}

/// What was taken of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeForm {
    /// Type and set of values, without the tag and length of what holds them (TS 101 733, 6.3.5, note 2). For
    /// archive-time-stamp version 2: the attributes without the tag and length of their set.
    Contents,
    /// Complete with tag and length.
    Whole,
    /// Only the values, without tag and length.
    Values,
}

/// Which unsigned attributes an archive-time-stamp version 2 was made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeSelection {
    /// All but the archive time-stamps from this one on.
    WithoutArchiveTimestampsAfter,
    /// Those received before this one.
    Before,
    /// All but the archive time-stamps that are not older than this one by their time.
    WithoutNewerArchiveTimestamps,
    /// All but this one.
    AllOthers,
    /// All but any archive time-stamps.
    WithoutArchiveTimestamps,
}

/// How bytes under a time-stamp relate to those received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The same.
    AsReceived,
    /// Re-encoded with definite, shortest lengths, in the order received.
    DefiniteLengths,
    /// Re-encoded as DER.
    Der,
}
