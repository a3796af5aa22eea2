//! Everything we sign through the command line: each algorithm, style, place, permission and way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::inputs::Input;
use crate::ours::{Home, Signed};
use crate::pki::Pki;
use anyhow::{Context, Result, bail};

/// Keys that the vault holds; the others sign elsewhere.
const VAULT: &[&str] = &["rsa2048", "rsa3072", "rsa4096", "rsapss3072", "p256", "p384", "p521", "ed25519"];

/// Keys that sign between `prepare` and `complete`, with the digest of the signature.
const ELSEWHERE: &[(&str, &str)] = &[
    ("p256", "sha256"),
    ("p384", "sha384"),
    ("rsa2048", "sha256"),
    ("rsapss3072", "sha256"),
    ("ed25519", ""),
    ("brainpoolP256r1", "sha256"),
    ("brainpoolP384r1", "sha384"),
];

/// One signature to make.
#[derive(Clone, Debug)]
struct Task {
    case: String,
    /// A style, or the case that is signed once more.
    input: String,
    algorithm: &'static str,
    options: Vec<String>,
}

fn task(case: &str, input: &str, algorithm: &'static str, options: &[&str]) -> Task {
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    Task { case: case.to_owned(), input: input.to_owned(), algorithm, options }
}

/// Signs the whole matrix into `folder`.
pub fn sign_all(pki: &Pki, folder: &Path, inputs: &[Input], image: &Path) -> Result<Vec<Signed>> {
    let homes = homes(pki, folder)?;
    let image = image.to_string_lossy().into_owned();
    let (first, later) = tasks(inputs, &image).into_iter().partition(|task: &Task| !is_later(task, inputs));
    let mut signed = run(&homes, pki, folder, inputs, first)?;
    // Signatures on signed files, in their order.
    for task in later {
        signed.push(sign(&homes, pki, folder, inputs, &task)?);
    }
    signed.extend(elsewhere(pki, folder, inputs, &homes)?);
    signed.extend(batch(pki, folder, inputs, &homes)?);
    Ok(signed)
}

fn is_later(task: &Task, inputs: &[Input]) -> bool {
    !inputs.iter().any(|input| input.name == task.input)
}

fn homes(pki: &Pki, folder: &Path) -> Result<BTreeMap<&'static str, Home>> {
    let homes = Mutex::new(BTreeMap::new());
    let names: Vec<&'static str> = VAULT.iter().copied().chain(["self"]).collect();
    in_parallel(&names, |name| {
        let place = folder.join(format!("home-{name}"));
        let home =
            if *name == "self" { Home::self_signed(&place, pki) } else { Home::with_key(&place, pki, name) };
        let home = home.with_context(|| format!("the home of {name}"))?;
        if let Ok(mut homes) = homes.lock() {
            homes.insert(*name, home);
        }
        Ok(())
    })?;
    homes.into_inner().map_err(|_| anyhow::anyhow!("a thread panicked"))
}

/// Runs the work on two threads and gathers every fault.
fn in_parallel<T: Sync>(work: &[T], run: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let next = Mutex::new(work.iter());
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(item) = next.lock().ok().and_then(|mut next| next.next()) else { return };
                    if let Err(fault) = run(item) {
                        faults.lock().map(|mut faults| faults.push(format!("{fault:#}"))).ok();
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap_or_default();
    if !faults.is_empty() {
        bail!("{} signature(s) could not be made:\n{}", faults.len(), faults.join("\n"));
    }
    Ok(())
}

fn run(
    homes: &BTreeMap<&'static str, Home>,
    pki: &Pki,
    folder: &Path,
    inputs: &[Input],
    tasks: Vec<Task>,
) -> Result<Vec<Signed>> {
    let signed = Mutex::new(Vec::new());
    in_parallel(&tasks, |task| {
        let one = sign(homes, pki, folder, inputs, task)?;
        signed.lock().map(|mut signed| signed.push(one)).ok();
        Ok(())
    })?;
    let mut signed = signed.into_inner().unwrap_or_default();
    signed.sort_by(|a: &Signed, b: &Signed| a.case.cmp(&b.case));
    Ok(signed)
}

fn sign(
    homes: &BTreeMap<&'static str, Home>,
    pki: &Pki,
    folder: &Path,
    inputs: &[Input],
    task: &Task,
) -> Result<Signed> {
    let home = homes.get(task.algorithm).with_context(|| format!("no home for {}", task.algorithm))?;
    let input = inputs.iter().find(|input| input.name == task.input).cloned().unwrap_or_else(|| Input {
        name: task.input.clone(),
        file: folder.join(format!("{}.pdf", task.input)),
        password: None,
        has_fields: false,
    });
    let out = folder.join(format!("{}.pdf", task.case));
    home.sign(&input, &out, &task.options).with_context(|| format!("case {}", task.case))?;
    let anchor = if task.algorithm == "self" { folder.join("home-self/self.pem") } else { pki.root() };
    Ok(Signed { case: task.case.clone(), file: out, anchor, password: input.password.map(str::to_owned) })
}

fn tasks(inputs: &[Input], image: &str) -> Vec<Task> {
    let mut tasks = vec![
        task("self-signed", "classic-1.7", "self", &[]),
        task("self-signed-visible", "classic-1.7", "self", &["--visible", "1:320,250,200,60"]),
    ];
    tasks.extend([
        task("algorithm-rsa3072-pss", "classic-1.7", "rsa3072", &["--algorithm", "pss"]),
        task("algorithm-rsa4096-sha512", "classic-1.7", "rsa4096", &["--digest", "sha512"]),
        task(
            "algorithm-rsa4096-pss-sha384",
            "classic-1.7",
            "rsa4096",
            &["--algorithm", "pss", "--digest", "sha384"],
        ),
    ]);
    for algorithm in VAULT {
        tasks.push(task(&format!("algorithm-{algorithm}"), "classic-1.7", algorithm, &[]));
    }
    for input in inputs {
        tasks.push(task(&format!("style-{}", input.name), &input.name, "p256", name_field(input)));
    }
    tasks.extend(visible(inputs, image));
    tasks.extend(fields_and_permissions());
    tasks.extend(serial());
    // Without qpdf some styles are not there.
    let cases: BTreeSet<String> = tasks.iter().map(|task| task.case.clone()).collect();
    tasks.retain(|task| cases.contains(&task.input) || inputs.iter().any(|input| input.name == task.input));
    tasks
}

/// Which of several empty fields is meant must be said.
fn name_field(input: &Input) -> &'static [&'static str] {
    if input.has_fields { &["--field", "Own"] } else { &[] }
}

fn visible(inputs: &[Input], image: &str) -> Vec<Task> {
    let styles = [
        "classic-1.4",
        "classic-2.0",
        "stream-2.0",
        "hybrid-1.5",
        "rotated-90",
        "rotated-270",
        "archive-2b",
        "linearised",
        "object-streams",
        "rc4-128",
        "aes-256",
        "aes-256-streams",
    ];
    let mut tasks: Vec<Task> = styles
        .into_iter()
        .filter_map(|style| inputs.iter().find(|input| input.name == style))
        .map(|input| {
            let options = [&["--visible", "1:320,250,200,60"], name_field(input)].concat();
            task(&format!("visible-{}", input.name), &input.name, "p256", &options)
        })
        .collect();
    tasks.extend([
        task("visible-page-3", "pages-40", "rsa2048", &["--visible", "3:50,50,200,60"]),
        task("visible-at-text", "classic-1.7", "p256", &["--at-text", "Signature:"]),
        task("visible-image", "classic-1.7", "p256", &["--visible", "1:320,250,200,60", "--image", image]),
        task(
            "visible-words",
            "classic-1.7",
            "p256",
            &["--visible", "1:50,50,300,90", "--reason", "Vertrag geprüft (§ 4)", "--location", "Αθήνα"],
        ),
        task("invisible-words", "stream-2.0", "p256", &["--reason", "Согласен", "--location", "東京"]),
    ]);
    tasks
}

fn fields_and_permissions() -> Vec<Task> {
    let mut tasks = vec![
        task("field-visible", "form", "p256", &["--field", "Seller"]),
        task("field-invisible", "form", "p256", &["--field", "Buyer"]),
        task("field-stream", "form-stream", "p256", &["--field", "Seller"]),
        task("field-new", "form", "p256", &["--field", "Witness"]),
        task("field-aes-256", "aes-256", "p256", &["--field", "Seller"]),
    ];
    tasks.extend([
        task("field-left-blank", "form", "p256", &["--field", "Seller", "--invisible"]),
        task("field-lock", "form", "p256", &["--field", "Seller", "--field-lock", "include:Remark"]),
        task("commitment", "classic-2.0", "p256", &["--commitment", "approval"]),
        task("no-record", "classic-1.7", "p256", &["--no-record"]),
    ]);
    for permission in ["none", "form", "annotations"] {
        tasks.push(task(
            &format!("certified-{permission}"),
            "form",
            "p256",
            &["--certify", permission, "--field", "Own"],
        ));
    }
    tasks.push(task(
        "certified-visible",
        "classic-1.7",
        "rsa2048",
        &["--certify", "form", "--visible", "1:320,250,200,60"],
    ));
    tasks
}

/// Three persons one after the other, on every kind of file that can be signed again.
fn serial() -> Vec<Task> {
    vec![
        task("serial-1", "form", "p256", &["--field", "Seller"]),
        task("serial-2", "serial-1", "rsa2048", &["--field", "Buyer"]),
        task("serial-3", "serial-2", "p384", &["--visible", "1:320,50,200,60"]),
        task("serial-stream-1", "stream-2.0", "p256", &[]),
        task("serial-stream-2", "serial-stream-1", "rsa4096", &["--visible", "1:320,250,200,60"]),
        task("serial-stream-3", "serial-stream-2", "p521", &[]),
        task(
            "serial-certified-1",
            "form",
            "p256",
            &["--certify", "form", "--visible", "1:50,300,200,60", "--field", "Own"],
        ),
        task("serial-certified-2", "serial-certified-1", "rsa2048", &["--field", "Seller"]),
        task("serial-certified-3", "serial-certified-2", "p384", &["--field", "Buyer"]),
        task("serial-hybrid-1", "hybrid-1.5", "p256", &[]),
        task("serial-hybrid-2", "serial-hybrid-1", "rsa2048", &[]),
    ]
}

/// Signatures whose value OpenSSL makes between `prepare` and `complete`.
fn elsewhere(
    pki: &Pki,
    folder: &Path,
    inputs: &[Input],
    homes: &BTreeMap<&'static str, Home>,
) -> Result<Vec<Signed>> {
    let input = inputs.iter().find(|input| input.name == "classic-1.7").context("no classic input")?;
    let home = homes.get("self").context("no home")?;
    let mut signed = Vec::new();
    for (algorithm, digest) in ELSEWHERE {
        let case = format!("elsewhere-{algorithm}");
        let file = |end: &str| folder.join(format!("{case}.{end}"));
        let plan = file("json");
        let options: &[&str] = if algorithm.starts_with("rsapss") { &["--algorithm", "pss"] } else { &[] };
        home.prepare(
            input,
            &plan,
            &file("octets"),
            &pki.certificate(algorithm),
            &pki.intermediate(),
            options,
        )?;
        sign_octets(&file("octets"), &pki.key(algorithm), digest, &file("bin"))?;
        home.complete(&plan, &file("bin"), &file("pdf"))?;
        signed.push(Signed { case: case.clone(), file: file("pdf"), anchor: pki.root(), password: None });
    }
    Ok(signed)
}

/// What a machine with the key does.
fn sign_octets(octets: &Path, key: &Path, digest: &str, value: &Path) -> Result<()> {
    let folder = octets.parent().unwrap_or(octets);
    let (octets, key, value) = (octets.to_string_lossy(), key.to_string_lossy(), value.to_string_lossy());
    let mut words = vec!["pkeyutl", "-sign", "-rawin", "-inkey", &key, "-in", &octets, "-out", &value];
    if !digest.is_empty() {
        words.extend(["-digest", digest]);
    }
    if key.contains("rsapss") {
        words.extend(["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"]);
    }
    crate::pki::run_openssl(folder, &words)
}

/// Many files with one unlock: the PDF/A files of the corpus, or ten plain ones.
fn batch(
    pki: &Pki,
    folder: &Path,
    inputs: &[Input],
    homes: &BTreeMap<&'static str, Home>,
) -> Result<Vec<Signed>> {
    let home = homes.get("rsa2048").context("no home")?;
    let out = folder.join("batch");
    fs::create_dir_all(&out)?;
    let files: Vec<PathBuf> = inputs
        .iter()
        .filter(|input| input.password.is_none() && !input.has_fields)
        .map(|input| input.file.clone())
        .collect();
    home.sign_batch(&files, &out)?;
    let mut signed = Vec::new();
    for file in fs::read_dir(&out)?.flatten().map(|entry| entry.path()) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        signed.push(Signed { case: format!("batch-{name}"), file, anchor: pki.root(), password: None });
    }
    signed.sort_by(|a, b| a.case.cmp(&b.case));
    if signed.len() != files.len() {
        bail!("the batch of {} files gave {}", files.len(), signed.len());
    }
    Ok(signed)
}
