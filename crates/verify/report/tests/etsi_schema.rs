//! The XML report is valid against the schema of ETSI TS 119 102-2. The schema is taken from the Maven artifact that the
//! peers bring; without it, `unzip` or `xmllint` the test says so and passes.

mod constructed;

use std::path::{Path, PathBuf};
use std::process::Command;
use undersign_report::{Catalogue, Language, Report, etsi_xml};

const ARTIFACTS: [(&str, &str); 4] = [
    ("specs-validation-report", "1910202xmlSchema.xsd"),
    ("specs-xades", "XAdES01903v132-202407.xsd"),
    ("specs-xmldsig", "xmldsig-core-schema.xsd"),
    ("specs-trusted-list-v211", "ts_119612v020101_xsd.xsd"),
];

/// Where the schemas say that the others are, and what is taken instead.
const PLACES: [(&str, &str); 5] = [
    (
        "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd",
        "xmldsig-core-schema.xsd",
    ),
    (
        "http://www.w3.org/TR/2008/REC-xmldsig-core-20080610/xmldsig-core-schema.xsd",
        "xmldsig-core-schema.xsd",
    ),
    ("http://www.w3.org/2001/xml.xsd", "xml.xsd"),
    ("http://uri.etsi.org/01903/v1.3.2/XAdES.xsd", "XAdES01903v132-202407.xsd"),
    ("http://uri.etsi.org/19612/v2.2.1/ts_119612v020201_201601xsd.xsd", "ts_119612v020101_xsd.xsd"),
];

fn artifact(name: &str) -> Option<PathBuf> {
    let home = std::env::var_os("HOME")?;
    let folder = Path::new(&home).join(".m2/repository/eu/europa/ec/joinup/sd-dss").join(name);
    let versions = std::fs::read_dir(folder).ok()?.flatten();
    let mut jars: Vec<PathBuf> = versions
        .map(|version| version.path())
        .filter_map(|path| Some(path.join(format!("{name}-{}.jar", path.file_name()?.to_str()?))))
        .filter(|jar| jar.is_file())
        .collect();
    jars.sort();
    jars.pop()
}

/// The schemas side by side, each pointing to the others; `None` says why in the log.
fn schemas(folder: &Path) -> Option<PathBuf> {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let missing = |what: &str| {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("SKIPPED: validation against ETSI TS 119 102-2: {what} is not there");
        }
    };
    for program in ["xmllint", "unzip"] {
        if !has(program) {
            missing(program);
            return None;
        }
    }
    for (name, _) in ARTIFACTS {
        let Some(jar) = artifact(name) else {
            missing(name);
            return None;
        };
        let mut unzip = Command::new("unzip");
        unzip.args(["-o", "-q", "-j"]).arg(jar).args(["xsd/*.xsd", "-d"]).arg(folder);
        let done = unzip_status(&mut unzip);
        assert!(done, "{name} cannot be unpacked");
    }
    for (_, file) in ARTIFACTS {
        let path = folder.join(file);
        let mut text = std::fs::read_to_string(&path).expect("the schema is in its artifact");
        for (place, local) in PLACES {
            text = text.replace(place, local);
        }
        std::fs::write(&path, text).expect("the schema can be written");
    }
    Some(folder.join(ARTIFACTS[0].1))
}

fn unzip_status(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn the_xml_is_valid_against_the_official_schema() {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let Some(schema) = schemas(folder.path()) else { return };
    for (name, case) in constructed::all() {
        for language in Language::ALL {
            let catalogue = Catalogue::new(language);
            let report = Report {
                file: case.file,
                evidence: &case.evidence,
                verdict: &case.verdict,
                catalogue: &catalogue,
            };
            let file = folder.path().join("report.xml");
            std::fs::write(&file, etsi_xml(&report)).expect("the report can be written");
            let checked = Command::new("xmllint")
                .args(["--nonet", "--noout", "--schema"])
                .args([&schema, &file])
                .output()
                .expect("xmllint runs");
            let said = String::from_utf8_lossy(&checked.stderr);
            assert!(checked.status.success(), "{name} {language:?}: {said}");
        }
    }
}
