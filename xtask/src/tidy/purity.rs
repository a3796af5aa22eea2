//! The pure layers touch no clock, file, socket, environment or randomness and iterate no hash map. The `clippy.toml`
//! of each layer bans the calls; this also bans the paths in production code, so that nothing slips by a `use`.
//! Sockets are in one crate of the whole project.

use syn::visit::Visit;

use super::at;
use super::sources::SourceFile;
use super::workspace::PURE;

/// Paths that a pure layer may not name.
const BANNED: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "rand",
    "getrandom",
];

/// The only crate with sockets.
const WITH_SOCKETS: &str = "crates/host/net/";

/// Paths that no other crate's production code may name, pure or not.
const SOCKETS: &[&str] = &["std::net", "std::os::unix::net", "tokio", "ureq", "hyper"];

/// Appends a fault for every banned path in a pure layer's production code, and for sockets outside the crate that has
/// them.
pub fn check(file: &SourceFile, faults: &mut Vec<String>) {
    let Some(layer) = file.layer().filter(|_| file.is_production()) else { return };
    let Ok(syntax) = &file.syntax else { return };
    let (bans, place) = match layer {
        _ if PURE.contains(&layer) => (BANNED, "in a pure layer"),
        _ if file.path.starts_with(WITH_SOCKETS) => return,
        _ => (SOCKETS, "outside `host/net`"),
    };
    let mut paths = Paths { found: Vec::new() };
    paths.visit_file(syntax);
    for (line, path) in paths.found {
        // An IP address is a value; only sockets are the world.
        let is_address = path.starts_with("std::net::Ip");
        let is_banned =
            |banned: &&&str| !is_address && (path == **banned || path.starts_with(&format!("{banned}::")));
        if let Some(banned) = bans.iter().find(is_banned) {
            faults.push(at(file, line, &format!("`{banned}` {place}")));
        }
    }
}

/// All paths of a file outside `#[cfg(test)]`, those of `use` written out.
struct Paths {
    found: Vec<(usize, String)>,
}

impl Paths {
    fn spread(&mut self, prefix: &str, tree: &syn::UseTree) {
        let join = |name: &syn::Ident| {
            if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") }
        };
        match tree {
            syn::UseTree::Path(path) => self.spread(&join(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.found.push((name.ident.span().start().line, prefix.to_owned()));
            }
            syn::UseTree::Name(name) => self.found.push((name.ident.span().start().line, join(&name.ident))),
            syn::UseTree::Rename(name) => {
                self.found.push((name.ident.span().start().line, join(&name.ident)))
            }
            syn::UseTree::Glob(glob) => {
                self.found.push((glob.star_token.spans[0].start().line, prefix.to_owned()));
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.spread(prefix, tree)),
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        syn::Meta::NameValue(_) => false,
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            syn::visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.spread("", &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(first) = path.segments.first() {
            self.found.push((first.ident.span().start().line, names.join("::")));
        }
        syn::visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> usize {
        let mut faults = Vec::new();
        check(&SourceFile::new(path.to_owned(), text.to_owned()), &mut faults);
        faults.len()
    }

    const PURE_FILE: &str = "crates/formats/pdf/src/lib.rs";

    #[test]
    fn the_world_is_out_of_reach_of_pure_layers() {
        assert_eq!(faults(PURE_FILE, "use std::{fs::File, time::{Duration, Instant}};"), 2);
        assert_eq!(faults(PURE_FILE, "fn a() { std::env::var(\"HOME\").ok(); }"), 1);
        assert_eq!(faults(PURE_FILE, "use std::collections::HashMap;"), 1);
    }

    #[test]
    fn tests_and_other_layers_may_touch_it() {
        assert_eq!(faults(PURE_FILE, "#[cfg(test)] mod tests { use std::fs; }"), 0);
        assert_eq!(faults("crates/formats/pdf/tests/a.rs", "use std::fs;"), 0);
        assert_eq!(faults("crates/host/vault/src/lib.rs", "use std::fs;"), 0);
    }

    #[test]
    fn sockets_are_in_one_crate() {
        assert_eq!(faults("crates/apps/cli/src/main.rs", "use std::net::TcpStream;"), 1);
        assert_eq!(faults("crates/host/vault/src/lib.rs", "fn a() { ureq::get(\"\"); }"), 1);
        assert_eq!(faults("crates/host/net/src/lib.rs", "use std::net::TcpStream;"), 0);
        assert_eq!(faults("crates/apps/cli/tests/a.rs", "use std::net::TcpStream;"), 0);
    }
}
