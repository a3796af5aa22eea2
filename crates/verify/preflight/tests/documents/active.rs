//! Content that acts, changes or is elsewhere.

use crate::build::File;
use types::Severity;

const TEXT: &str = "BT /F1 12 Tf 20 150 Td (A contract) Tj ET";

fn annotation(entries: &str) -> File {
    File::new(TEXT).page(&format!("/Annots[<</Type/Annot/Rect[10 10 90 40]{entries}>>]"))
}

#[test]
fn a_plain_page_has_no_finding() {
    assert!(File::new(TEXT).codes().is_empty());
}

#[test]
fn scripts_are_found_wherever_they_are() {
    let script = "<</S/JavaScript/JS(app.alert)>>";
    for file in [
        File::new(TEXT).catalog(&format!("/OpenAction{script}")),
        File::new(TEXT).catalog(&format!("/AA<</WP{script}>>")),
        File::new(TEXT).catalog(&format!("/Names<</JavaScript<</Names[(a){script}]>>>>")),
        File::new(TEXT).catalog("/Outlines<</First 5 0 R>>").object(&format!("<</Title(x)/A{script}>>")),
        File::new(TEXT).page(&format!("/AA<</O{script}>>")),
        annotation(&format!("/Subtype/Link/A{script}")),
        annotation(&format!("/Subtype/Link/A<</S/URI/URI(x)/Next[<</S/URI/URI(y)/Next{script}>>]>>")),
        annotation(&format!("/Subtype/Widget/FT/Tx/T(a)/AA<</K{script}>>")),
        annotation(&format!("/Subtype/Widget/FT/Tx/T(a)/Parent<</AA<</C{script}>>>>")),
        annotation("/Subtype/Link/A<</S/Rendition/JS(app.alert)>>"),
        annotation("/Subtype/Link/A<</S/JavaScript/JS 5 0 R/Type/StructElem>>").with_stream("", b"app.alert"),
    ] {
        assert_eq!(file.severity("javascript"), Some(Severity::Error));
    }
}

#[test]
fn actions_weigh_more_if_they_happen_by_themselves() {
    for (action, code, clicked, automatic) in [
        ("<</S/Launch/F(a.exe)>>", "action.launch", Severity::Error, Severity::Error),
        ("<</S/ImportData/F(a.fdf)>>", "action.import", Severity::Error, Severity::Error),
        ("<</S/SubmitForm/F(http://a)>>", "action.submit", Severity::Warning, Severity::Error),
        ("<</S/ResetForm>>", "action.reset", Severity::Warning, Severity::Error),
        ("<</S/Hide/T(a)>>", "action.hide", Severity::Warning, Severity::Error),
        ("<</S/SetOCGState/State[]>>", "action.layers", Severity::Warning, Severity::Error),
        ("<</S/GoToR/F(a.pdf)/D[0/Fit]>>", "action.remote", Severity::Warning, Severity::Error),
        ("<</S/GoToE/T<</R/C>>>>", "action.remote", Severity::Warning, Severity::Error),
        ("<</S/URI/URI(http://a)>>", "action.uri", Severity::Info, Severity::Warning),
        ("<</S/Movie>>", "action.media", Severity::Warning, Severity::Error),
        ("<</S/RichMediaExecute>>", "action.media", Severity::Warning, Severity::Error),
        ("<</S/Named/N/Print>>", "action.named", Severity::Info, Severity::Warning),
        ("<</S/Beep>>", "action.unknown", Severity::Warning, Severity::Warning),
    ] {
        let link = annotation(&format!("/Subtype/Link/A{action}"));
        assert_eq!(link.severity(code), Some(clicked), "{action}");
        let open = File::new(TEXT).catalog(&format!("/OpenAction{action}"));
        assert_eq!(open.severity(code), Some(automatic), "{action}");
        assert_eq!(open.severity("open-action"), Some(Severity::Info));
    }
    assert!(annotation("/Subtype/Link/A<</S/Named/N/NextPage>>").codes().is_empty());
    assert!(annotation("/Subtype/Link/A<</S/GoTo/D[3 0 R/Fit]>>").codes().is_empty());
}

#[test]
fn the_page_of_a_finding_is_told() {
    let found = annotation("/Subtype/Link/A<</S/Launch/F(a)>>").found();
    assert_eq!(found[0].page, Some(0));
    assert_eq!(found[0].finding.message, "an action that starts a program or opens a file: \"a\"");
    let of_document = File::new(TEXT).catalog("/OpenAction<</S/Launch>>").found();
    assert!(of_document.iter().all(|found| found.page.is_none()));
}

#[test]
fn content_in_other_files_and_for_print_only_is_found() {
    for (entries, code) in [
        ("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/F(a.bin)", "external.stream"),
        ("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Ref<</F(a.pdf)/Page 0>>", "external.reference"),
        ("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/OPI<<>>", "external.opi"),
        ("/Type/XObject/Subtype/Image/Width 1/Height 1/Alternates[]", "image.alternates"),
        ("/Type/XObject/Subtype/PS", "content.postscript"),
    ] {
        let file = File::new(TEXT).resources("/XObject<</X 5 0 R>>").with_stream(entries, b"");
        assert_eq!(file.codes(), [code], "{entries}");
        assert_eq!(file.severity(code), Some(Severity::Error));
    }
}

#[test]
fn media_attachments_and_portfolios_are_found() {
    assert_eq!(annotation("/Subtype/RichMedia").severity("annotation.rich-media"), Some(Severity::Error));
    assert_eq!(annotation("/Subtype/3D").severity("annotation.rich-media"), Some(Severity::Error));
    assert_eq!(annotation("/Subtype/Sound").severity("annotation.media"), Some(Severity::Warning));
    let attachment = "/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/UF(a.xml)/EF<</F 5 0 R>>>>]>>>>";
    let file = File::new(TEXT).catalog(attachment).with_stream("", b"<a/>");
    assert_eq!(file.codes(), ["attachment"]);
    assert!(file.found()[0].finding.message.contains("a.xml"));
    assert_eq!(File::new(TEXT).catalog("/Collection<<>>").severity("portfolio"), Some(Severity::Error));
}

#[test]
fn forms_that_viewers_draw_or_run_are_found() {
    let field = "<</FT/Tx/T(a)/V(x)/Type/Annot/Subtype/Widget/Rect[10 10 90 40]/P 3 0 R>>";
    let form = |entries: &str| {
        File::new(TEXT)
            .catalog(&format!("/AcroForm<</Fields[5 0 R]{entries}>>"))
            .page("/Annots[5 0 R]")
            .object(field)
    };
    assert_eq!(form("").codes(), ["form.no-appearance"]);
    assert_eq!(form("/NeedAppearances true").codes(), ["form.need-appearances", "form.no-appearance"]);
    let xfa = form("/XFA 6 0 R").with_stream("", b"<xdp/>");
    assert_eq!(xfa.severity("xfa.static"), Some(Severity::Warning));
    let scripted = form("/XFA[(template)6 0 R]").with_stream("", b"<event><script>x</script></event>");
    assert_eq!(scripted.severity("xfa.script"), Some(Severity::Error));
    let dynamic = form("/XFA 6 0 R").catalog("/NeedsRendering true").with_stream("", b"");
    assert_eq!(dynamic.severity("xfa.dynamic"), Some(Severity::Error));
    let computed = File::new(TEXT)
        .catalog("/AcroForm<</Fields[5 0 R]/CO[5 0 R]>>")
        .object("<</FT/Tx/T(sum)/AA<</C<</S/JavaScript/JS(1)>>>>>>");
    assert_eq!(computed.codes(), ["form.computed", "javascript"]);
}

#[test]
fn layers_that_hide_or_depend_on_the_viewer_are_found() {
    let content = "/OC /L BDC BT /F1 12 Tf 20 150 Td (Not) Tj ET EMC";
    let layers = |entries: &str, group: &str| {
        File::new(content)
            .catalog(&format!("/OCProperties<</OCGs[5 0 R]/D<<{entries}>>>>"))
            .resources("/Properties<</L 5 0 R>>")
            .object(&format!("<</Type/OCG/Name(L){group}>>"))
    };
    assert_eq!(layers("/ON[5 0 R]", "").codes(), ["layers"]);
    assert_eq!(layers("/OFF[5 0 R]", "").codes(), ["layers", "layers.hidden"]);
    assert_eq!(layers("/BaseState/OFF", "").severity("layers.hidden"), Some(Severity::Error));
    let print = "/AS[<</Event/Print/Category[/Print]/OCGs[5 0 R]>>]";
    let file = layers(print, "/Usage<</Print<</PrintState/OFF>>>>");
    assert_eq!(file.severity("layers.print"), Some(Severity::Error));
    assert!(layers("", "/Usage<</Print<</PrintState/OFF>>>>").severity("layers.print").is_none());
    let zoom = "/AS[<</Event/View/Category[/Zoom]/OCGs[5 0 R]>>]";
    let file = layers(zoom, "/Usage<</Zoom<</min 2>>>>");
    assert_eq!(file.severity("layers.automatic"), Some(Severity::Warning));
    let member = File::new(content)
        .catalog("/OCProperties<</OCGs[5 0 R]/D<<>>>>")
        .resources("/Properties<</L 6 0 R>>")
        .object("<</Type/OCG/Name(L)>>")
        .object("<</Type/OCMD/VE[/Not 5 0 R]>>");
    assert_eq!(member.codes(), ["layers", "layers.expression", "layers.hidden"]);
}

#[test]
fn a_pdf_a_claim_is_held_against_what_is_there() {
    let claim = |part: u8, catalog: &str| {
        File::new(TEXT)
            .catalog(&format!("/Metadata 5 0 R{catalog}"))
            .with_stream("", format!("<x pdfaid:part=\"{part}\" pdfaid:conformance=\"B\"/>").as_bytes())
    };
    let message = |file: File| {
        let broken =
            |found: &&undersign_preflight::PageFinding| found.finding.code == "preflight.pdfa.broken";
        file.found().iter().find(broken).map(|found| found.finding.message.clone()).unwrap_or_default()
    };
    // The page's font is not embedded.
    assert!(message(claim(2, "")).contains("PDF/A-2b does not allow what is there: a font"));
    assert!(message(claim(2, "/OpenAction<</S/JavaScript/JS()>>")).contains("JavaScript (6.5.1)"));
    assert!(message(claim(1, "/OCProperties<</OCGs[]>>")).contains("layers (6.1.13)"));
    assert!(!message(claim(2, "/OCProperties<</OCGs[]>>")).contains("layers"));
}
