//! Files of at most 700 lines, functions of at most 70. `xtask/ratchet.toml` lists what is longer; its numbers may
//! only fall, and an entry that is no longer needed is itself a fault.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::visit::Visit;

use super::sources::SourceFile;

const MOST_LINES_OF_FILE: usize = 700;
const MOST_LINES_OF_FUNCTION: usize = 70;
const RATCHET: &str = "xtask/ratchet.toml";

/// Appends a fault for everything too long and for every stale entry of the ratchet.
pub fn check(root: &Path, files: &[SourceFile], faults: &mut Vec<String>) -> Result<()> {
    let text = fs::read_to_string(root.join(RATCHET)).with_context(|| format!("could not read {RATCHET}"))?;
    let ratchet: BTreeMap<String, BTreeMap<String, usize>> = toml::from_str(&text)
        .with_context(|| format!("{RATCHET} does not have the form [files] / [functions]"))?;
    let mut long_files = BTreeMap::new();
    let mut long_functions = BTreeMap::new();
    for file in files {
        let lines = file.text.lines().count();
        if lines > MOST_LINES_OF_FILE {
            long_files.insert(file.path.clone(), lines);
        }
        for (name, lines) in functions(file) {
            if lines > MOST_LINES_OF_FUNCTION {
                long_functions.insert(format!("{}#{name}", file.path), lines);
            }
        }
    }
    let none = BTreeMap::new();
    compare(ratchet.get("files").unwrap_or(&none), &long_files, MOST_LINES_OF_FILE, faults);
    compare(ratchet.get("functions").unwrap_or(&none), &long_functions, MOST_LINES_OF_FUNCTION, faults);
    Ok(())
}

fn compare(
    allowed: &BTreeMap<String, usize>,
    found: &BTreeMap<String, usize>,
    limit: usize,
    faults: &mut Vec<String>,
) {
    for (name, lines) in found {
        match allowed.get(name) {
            None => faults.push(format!("{name}: {lines} lines, at most {limit}")),
            Some(most) if lines > most => {
                faults.push(format!("{name}: grew to {lines} lines; the ratchet allows {most}"));
            }
            Some(most) if lines < most => {
                faults.push(format!("{name}: shrank to {lines} lines: lower its entry in {RATCHET}"));
            }
            Some(_) => {}
        }
    }
    for name in allowed.keys().filter(|name| !found.contains_key(*name)) {
        faults.push(format!("{name}: no longer too long: remove its entry from {RATCHET}"));
    }
}

/// Names (with the type for methods) and lengths of all functions, from the signature to the closing brace.
fn functions(file: &SourceFile) -> Vec<(String, usize)> {
    let mut lengths = Lengths::default();
    if let Ok(syntax) = &file.syntax {
        lengths.visit_file(syntax);
    }
    lengths.found
}

#[derive(Default)]
struct Lengths {
    found: Vec<(String, usize)>,
}

impl Lengths {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let last = block.brace_token.span.close().end().line;
        self.found.push((signature.ident.to_string(), last + 1 - first));
    }
}

impl<'ast> Visit<'ast> for Lengths {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.note(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.note(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.note(&function.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(lines: usize) -> BTreeMap<String, usize> {
        BTreeMap::from([("a.rs#long".to_owned(), lines)])
    }

    fn faults(allowed: &BTreeMap<String, usize>, found: &BTreeMap<String, usize>) -> Vec<String> {
        let mut faults = Vec::new();
        compare(allowed, found, 70, &mut faults);
        faults
    }

    #[test]
    fn the_ratchet_only_shrinks() {
        assert!(faults(&one(80), &one(80)).is_empty());
        assert!(faults(&one(80), &one(81))[0].contains("grew"));
        assert!(faults(&one(80), &one(79))[0].contains("lower"));
        assert!(faults(&one(80), &BTreeMap::new())[0].contains("remove"));
        assert!(faults(&BTreeMap::new(), &one(71))[0].contains("at most 70"));
    }

    #[test]
    fn a_function_is_measured_from_signature_to_brace() {
        let text = "//! x\n/// d\nfn a() {\n    b();\n}\nstruct S;\nimpl S {\n    fn c(&self) {}\n}\n";
        let file = SourceFile::new("a.rs".to_owned(), text.to_owned());
        assert_eq!(functions(&file), vec![("a".to_owned(), 3), ("c".to_owned(), 1)]);
    }
}
