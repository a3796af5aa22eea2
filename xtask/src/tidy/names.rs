//! Names that say nothing are banned for files, modules and types.

use syn::visit::Visit;

use super::at;
use super::sources::SourceFile;

/// Banned as a whole module or file name.
const MODULES: &[&str] =
    &["util", "utils", "common", "helper", "helpers", "manager", "misc", "shared", "stuff"];

/// Banned as the last word of a type's name.
const TYPE_ENDS: &[&str] = &["Util", "Utils", "Helper", "Helpers", "Manager"];

/// Banned as a word of a function's name.
const FUNCTION_WORDS: &[&str] = &["util", "utils", "helper", "helpers", "manager"];

/// Appends a fault for every banned name.
pub fn check(file: &SourceFile, faults: &mut Vec<String>) {
    for part in file.path.split('/') {
        if MODULES.contains(&part.trim_end_matches(".rs")) {
            faults.push(at(file, 1, &format!("`{part}` is not a name that says something")));
        }
    }
    let Ok(syntax) = &file.syntax else { return };
    let mut names = Names { found: Vec::new() };
    names.visit_file(syntax);
    for (line, name) in names.found {
        faults.push(at(file, line, &format!("`{name}` is not a name that says something")));
    }
}

struct Names {
    found: Vec<(usize, String)>,
}

impl Names {
    fn note(&mut self, name: &syn::Ident, is_banned: impl Fn(&str) -> bool) {
        let text = name.to_string();
        if is_banned(&text) {
            self.found.push((name.span().start().line, text));
        }
    }
}

fn is_banned_type(name: &str) -> bool {
    TYPE_ENDS.iter().any(|end| name.ends_with(end))
}

fn is_banned_function(name: &str) -> bool {
    name.split('_').any(|word| FUNCTION_WORDS.contains(&word))
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.note(&module.ident, |name| MODULES.contains(&name));
        syn::visit::visit_item_mod(self, module);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.note(&item.ident, is_banned_type);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.note(&item.ident, is_banned_type);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.note(&item.ident, is_banned_type);
        syn::visit::visit_item_trait(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.note(&signature.ident, is_banned_function);
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

    #[test]
    fn names_that_say_nothing_are_faults() {
        assert_eq!(faults("crates/a/b/src/util.rs", "//! x\n"), 1);
        assert_eq!(faults("a.rs", "mod common { struct KeyManager; fn hash_helper() {} }"), 3);
    }

    #[test]
    fn the_standards_words_are_fine() {
        assert_eq!(faults("a.rs", "fn common_name() {} struct CommonName;"), 0);
    }
}
