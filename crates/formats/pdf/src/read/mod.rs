//! From bytes to objects: windows over the source, tokens, objects, cross-reference sections, object streams.

pub(crate) mod lexer;
pub(crate) mod object_stream;
pub(crate) mod parser;
pub(crate) mod structure;
pub(crate) mod window;
pub(crate) mod xref;
