//! The reader on files made for each point: structure, encryption, pages, forms, signatures, hostile input.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod build;
mod encrypted;
mod forms;
mod hostile;
mod memory;
mod pages;
mod structure;
mod tolerated;
