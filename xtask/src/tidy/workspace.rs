//! The workspace as its manifests describe it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

/// The layers from the bottom up, with what each may depend on. `testing` may only be a dev-dependency.
pub const LAYERS: &[(&str, &[&str])] = &[
    ("foundation", &["foundation"]),
    ("formats", &["foundation", "formats"]),
    ("verify", &["foundation", "formats", "verify"]),
    ("sign", &["foundation", "formats", "verify", "sign"]),
    ("library", &["foundation", "formats", "verify", "sign", "library"]),
    ("host", &["foundation", "formats", "verify", "sign", "library", "host"]),
    ("apps", &["foundation", "formats", "verify", "sign", "library", "host", "apps"]),
    ("testing", &["foundation", "formats", "verify", "sign", "library", "host", "testing"]),
];

/// The layers that touch neither clock, file, socket, environment nor randomness.
pub const PURE: &[&str] = &["foundation", "formats", "verify", "sign", "library"];

/// One crate of `crates/<layer>/<folder>`.
pub struct Member {
    /// The folder's layer.
    pub layer: String,
    /// The last part of the folder's path.
    pub folder: String,
    /// `crates/<layer>/<folder>`.
    pub path: String,
    /// The package's name.
    pub package: String,
    /// Names of normal and build dependencies (package names for our own crates).
    pub dependencies: Vec<String>,
    /// Names of dev-dependencies.
    pub dev_dependencies: Vec<String>,
    /// Whether the lint table of the workspace is inherited.
    pub inherits_lints: bool,
}

/// All crates under `crates/`.
pub struct Workspace {
    /// In the order of their paths.
    pub members: Vec<Member>,
}

impl Workspace {
    /// Reads the root manifest and that of every crate.
    pub fn read(root: &Path) -> Result<Self> {
        let manifest = read_manifest(&root.join("Cargo.toml"))?;
        let names = package_names(&manifest);
        let mut members = Vec::new();
        for layer in folders(&root.join("crates"))? {
            for folder in folders(&root.join("crates").join(&layer))? {
                let path = format!("crates/{layer}/{folder}");
                let manifest = root.join(&path).join("Cargo.toml");
                if manifest.is_file() {
                    members.push(member(&layer, &folder, path, &read_manifest(&manifest)?, &names));
                }
            }
        }
        Ok(Self { members })
    }

    /// The layer of a package of ours.
    pub fn layer_of(&self, package: &str) -> Option<&str> {
        self.members.iter().find(|member| member.package == package).map(|member| member.layer.as_str())
    }
}

fn member(
    layer: &str,
    folder: &str,
    path: String,
    manifest: &Table,
    names: &BTreeMap<String, String>,
) -> Member {
    let mut dependencies = table_names(manifest, "dependencies", names);
    dependencies.extend(table_names(manifest, "build-dependencies", names));
    let mut dev_dependencies = table_names(manifest, "dev-dependencies", names);
    let targets = manifest.get("target").and_then(Value::as_table);
    for target in targets.into_iter().flat_map(|targets| targets.values()).filter_map(Value::as_table) {
        dependencies.extend(table_names(target, "dependencies", names));
        dev_dependencies.extend(table_names(target, "dev-dependencies", names));
    }
    let package = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
    Member {
        layer: layer.to_owned(),
        folder: folder.to_owned(),
        path,
        package: package.unwrap_or_default().to_owned(),
        dependencies,
        dev_dependencies,
        inherits_lints: lints == Some(true),
    }
}

/// The packages behind the names in `[workspace.dependencies]` (`types` is `undersign-types`).
fn package_names(manifest: &Table) -> BTreeMap<String, String> {
    let dependencies = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table);
    let mut names = BTreeMap::new();
    for (name, value) in dependencies.into_iter().flatten() {
        if let Some(package) = value.get("package").and_then(Value::as_str) {
            names.insert(name.clone(), package.to_owned());
        }
    }
    names
}

fn table_names(manifest: &Table, table: &str, names: &BTreeMap<String, String>) -> Vec<String> {
    let Some(table) = manifest.get(table).and_then(Value::as_table) else { return Vec::new() };
    let package = |name: &String, value: &Value| {
        let own = value.get("package").and_then(Value::as_str).map(str::to_owned);
        own.or_else(|| names.get(name).cloned()).unwrap_or_else(|| name.clone())
    };
    table.iter().map(|(name, value)| package(name, value)).collect()
}

fn read_manifest(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}

fn folders(path: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut folders: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    Ok(folders)
}
