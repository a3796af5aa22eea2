//! Any bytes as a PDF file.
#![no_main]

mod pdf_walk;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pdf_walk::both_ways(&data.to_vec()));
