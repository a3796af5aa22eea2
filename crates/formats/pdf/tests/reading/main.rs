//! The reader on files made for each point: structure, encryption, pages, forms, signatures, hostile input.

mod build;
mod encrypted;
mod forms;
mod hostile;
mod pages;
mod structure;
mod tolerated;
