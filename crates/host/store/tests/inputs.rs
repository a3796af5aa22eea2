//! What a person names and which files that means.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};
use undersign_store::*;

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.pdf", "a.PDF", "note.txt", "sub/c.pdf", "sub/deep/d.pdf", "x[1].pdf"] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    folder
}

fn expand_in(folder: &Path, arguments: &[&str], list: &str) -> Inputs {
    let paths: Vec<PathBuf> = arguments
        .iter()
        .map(|argument| if *argument == "-" { "-".into() } else { folder.join(argument) })
        .collect();
    expand(&paths, &mut list.as_bytes(), Wanted::Extensions(&["pdf"]))
}

fn relatives(inputs: &Inputs) -> Vec<&str> {
    inputs.files.iter().map(|input| input.relative.to_str().unwrap()).collect()
}

#[test]
fn folders_are_walked_in_order_and_only_for_what_is_wanted() {
    let folder = tree();
    let found = expand_in(folder.path(), &["."], "");
    assert_eq!(relatives(&found), ["a.PDF", "b.pdf", "sub/c.pdf", "sub/deep/d.pdf", "x[1].pdf"]);
    assert!(found.problems.is_empty());
}

#[test]
fn a_file_named_in_several_ways_is_found_once() {
    let folder = tree();
    let found = expand_in(folder.path(), &["b.pdf", "note.txt", "./b.pdf", "sub/../b.pdf", "*.pdf", "."], "");
    assert_eq!(relatives(&found), ["b.pdf", "note.txt", "x[1].pdf", "a.PDF", "sub/c.pdf", "sub/deep/d.pdf"]);
}

#[test]
fn a_name_with_brackets_that_exists_is_a_name() {
    let folder = tree();
    assert_eq!(relatives(&expand_in(folder.path(), &["x[1].pdf"], "")), ["x[1].pdf"]);
}

#[test]
fn patterns_reach_into_folders_and_say_when_nothing_matches() {
    let folder = tree();
    let found = expand_in(folder.path(), &["**/*.pdf", "*.doc"], "");
    assert_eq!(found.files.len(), 4);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].fault, Fault::NoMatch);
}

#[test]
fn remains_of_a_killed_process_are_no_inputs() {
    let folder = tree();
    fs::write(folder.path().join(".undersign-0123456789abcdef.tmp"), b"half").unwrap();
    let found = expand(&[folder.path().to_owned()], &mut std::io::empty(), Wanted::Every);
    assert_eq!(found.files.len(), 6);
}

#[test]
fn a_list_comes_by_line_or_by_nul() {
    let folder = tree();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lines = format!("{}\r\n\n{}\n{}", at("b.pdf"), at("missing.pdf"), at("note.txt"));
    let found = expand_in(folder.path(), &["-"], &lines);
    assert_eq!(relatives(&found), ["b.pdf", "note.txt"]);
    assert_eq!(found.problems[0].fault, Fault::NotFound);
    let nuls = format!("{}\0{}\0", at("b.pdf"), at("sub/c.pdf"));
    assert_eq!(relatives(&expand_in(folder.path(), &["-"], &nuls)), ["b.pdf", "c.pdf"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_a_circle_end() {
    let folder = tree();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/up")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("broken.pdf")).unwrap();
    std::os::unix::fs::symlink("self", folder.path().join("self")).unwrap();
    let found = expand_in(folder.path(), &["."], "");
    assert_eq!(found.files.len(), 5);
    assert_eq!(found.problems.len(), 1);
    assert!(found.problems[0].path.ends_with("broken.pdf"));
}

#[test]
fn outputs_keep_the_tree_and_two_of_one_name_are_named() {
    let folder = tree();
    let out = folder.path().join("out");
    let found = expand_in(folder.path(), &["."], "");
    let outputs = plan_outputs(&found.files, &out).unwrap();
    assert_eq!(outputs[3], out.join("sub/deep/d.pdf"));
    create_folders(&outputs).unwrap();
    assert!(out.join("sub/deep").is_dir());

    fs::write(folder.path().join("sub/B.pdf"), b"").unwrap();
    let found = expand_in(folder.path(), &["b.pdf", "sub/B.pdf", "note.txt"], "");
    let errors = plan_outputs(&found.files, &out).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().contains("sub/B.pdf would both be written to it"), "{}", errors[0]);
}

#[test]
fn an_output_never_is_an_input() {
    let folder = tree();
    let found = expand_in(folder.path(), &["b.pdf"], "");
    assert_eq!(plan_outputs(&found.files, folder.path()).unwrap_err()[0].fault, Fault::Exists);
}
