//! Signing files that are no PDF: beside them, around them, or with them in a container (CAdES, ASiC).

use crate::clock;
use crate::error::Failure;
use asic::{ASIC_E, ASIC_S, ContainerWriter, Crc32, ManifestEntry};
use clap::ValueEnum;
use crypto::{Digest, DigestAlgorithm, PROVIDER};
use std::path::{Path, PathBuf};
use store::{Access, AtomicFile, Disk, Existing, FileSource, Input};
use types::{Limits, Malformed, Source, Span};
use undersign::signing::{CadesRequest, CadesToBeSigned};
use undersign::{evidence, self_check_file};

/// The form of a signed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A signature inside the PDF (PAdES); for PDFs unless told otherwise
    Pades,
    /// A signature beside the file (CAdES, detached)
    Cades,
    /// The file inside the signature (CAdES, enveloping)
    CadesEnveloping,
    /// A container of one file and its signature (ASiC-S with CAdES)
    AsicS,
    /// A container of files and a signature over all (ASiC-E with CAdES); for other files unless told otherwise
    AsicE,
}

impl Format {
    /// The usual form for a file.
    pub fn usual(path: &Path) -> Format {
        let is_named_pdf = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("pdf"));
        if is_named_pdf || starts_as_pdf(path) { Format::Pades } else { Format::AsicE }
    }

    /// What is put behind the name of the file.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Pades => "pdf",
            Format::Cades => "p7s",
            Format::CadesEnveloping => "p7m",
            Format::AsicS => "asics",
            Format::AsicE => "asice",
        }
    }
}

fn starts_as_pdf(path: &Path) -> bool {
    const SIGN: &[u8; 5] = b"%PDF-";
    let mut start = [0; SIGN.len()];
    let file = FileSource::open(path).ok().filter(|file| file.len() >= start.len() as u64);
    file.is_some_and(|file| file.read_at(0, &mut start).is_ok() && start == *SIGN)
}

/// Files to be signed together, and where the result goes.
pub struct AnyFile<'a> {
    /// The disk.
    pub disk: &'a Disk,
    /// The files; more than one only in a container.
    pub files: &'a [Input],
    /// The name of the result.
    pub output: &'a Path,
    /// What to do if that name is taken.
    pub existing: Existing,
    /// The form.
    pub format: Format,
}

/// A file that was read once.
struct Read {
    source: FileSource,
    name: String,
    digest: Digest,
    crc32: u32,
}

/// Name of the signature in a container, and of the manifest that it is over (EN 319 162-1, 4.4.3).
const SIGNATURE: &str = "signature001.p7s";
const MANIFEST: &str = "ASiCManifest001.xml";
/// Media type of a signature file.
const SIGNATURE_TYPE: &str = "application/x-pkcs7-signature";
/// Largest file that is put inside a signature, bytes.
const MOST_INSIDE: u64 = 256 << 20;

impl AnyFile<'_> {
    /// Signs. `value` makes the signature value once the octets are known.
    pub fn sign(
        &self,
        request: &CadesRequest,
        value: impl FnOnce(&CadesToBeSigned) -> Result<Vec<u8>, Failure>,
    ) -> Result<(), Failure> {
        let algorithm = request.digest_algorithm();
        let read: Vec<Read> =
            self.files.iter().map(|input| read(input, algorithm)).collect::<Result<_, _>>()?;
        let [first, rest @ ..] = read.as_slice() else { return Err(Failure::Internal) };
        if !rest.is_empty() && self.format != Format::AsicE {
            let hint = "leave out --together, or sign with --format asic-e";
            return Err(Failure::usage("only an ASiC-E container holds several files", hint));
        }
        let request = CadesRequest { claimed_time: clock::now(), ..request.clone() };
        let manifest = (self.format == Format::AsicE).then(|| manifest(&read));
        let over = match &manifest {
            Some(manifest) => PROVIDER.digest(algorithm, manifest),
            None => first.digest.clone(),
        };
        let refused = |refusal| Failure::refusal(self.path(), refusal);
        let to_be_signed = request.to_be_signed(&over, PROVIDER).map_err(refused)?;
        let value = value(&to_be_signed)?;
        let inside = match self.format {
            Format::CadesEnveloping => Some(first.source.read_all(MOST_INSIDE)?),
            _ => None,
        };
        let cms = to_be_signed
            .embed(&value, inside.as_deref())
            .map_err(|error| Failure::refused(self.path(), "sign.embed", error.to_string(), "sign again"))?;
        self.write(&read, manifest.as_deref(), &cms)
    }

    fn path(&self) -> &Path {
        self.files.first().map_or(self.output, |input| &input.path)
    }

    /// Writes the result, judges it as it lies on the disk, and gives it its name.
    fn write(&self, read: &[Read], manifest: Option<&[u8]>, cms: &[u8]) -> Result<(), Failure> {
        let mode = read.first().map_or(0o644, |first| first.source.mode());
        let mut file = AtomicFile::create(self.disk, self.output, self.existing, Access::Mode(mode))?;
        match self.format {
            Format::AsicS | Format::AsicE => self.write_container(&mut file, read, manifest, cms)?,
            Format::Pades | Format::Cades | Format::CadesEnveloping => file.append(cms)?,
        }
        let beside = read.first().filter(|_| self.format == Format::Cades).map(|first| &first.source);
        let content = beside.map(|source| source as &dyn Source);
        let input = undersign::Input {
            content,
            extension: Some(self.format.ending()),
            ..undersign::Input::new(&file)
        };
        self_check_file(&input, Limits::STANDARD).map_err(|failed| {
            let hint = "nothing was written; if no file changed meanwhile, please report this";
            Failure::refused(self.path(), "sign.self-check", failed.to_string(), hint)
        })?;
        for one in read {
            one.source.unchanged()?;
        }
        Ok(file.commit()?)
    }

    fn write_container(
        &self,
        file: &mut AtomicFile,
        read: &[Read],
        manifest: Option<&[u8]>,
        cms: &[u8],
    ) -> Result<(), Failure> {
        let kind = if self.format == Format::AsicE { ASIC_E } else { ASIC_S };
        let (mut writer, start) = ContainerWriter::new(kind);
        file.append(&start)?;
        for one in read {
            let header = writer.member(&one.name, one.source.len(), one.crc32).map_err(|error| {
                let hint = "rename the file, or sign it by itself with --format cades";
                Failure::refused(one.source.path(), "sign.container.name", error.to_string(), hint)
            })?;
            file.append(&header)?;
            file.copy_prefix(&one.source, one.source.len(), |_| ())?;
        }
        if let Some(manifest) = manifest {
            file.append(&writer.meta(MANIFEST, manifest))?;
        }
        let name = if manifest.is_some() { SIGNATURE } else { "signature.p7s" };
        file.append(&writer.meta(name, cms))?;
        Ok(file.append(&writer.finish())?)
    }
}

fn manifest(read: &[Read]) -> Vec<u8> {
    let entry = |one: &Read| ManifestEntry {
        name: one.name.clone(),
        mime_type: mime_type(Path::new(&one.name)).map(str::to_owned),
        digest: one.digest.clone(),
        rootfile: false,
    };
    let entries: Vec<ManifestEntry> = read.iter().map(entry).collect();
    asic::manifest(&format!("META-INF/{SIGNATURE}"), SIGNATURE_TYPE, &entries)
}

/// Reads a file once for everything that is asked of its bytes.
fn read(input: &Input, algorithm: DigestAlgorithm) -> Result<Read, Failure> {
    let source = FileSource::open(&input.path)?;
    let (mut hasher, mut crc32) = (PROVIDER.hasher(algorithm), Crc32::default());
    evidence::feed(&source, Span::new(0, source.len()), &mut |bytes| {
        hasher.update(bytes);
        crc32.update(bytes);
    })
    .map_err(|error| Failure::document(&input.path, Malformed::from(error)))?;
    let name = name(&input.relative);
    Ok(Read { source, name, digest: hasher.finish(), crc32: crc32.sum() })
}

/// The name in a container: slashes between folders on every system.
fn name(relative: &Path) -> String {
    let parts = relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

/// The media type by the end of a name, where that is beyond doubt.
pub fn mime_type(name: &Path) -> Option<&'static str> {
    let end = name.extension()?.to_str()?.to_lowercase();
    Some(match end.as_str() {
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "xml" => "application/xml",
        "json" => "application/json",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        _ => return None,
    })
}

/// `report.docx` becomes `report.docx.asice`.
pub fn beside(input: &Path, format: Format) -> PathBuf {
    let mut name = input.as_os_str().to_owned();
    name.push(".");
    name.push(format.ending());
    PathBuf::from(name)
}
