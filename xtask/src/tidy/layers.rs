//! Dependencies point down only; a folder is a package.

use super::workspace::{LAYERS, Member, PURE, Workspace};

/// Crates that bring clock, files, sockets or randomness: not in the pure layers.
const IMPURE: &[&str] = &[
    "async-std",
    "chrono",
    "dirs",
    "fastrand",
    "getrandom",
    "hyper",
    "memmap2",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rustix",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "ureq",
    "walkdir",
    "web-time",
];

/// Who may depend on the crate with the sockets; nobody else can reach a network.
const NET: &str = "undersign-net";
const MAY_USE_NET: &[&str] = &["crates/apps/cli"];

/// Appends a fault for every dependency that points up and every package that is not named for its folder.
pub fn check(workspace: &Workspace, faults: &mut Vec<String>) {
    for member in &workspace.members {
        check_names(member, faults);
        check_dependencies(workspace, member, faults);
    }
}

fn check_names(member: &Member, faults: &mut Vec<String>) {
    if !LAYERS.iter().any(|(layer, _)| *layer == member.layer) {
        faults.push(format!("{}: `{}` is not a layer", member.path, member.layer));
    }
    let expected = format!("undersign-{}", member.folder);
    if member.package != expected && !(member.layer == "library" && member.package == member.folder) {
        faults.push(format!("{}: the package is called `{}`, not `{expected}`", member.path, member.package));
    }
    if !member.inherits_lints {
        faults.push(format!("{}: `[lints] workspace = true` is missing", member.path));
    }
}

fn check_dependencies(workspace: &Workspace, member: &Member, faults: &mut Vec<String>) {
    let allowed =
        LAYERS.iter().find(|(layer, _)| *layer == member.layer).map_or(&[][..], |(_, allowed)| allowed);
    let is_pure = PURE.contains(&member.layer.as_str());
    let mut all = member.dependencies.iter().chain(&member.dev_dependencies);
    if !MAY_USE_NET.contains(&member.path.as_str()) && all.any(|dependency| dependency == NET) {
        faults.push(format!("{}: only {} may depend on `{NET}`", member.path, MAY_USE_NET.join(", ")));
    }
    for dependency in &member.dependencies {
        match workspace.layer_of(dependency) {
            Some(layer) if !allowed.contains(&layer) => {
                faults.push(format!("{}: depends on `{dependency}` of layer `{layer}`", member.path));
            }
            None if is_pure && IMPURE.contains(&dependency.as_str()) => {
                faults.push(format!("{}: `{dependency}` does not belong in a pure layer", member.path));
            }
            _ => {}
        }
    }
    for dependency in &member.dev_dependencies {
        let Some(layer) = workspace.layer_of(dependency) else { continue };
        if layer != "testing" && !allowed.contains(&layer) {
            faults.push(format!("{}: its tests depend on `{dependency}` of layer `{layer}`", member.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(layer: &str, folder: &str, dependencies: &[&str], dev_dependencies: &[&str]) -> Member {
        Member {
            layer: layer.to_owned(),
            folder: folder.to_owned(),
            path: format!("crates/{layer}/{folder}"),
            package: format!("undersign-{folder}"),
            dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
            dev_dependencies: dev_dependencies.iter().map(|name| (*name).to_owned()).collect(),
            inherits_lints: true,
        }
    }

    fn faults(dependencies: &[&str], dev_dependencies: &[&str]) -> Vec<String> {
        let members = vec![
            member("verify", "path", dependencies, dev_dependencies),
            member("sign", "signing", &[], &[]),
            member("formats", "pdf", &[], &[]),
            member("testing", "testkit", &[], &[]),
        ];
        let mut faults = Vec::new();
        check(&Workspace { members }, &mut faults);
        faults
    }

    #[test]
    fn downward_dependencies_pass() {
        assert!(faults(&["undersign-pdf", "der"], &["undersign-testkit"]).is_empty());
    }

    #[test]
    fn verify_may_not_know_sign_even_in_tests() {
        assert_eq!(faults(&["undersign-signing"], &[]).len(), 1);
        assert_eq!(faults(&[], &["undersign-signing"]).len(), 1);
    }

    #[test]
    fn only_the_command_line_reaches_the_network() {
        let members = vec![
            member("apps", "cli", &["undersign-net"], &[]),
            member("host", "vault", &[], &["undersign-net"]),
            member("host", "net", &["ureq"], &[]),
        ];
        let mut faults = Vec::new();
        check(&Workspace { members }, &mut faults);
        assert_eq!(faults, ["crates/host/vault: only crates/apps/cli may depend on `undersign-net`"]);
    }

    #[test]
    fn testing_is_for_tests_only() {
        assert_eq!(faults(&["undersign-testkit"], &[]).len(), 1);
    }

    #[test]
    fn randomness_stays_out_of_pure_layers() {
        assert_eq!(faults(&["rand"], &[]).len(), 1);
    }
}
