//! Every source is reachable from a crate root; a file nobody names is dead.

use std::collections::BTreeSet;

use super::sources::SourceFile;
use super::workspace::Workspace;

/// Appends a fault for every file in a `src` folder that no `mod` leads to.
pub fn check(workspace: &Workspace, files: &[SourceFile], faults: &mut Vec<String>) {
    let mut packages: Vec<String> = workspace.members.iter().map(|member| member.path.clone()).collect();
    packages.extend(["tests/interop", "xtask", "fuzz", "benches"].map(str::to_owned));
    let mut alive = BTreeSet::new();
    for file in files {
        let Some(package) = packages.iter().find(|package| file.path.starts_with(&format!("{package}/")))
        else {
            faults.push(format!("{}: belongs to no package", file.path));
            continue;
        };
        if is_root(&file.path[package.len() + 1..]) {
            follow(file, files, &mut alive);
        }
    }
    for file in files.iter().filter(|file| !alive.contains(&file.path)) {
        faults.push(format!("{}: dead: no `mod` leads to it", file.path));
    }
}

/// Whether cargo takes this path (from the package's folder) as the root of a crate.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["src", "lib.rs" | "main.rs"] | ["build.rs"] | ["src", "bin", _] => true,
        ["src", "bin", _, "main.rs"] => true,
        ["tests" | "examples" | "benches" | "fuzz_targets", file] => file.ends_with(".rs"),
        ["tests" | "examples" | "benches", _, "main.rs"] => true,
        _ => false,
    }
}

fn follow(file: &SourceFile, files: &[SourceFile], alive: &mut BTreeSet<String>) {
    if !alive.insert(file.path.clone()) {
        return;
    }
    let Ok(syntax) = &file.syntax else { return };
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let own = match name {
        "lib.rs" | "main.rs" | "mod.rs" | "build.rs" => folder.to_owned(),
        _ if is_root_name(&file.path) => folder.to_owned(),
        _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
    };
    follow_items(&syntax.items, folder, &own, files, alive);
}

/// Test and example roots take their modules from their own folder.
fn is_root_name(path: &str) -> bool {
    let from_package = path.splitn(4, '/').nth(3).unwrap_or(path);
    let short = path.split_once('/').map_or(path, |(_, rest)| rest);
    let interop = short.split_once('/').map_or(short, |(_, rest)| rest);
    [from_package, short, interop].into_iter().any(is_root)
}

fn follow_items(
    items: &[syn::Item],
    folder: &str,
    own: &str,
    files: &[SourceFile],
    alive: &mut BTreeSet<String>,
) {
    for item in items {
        let syn::Item::Mod(module) = item else { continue };
        if let Some((_, items)) = &module.content {
            follow_items(items, folder, &format!("{own}/{}", module.ident), files, alive);
            continue;
        }
        let candidates = match named_path(&module.attrs) {
            Some(path) => vec![format!("{folder}/{path}")],
            None => vec![format!("{own}/{}.rs", module.ident), format!("{own}/{}/mod.rs", module.ident)],
        };
        for file in files.iter().filter(|file| candidates.contains(&file.path)) {
            follow(file, files, alive);
        }
    }
}

/// The value of `#[path = "…"]`.
fn named_path(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            path,
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(value), .. }),
            ..
        }) if path.is_ident("path") => Some(value.value()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_no_mod_names_is_dead() {
        let source = |path: &str, text: &str| SourceFile::new(format!("xtask/{path}"), text.to_owned());
        let files = [
            source("src/lib.rs", "mod a; mod c { mod d; }"),
            source("src/a.rs", "mod b;"),
            source("src/a/b.rs", ""),
            source("src/c/d.rs", ""),
            source("src/forgotten.rs", ""),
            source("tests/root.rs", ""),
        ];
        let mut faults = Vec::new();
        check(&Workspace { members: Vec::new() }, &files, &mut faults);
        assert_eq!(faults, ["xtask/src/forgotten.rs: dead: no `mod` leads to it"]);
    }
}
