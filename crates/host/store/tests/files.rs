//! Range sources and atomic writes on real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use types::Source;
use undersign_store::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_source_reads_any_range_and_nothing_beyond() {
    let folder = folder();
    let path = folder.path().join("a");
    fs::write(&path, b"0123456789").unwrap();
    let source = FileSource::open(&path).unwrap();
    let mut three = [0; 3];
    source.read_at(7, &mut three).unwrap();
    assert_eq!((&three, Source::len(&source)), (b"789", 10));
    assert!(source.read_at(8, &mut three).is_err());
    assert!(source.read_at(u64::MAX, &mut three).is_err());
    source.unchanged().unwrap();
    assert_eq!(source.read_all(10).unwrap(), b"0123456789");
    assert!(matches!(source.read_all(9).unwrap_err().fault, Fault::Content(_)));
}

#[test]
fn a_change_underneath_is_noticed() {
    let folder = folder();
    let path = folder.path().join("a");
    fs::write(&path, b"0123456789").unwrap();
    let source = FileSource::open(&path).unwrap();
    fs::write(&path, b"01234").unwrap();
    assert_eq!(source.unchanged().unwrap_err().fault, Fault::Changed);
    assert_eq!(source.read_all(100).unwrap_err().fault, Fault::Changed);
    let target = folder.path().join("b");
    let mut file = AtomicFile::create(&Disk::real(), &target, Existing::Refuse, Access::Private).unwrap();
    assert_eq!(file.copy_prefix(&source, 10, |_| ()).unwrap_err().fault, Fault::Changed);
    drop(file);
    assert_eq!(names(folder.path()), ["a"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_named_and_never_blocks() {
    let folder = folder();
    let fault = |path: &Path| FileSource::open(path).unwrap_err().fault;
    assert_eq!(fault(folder.path()), Fault::Directory);
    assert_eq!(fault(&folder.path().join("missing")), Fault::NotFound);
    assert_eq!(fault(Path::new("/dev/null")), Fault::Special("device"));
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(fault(&fifo), Fault::Special("FIFO"));
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(fault(&socket), Fault::Special("socket"));
    let circle = folder.path().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    assert_eq!(fault(&circle), Fault::Loop);
    let error = FileSource::open(&fifo).unwrap_err();
    assert!(error.to_string().ends_with("fifo: it is a FIFO, not a regular file"), "{error}");
    assert!(!error.hint().is_empty());
}

#[test]
fn a_prefix_of_any_length_is_copied_whole_and_shown_in_order() {
    let folder = folder();
    let (from, to) = (folder.path().join("a"), folder.path().join("b"));
    let content: Vec<u8> = (0..9_000_000u32).map(|i| (i % 239) as u8).collect();
    fs::write(&from, &content).unwrap();
    let source = FileSource::open(&from).unwrap();
    for len in [0, 1, 262_144, 262_145, 4 << 20, (4 << 20) + 1, 8 << 20, 9_000_000] {
        let mut file = AtomicFile::create(&Disk::real(), &to, Existing::Replace, Access::Private).unwrap();
        let mut seen = Vec::new();
        file.copy_prefix(&source, len as u64, |chunk| seen.extend_from_slice(chunk)).unwrap();
        assert_eq!(Source::len(&file), len as u64);
        file.commit().unwrap();
        assert!(seen == content[..len] && fs::read(&to).unwrap() == seen, "{len}");
    }
    let mut file = AtomicFile::create(&Disk::real(), &to, Existing::Replace, Access::Private).unwrap();
    assert_eq!(file.copy_prefix(&source, 9_000_001, |_| ()).unwrap_err().fault, Fault::Changed);
}

#[test]
fn a_large_copy_that_cannot_be_written_says_why() {
    let folder = folder();
    let from = folder.path().join("a");
    fs::write(&from, vec![1; 30_000_000]).unwrap();
    let source = FileSource::open(&from).unwrap();
    for step in 1..8 {
        let disk = Disk::with_faults(Arc::new(FaultPlan::at(step, Outcome::Fail(28))));
        let mut file =
            AtomicFile::create(&disk, &folder.path().join("b"), Existing::Refuse, Access::Private).unwrap();
        assert_eq!(file.copy_prefix(&source, 30_000_000, |_| ()).unwrap_err().fault, Fault::Full, "{step}");
        assert_eq!(file.commit().unwrap_err().fault, Fault::Full, "half a file cannot be committed");
    }
    assert_eq!(names(folder.path()), ["a"]);
}

#[test]
fn a_copy_shows_every_chunk_once_and_can_be_patched_and_read_back() {
    let folder = folder();
    let (from, to) = (folder.path().join("a"), folder.path().join("b"));
    let content: Vec<u8> = (0..3_000_001u32).map(|i| (i % 251) as u8).collect();
    fs::write(&from, &content).unwrap();
    let source = FileSource::open(&from).unwrap();
    let mut file =
        AtomicFile::create(&Disk::real(), &to, Existing::Refuse, Access::Mode(source.mode())).unwrap();
    let mut seen = Vec::new();
    file.copy_prefix(&source, content.len() as u64, |chunk| seen.extend_from_slice(chunk)).unwrap();
    assert_eq!(seen, content);
    file.append(b"-----").unwrap();
    file.patch(3_000_002, b"+++").unwrap();
    file.append(b"end").unwrap();
    assert!(file.patch(3_000_008, b"xx").is_err());
    let mut tail = [0; 8];
    file.read_at(3_000_001, &mut tail).unwrap();
    assert_eq!(&tail, b"-+++-end");
    assert!(!to.exists());
    file.commit().unwrap();
    let written = fs::read(&to).unwrap();
    assert_eq!((written.len(), &written[..3_000_001]), (3_000_009, &content[..]));
    assert_eq!(names(folder.path()), ["a", "b"]);
}

#[test]
fn a_taken_name_is_kept_unless_replacing_is_asked_for() {
    let folder = folder();
    let target = folder.path().join("a");
    let write = |existing| write_atomically(&Disk::real(), &target, existing, Access::Private, b"new");
    fs::write(&target, b"old").unwrap();
    assert_eq!(write(Existing::Refuse).unwrap_err().fault, Fault::Exists);
    assert_eq!(fs::read(&target).unwrap(), b"old");
    write(Existing::Replace).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
}

#[test]
fn a_name_taken_during_the_writing_is_kept_too() {
    let folder = folder();
    let target = folder.path().join("a");
    let mut file = AtomicFile::create(&Disk::real(), &target, Existing::Refuse, Access::Private).unwrap();
    file.append(b"late").unwrap();
    fs::write(&target, b"early").unwrap();
    assert_eq!(file.commit().unwrap_err().fault, Fault::Exists);
    assert_eq!(fs::read(&target).unwrap(), b"early");
    assert_eq!(names(folder.path()), ["a"]);
}

#[cfg(unix)]
#[test]
fn modes_are_private_or_those_of_the_file_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let target = folder.path().join("a");
    let write = |existing, access| write_atomically(&Disk::real(), &target, existing, access, b"x").unwrap();
    write(Existing::Refuse, Access::Private);
    assert_eq!(mode(&target), 0o600);
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    write(Existing::Replace, Access::Mode(0o644));
    assert_eq!(mode(&target), 0o640);
    write(Existing::Replace, Access::Private);
    assert_eq!(mode(&target), 0o600);
}

#[cfg(unix)]
#[test]
fn names_that_cannot_be_written_to_are_refused_before_any_byte() {
    let folder = folder();
    let fault = |path: &Path, existing| {
        AtomicFile::create(&Disk::real(), path, existing, Access::Private).unwrap_err().fault
    };
    assert_eq!(fault(folder.path(), Existing::Replace), Fault::Directory);
    assert_eq!(fault(&folder.path().join("no/a"), Existing::Refuse), Fault::NotFound);
    assert_eq!(fault(Path::new("/dev/full"), Existing::Replace), Fault::Special("device"));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
    assert_eq!(fault(&link, Existing::Replace), Fault::Special("symbolic link"));
    assert_eq!(names(folder.path()), ["link"]);
}

/// The steps of replacing a file by two writes.
fn replace(disk: &Disk, target: &Path) -> Result<(), StoreError> {
    let mut file = AtomicFile::create(disk, target, Existing::Replace, Access::Mode(0o644))?;
    file.append(b"new ")?;
    file.append(b"content")?;
    file.patch(0, b"NEW")?;
    file.commit()
}

#[test]
fn a_failure_at_any_step_leaves_the_old_or_the_new_content_and_no_remains() {
    for unfinished in [Unfinished::Unnamed, Unfinished::Named] {
        fail_at_every_step(unfinished);
    }
}

fn fail_at_every_step(unfinished: Unfinished) {
    const EIO: i32 = 5;
    const ENOSPC: i32 = 28;
    let counting = Arc::new(FaultPlan::counting());
    let folder = folder();
    let target = folder.path().join("a");
    fs::write(&target, b"old").unwrap();
    replace(&Disk::with_faults(counting.clone()).with_unfinished(unfinished), &target).unwrap();
    assert!(counting.taken() >= 7);
    for (code, fault) in [
        (EIO, Fault::Device),
        (ENOSPC, Fault::Full),
        (122, Fault::Quota),
        (27, Fault::TooLarge),
        (13, Fault::Denied),
        (30, Fault::ReadOnly),
    ] {
        for step in 0..counting.taken() {
            fs::write(&target, b"old").unwrap();
            let plan = Arc::new(FaultPlan::at(step, Outcome::Fail(code)));
            let disk = Disk::with_faults(plan).with_unfinished(unfinished);
            let error = replace(&disk, &target).unwrap_err();
            assert_eq!(error.fault, fault);
            let content = fs::read(&target).unwrap();
            let last = step + 1 == counting.taken();
            assert_eq!(content, if last { &b"NEW content"[..] } else { b"old" }, "step {step}");
            assert_eq!(names(folder.path()), ["a"], "step {step}");
        }
    }
}

#[test]
fn only_unused_remains_of_our_own_pattern_are_removed() {
    let folder = folder();
    let named = Disk::real().with_unfinished(Unfinished::Named);
    let kept = [
        ".undersign-0123456789abcde.tmp",
        ".undersign-0123456789abcdeg.tmp",
        "undersign-0123456789abcdef.tmp",
    ];
    for name in kept {
        fs::write(folder.path().join(name), b"a document").unwrap();
    }
    fs::create_dir(folder.path().join(".undersign-00000000000000d1.tmp")).unwrap();
    fs::write(folder.path().join(".undersign-0123456789abcdef.tmp"), b"half").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(kept[0], folder.path().join(".undersign-00000000000000ff.tmp")).unwrap();
    let create = |name: &str, disk: &Disk| {
        AtomicFile::create(disk, &folder.path().join(name), Existing::Refuse, Access::Private).unwrap()
    };
    let mut used = create("a", &named);
    used.append(b"content").unwrap();
    assert_eq!(names(folder.path()).len(), 5 + usize::from(cfg!(unix)), "{:?}", names(folder.path()));
    create("b", &Disk::real()).commit().unwrap();
    used.commit().unwrap();
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"content");
    assert!(kept.iter().all(|name| folder.path().join(name).exists()));
    assert!(!folder.path().join(".undersign-0123456789abcdef.tmp").exists());
    assert!(folder.path().join(".undersign-00000000000000d1.tmp").exists());
}

#[test]
fn writers_in_one_folder_never_take_each_other_for_remains() {
    let folder = folder();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let folder = folder.path();
            scope.spawn(move || {
                for round in 0..50 {
                    // A new disk looks for remains each time.
                    let disk = Disk::real().with_unfinished(Unfinished::Named);
                    let target = folder.join(format!("{writer}-{round}"));
                    write_atomically(&disk, &target, Existing::Refuse, Access::Private, b"x").unwrap();
                }
            });
        }
    });
    assert_eq!(names(folder.path()).len(), 400);
}

#[test]
fn a_lock_has_one_holder_at_a_time() {
    let folder = folder();
    let path = folder.path().join("lock");
    let short = std::time::Duration::from_millis(30);
    let held = FileLock::acquire(&path, short).unwrap();
    assert_eq!(FileLock::acquire(&path, short).unwrap_err().fault, Fault::Locked);
    drop(held);
    FileLock::acquire(&path, short).unwrap();
}

#[test]
fn the_home_is_where_the_command_line_the_variable_or_the_custom_says() {
    let with = |pairs: &'static [(&str, &str)]| {
        move |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
    };
    let all = &[("UNDERSIGN_HOME", "/u"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
    assert_eq!(Home::locate(Some(Path::new("g")), with(all)).unwrap(), Path::new("g"));
    assert_eq!(Home::locate(None, with(all)).unwrap(), Path::new("/u"));
    assert_eq!(Home::locate(None, with(&all[1..])).unwrap(), Path::new("/x/undersign"));
    let odd = &[("UNDERSIGN_HOME", ""), ("XDG_DATA_HOME", "relative"), ("HOME", "/h")];
    assert_eq!(Home::locate(None, with(odd)).unwrap(), Path::new("/h/.local/share/undersign"));
    assert!(Home::locate(None, with(&[])).is_err());
}

#[cfg(unix)]
#[test]
fn a_new_home_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("deep/home");
    let home = Home::open(&Disk::real(), &path).unwrap();
    assert!(!home.is_open_to_others());
    let _lock = home.lock().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(home.is_open_to_others());
    fs::write(folder.path().join("file"), b"").unwrap();
    let error = Home::open(&Disk::real(), &folder.path().join("file")).unwrap_err();
    assert_eq!(error.fault, Fault::NotADirectory);
}

#[test]
fn a_journal_grows_by_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    assert_eq!(Journal::open(&Disk::real(), &path, 100).unwrap_err().fault, Fault::NotFound);
    fs::write(&path, "begin\nhalf").unwrap();
    let mut reader = JournalReader::open(&path, 100).unwrap();
    assert_eq!(reader.news().unwrap(), "begin\n");
    let (mut journal, text) = Journal::open(&Disk::real(), &path, 100).unwrap();
    assert_eq!(text, "begin\n");
    journal.append("one\ntwo\n").unwrap();
    assert_eq!((reader.news().unwrap().as_str(), reader.news().unwrap().as_str()), ("one\ntwo\n", ""));
    drop(journal);
    assert_eq!(Journal::open(&Disk::real(), &path, 100).unwrap().1, "begin\none\ntwo\n");
    assert!(Journal::open(&Disk::real(), &path, 5).is_err(), "a limit is kept");
    fs::write(&path, "").unwrap();
    assert_eq!(reader.news().unwrap_err().fault, Fault::Changed);
}

#[test]
fn a_line_that_could_not_be_written_is_not_in_the_journal() {
    const IO: i32 = 5;
    for step in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        fs::write(&path, "begin\n").unwrap();
        let disk = Disk::with_faults(Arc::new(FaultPlan::at(step, Outcome::Fail(IO))));
        let (mut journal, _) = Journal::open(&disk, &path, 100).unwrap();
        assert!(journal.append("one\n").is_err());
        assert!(journal.append("two\n").is_err(), "nothing follows a line that failed");
        drop(journal);
        assert_eq!(Journal::open(&Disk::real(), &path, 100).unwrap().1, "begin\n");
    }
}
