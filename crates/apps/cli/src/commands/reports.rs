//! Reports as files beside the one on the terminal, and the language of all of them.

use super::Context;
use super::options::{NEW_FILE_MODE, existing, read_small};
use crate::error::Failure;
use clap::{Args, ValueEnum, ValueHint};
use report::{Catalogue, Detail, Language, Palette, Report};
use report_pdf::Font;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use store::{Access, write_atomically};

/// Which reports to write, and in which language.
#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Write the report to this file, too; its ending says how: .html, .pdf, .xml, .json, .txt
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "report_dir")]
    report: Vec<PathBuf>,
    /// Write a report on each file into this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    report_dir: Option<PathBuf>,
    /// The kinds of reports for --report-dir, with commas between them
    #[arg(
        long,
        value_name = "KINDS",
        value_delimiter = ',',
        default_value = "html",
        requires = "report_dir"
    )]
    report_format: Vec<Format>,
    /// A font with the characters that a PDF report needs, e.g. for Chinese (TTF, OTF, TTC)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    report_font: Option<PathBuf>,
    /// Overwrite reports and evidence files that exist
    #[arg(long)]
    force: bool,
    /// The language of reports; without it that of the environment (LANG), and English in JSON
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<LanguageChoice>,
}

/// A kind of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One self-contained page
    Html,
    /// PDF/A-2b
    Pdf,
    /// ETSI TS 119 102-2
    Xml,
    /// As --json prints
    Json,
    /// As --explain prints
    Txt,
}

/// A language of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LanguageChoice {
    /// English
    En,
    /// Deutsch
    De,
    /// 简体中文
    Zh,
}

/// Writes the reports on one file after another.
pub struct Reports {
    /// Words for people.
    pub catalogue: Catalogue,
    /// Words in JSON.
    pub json_catalogue: Catalogue,
    targets: BTreeMap<PathBuf, Vec<(Format, PathBuf)>>,
    font: Option<Font>,
    /// Whether files that exist are overwritten.
    pub force: bool,
}

impl ReportOptions {
    /// Decides what is written where, before anything is verified.
    pub fn prepare<'f>(&self, files: impl Iterator<Item = &'f Path>) -> Result<Reports, Failure> {
        let files: Vec<&Path> = files.collect();
        let chosen = self.language.map(|choice| match choice {
            LanguageChoice::En => Language::English,
            LanguageChoice::De => Language::German,
            LanguageChoice::Zh => Language::Chinese,
        });
        let font = match &self.report_font {
            Some(path) => Some(Font::new(read_small(path)?, 0)),
            None => None,
        };
        let reports = Reports {
            catalogue: Catalogue::new(chosen.unwrap_or_else(language_of_environment)),
            json_catalogue: Catalogue::new(chosen.unwrap_or_default()),
            targets: self.targets(&files)?,
            font,
            force: self.force,
        };
        let has_pdf = reports.targets.values().flatten().any(|(format, _)| *format == Format::Pdf);
        if has_pdf {
            report_pdf::usable(&reports.catalogue, reports.font.as_ref())
                .map_err(|error| Failure::usage(error.to_string(), "name a font file with --report-font"))?;
        }
        if let Some(folder) = &self.report_dir {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::usage(format!("{}: {error}", folder.display()), "name a folder that can be written")
            })?;
        }
        Ok(reports)
    }

    fn targets(&self, files: &[&Path]) -> Result<BTreeMap<PathBuf, Vec<(Format, PathBuf)>>, Failure> {
        let mut targets = BTreeMap::new();
        if let Some(folder) = &self.report_dir {
            let mut taken: BTreeMap<OsString, usize> = BTreeMap::new();
            for file in files {
                let name = file.file_name().unwrap_or_default().to_owned();
                let count = taken.entry(name.clone()).or_default();
                *count += 1;
                // Files of the same name from different folders.
                let number = if *count > 1 { format!("-{count}") } else { String::new() };
                let target = |format: &Format| {
                    let mut name = name.clone();
                    name.push(format!("{number}.{}", format.ending()));
                    (*format, folder.join(name))
                };
                targets.insert(file.to_path_buf(), self.report_format.iter().map(target).collect());
            }
        } else if !self.report.is_empty() {
            let [file] = files else {
                let reason = "--report takes the report on one file";
                return Err(Failure::usage(reason, "for several files name a folder with --report-dir"));
            };
            let all = self.report.iter().map(|path| Ok((Format::of(path)?, path.clone())));
            targets.insert(file.to_path_buf(), all.collect::<Result<_, Failure>>()?);
        }
        Ok(targets)
    }
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Html => "html",
            Format::Pdf => "pdf",
            Format::Xml => "xml",
            Format::Json => "json",
            Format::Txt => "txt",
        }
    }

    fn of(path: &Path) -> Result<Format, Failure> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let known = Format::value_variants().iter().find(|format| format.ending() == ending);
        known.copied().ok_or_else(|| {
            let reason = format!("the ending of {} says no kind of report", path.display());
            Failure::usage(reason, "end it with .html, .pdf, .xml, .json or .txt")
        })
    }
}

impl Reports {
    /// Writes what was asked for on `file`.
    pub fn write(&self, context: &Context<'_>, file: &Path, report: &Report<'_>) -> Result<(), Failure> {
        for (format, path) in self.targets.get(file).into_iter().flatten() {
            let in_json = Report { catalogue: &self.json_catalogue, ..*report };
            let content = match format {
                Format::Html => report::html(report).into_bytes(),
                Format::Xml => report::etsi_xml(report).into_bytes(),
                Format::Txt => report::text(report, Detail::Explained, Palette::Plain).into_bytes(),
                Format::Json => (report::json(&in_json) + "\n").into_bytes(),
                Format::Pdf => report_pdf::pdf(report, self.font.as_ref()).map_err(|error| {
                    let hint = "write the report in another form, e.g. as HTML";
                    Failure::objection("report.pdf", error.to_string(), hint)
                })?,
            };
            let mode = Access::Mode(NEW_FILE_MODE);
            write_atomically(&context.disk, path, existing(self.force), mode, &content)?;
        }
        Ok(())
    }
}

/// The language that the environment asks for, English if it asks for none that there is.
fn language_of_environment() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
    let first = set.map(|value| value.to_string_lossy().into_owned()).find(|value| !value.is_empty());
    first.and_then(|tag| Language::from_tag(&tag)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(report: &[&str], folder: Option<&str>) -> ReportOptions {
        ReportOptions {
            report: report.iter().map(PathBuf::from).collect(),
            report_dir: folder.map(PathBuf::from),
            report_format: vec![Format::Html, Format::Xml],
            report_font: None,
            force: false,
            language: None,
        }
    }

    #[test]
    fn the_ending_says_the_kind_of_report() {
        let all = options(&["a.HTML", "b.pdf", "c.xml", "d.json", "e.txt"], None);
        let targets = all.targets(&[Path::new("x.pdf")]).unwrap();
        let formats: Vec<Format> = targets.values().flatten().map(|(format, _)| *format).collect();
        assert_eq!(formats, [Format::Html, Format::Pdf, Format::Xml, Format::Json, Format::Txt]);
        assert!(options(&["a.doc"], None).targets(&[Path::new("x.pdf")]).is_err());
        assert!(options(&["a.html"], None).targets(&[Path::new("x.pdf"), Path::new("y.pdf")]).is_err());
    }

    #[test]
    fn files_of_the_same_name_get_reports_of_their_own() {
        let files = [Path::new("a/x.pdf"), Path::new("b/x.pdf")];
        let targets = options(&[], Some("out")).targets(&files).unwrap();
        let paths: Vec<String> =
            targets.values().flatten().map(|(_, path)| path.display().to_string()).collect();
        assert_eq!(paths, ["out/x.pdf.html", "out/x.pdf.xml", "out/x.pdf-2.html", "out/x.pdf-2.xml"]);
    }
}
