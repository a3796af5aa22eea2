//! Every finding of the preflight by its stable code; docs/guide/preflight.md has the same table.

use types::Severity;

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable identifier, e.g. `preflight.javascript`; never reused for something else.
    pub name: &'static str,
    /// How much it weighs at most.
    pub severity: Severity,
    /// What it says, in a few words.
    pub about: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $about:literal $hint:literal)*) => {
        $(pub(crate) const $constant: Code = Code {
            name: concat!("preflight.", $name),
            severity: Severity::$severity,
            about: $about,
            hint: $hint,
        };)*
        /// All codes.
        pub const CODES: &[Code] = &[$($constant),*];
    };
}

codes! {
    JAVASCRIPT "javascript" Error "JavaScript"
        "print the document to a plain PDF and sign that: scripts can change what is shown"
    LAUNCH "action.launch" Error "an action that starts a program or opens a file"
        "have the document made without it"
    IMPORT "action.import" Error "an action that fills in values from another file"
        "have the document made without it"
    SUBMIT "action.submit" Error "an action that sends data away"
        "do not use it while you read the document"
    RESET "action.reset" Error "an action that sets fields back"
        "look at the values again after signing"
    HIDE "action.hide" Error "an action that shows or hides annotations"
        "print the document to a plain PDF and sign that"
    SET_LAYERS "action.layers" Error "an action that switches layers"
        "print the document to a plain PDF and sign that"
    REMOTE "action.remote" Error "an action that leads to another document"
        "what it leads to is not signed"
    URI "action.uri" Warning "a link to a web address"
        "what it leads to is not signed"
    MEDIA_ACTION "action.media" Error "an action that plays sound, film or 3D"
        "what is played may depend on the viewer"
    NAMED "action.named" Info "an action named for a command of the viewer"
        "what it does depends on the viewer"
    UNKNOWN_ACTION "action.unknown" Warning "an action of an unknown kind"
        "what it does depends on the viewer"
    ON_OPEN "open-action" Info "something happens when the document is opened"
        ""
    RICH_MEDIA "annotation.rich-media" Error "film, 3D or interactive content"
        "what it shows depends on the viewer; have it replaced by a picture"
    MEDIA "annotation.media" Warning "sound or film"
        "what is played may depend on the viewer"
    EXTERNAL_STREAM "external.stream" Error "content in another file"
        "have the content put into the document: the signature does not cover the other file"
    REFERENCE "external.reference" Error "content imported from another document"
        "have the content put into the document: the signature does not cover the other file"
    OPI "external.opi" Error "content that a print server replaces"
        "have the content put into the document"
    ALTERNATES "image.alternates" Error "an image with alternates, e.g. another one for printing"
        "have the alternates removed: what is printed may differ from what is shown"
    POSTSCRIPT "content.postscript" Error "PostScript for printing"
        "have it removed: what is printed may differ from what is shown"
    XFA_DYNAMIC "xfa.dynamic" Error "a dynamic XFA form: the PDF pages are not what is shown"
        "print it to a plain PDF and sign that"
    XFA_STATIC "xfa.static" Warning "an XFA form beside the fields"
        "programs that run the XFA form may show other content"
    XFA_SCRIPT "xfa.script" Error "an XFA form with scripts"
        "print it to a plain PDF and sign that"
    LAYERS "layers" Info "optional content (layers)"
        ""
    LAYER_HIDDEN "layers.hidden" Error "content on a layer that is off"
        "switch all layers on and read what appears, or have them removed"
    LAYER_PRINT "layers.print" Error "a layer that is shown but not printed, or printed but not shown"
        "compare a print with the screen, or have the layers removed"
    LAYER_AUTOMATIC "layers.automatic" Warning "a layer that depends on zoom, language, user or export"
        "look at the document in other settings, or have the layers removed"
    LAYER_EXPRESSION "layers.expression" Info "a layer that depends on other layers"
        ""
    LAYER_CONFIGURATIONS "layers.configurations" Warning "further settings of the layers to choose from"
        "have the layers removed"
    OUTSIDE "content.outside" Warning "content outside the visible part of the page"
        "find out what it is: some programs show or print it"
    CLIPPED "text.clipped" Info "text that a clipping path hides"
        "find out what it says"
    TEXT_INVISIBLE "text.invisible" Warning "invisible text"
        "find out what it says: programs that read the text see it"
    TEXT_RECOGNISED "text.recognised" Info "invisible text over an image, as text recognition makes it"
        "programs that read the text may read other words than the image shows"
    TEXT_TRANSPARENT "text.transparent" Warning "fully transparent text"
        "find out what it says: programs that read the text see it"
    TEXT_BACKGROUND "text.background" Warning "text in the colour of its background"
        "find out what it says"
    TEXT_TINY "text.tiny" Warning "text too small to read"
        "find out what it says"
    TEXT_COVERED "text.covered" Warning "text below an image or an area"
        "find out what it says: programs that read the text see it"
    TEXT_UNREADABLE "text.unreadable" Info "text that programs cannot read"
        ""
    PAGE_CROWDED "content.crowded" Warning "more marks on a page than are looked at"
        "have the page made in a simpler way"
    ANNOTATION_COVERS "annotation.covers" Warning "an annotation that covers text of the page"
        "move it aside and read what is below"
    ANNOTATIONS_OVERLAP "annotation.overlap" Warning "an annotation that covers another one"
        "move it aside and read what is below"
    PAGE_WIDGET "annotation.page-sized" Error "a form field that covers the page"
        "have it removed: what it shows is not the page"
    ANNOTATION_HIDDEN "annotation.hidden" Warning "a hidden annotation with content"
        "find out what it holds: scripts and programs can show it"
    ANNOTATION_PRINT "annotation.print-only" Error "an annotation that is printed but not shown"
        "look at a print"
    ANNOTATION_SCREEN "annotation.screen-only" Info "an annotation that is shown but not printed"
        ""
    ANNOTATION_LOOK "annotation.no-appearance" Warning "an annotation that each viewer draws in its own way"
        "have it made with an appearance"
    FONT_MAPPING "font.mapping" Error "glyphs that stand for other text than they show"
        "programs that read the text, read other words than you; have the document made anew"
    FONT_MISSING "font.not-embedded" Warning "a font that is not in the document"
        "text may look different elsewhere; have the document made with its fonts"
    FONT_STANDARD "font.standard" Info "a standard font that is not in the document"
        "text may look a little different elsewhere"
    ATTACHMENT "attachment" Warning "an attached file"
        "it is signed along: look at it before you sign"
    PORTFOLIO "portfolio" Error "a portfolio: attached files are shown in place of the pages"
        "sign the files themselves"
    NEED_APPEARANCES "form.need-appearances" Warning "viewers are told to draw all form fields anew"
        "what they show may differ from what was signed"
    FIELD_LOOK "form.no-appearance" Warning "a field with a value but without an appearance"
        "what is shown depends on the viewer"
    COMPUTED "form.computed" Warning "fields whose values are computed"
        "the values may change when the document is opened elsewhere"
    COMPUTED_UNLOCKED "form.computed-unlocked" Warning "a computed field that no signature locks"
        "its value may change after signing"
    TRANSPARENCY "transparency" Info "transparency"
        ""
    UNREADABLE "unreadable" Warning "a part that cannot be read"
        "programs that repair the document may show something else"
    INCOMPLETE "incomplete" Error "the document asks for an unreasonable amount of work; not all of it was looked at"
        "do not trust it"
    PDFA "pdfa" Info "the document claims to be PDF/A"
        ""
    PDFA_BROKEN "pdfa.broken" Warning "something contradicts the claim to be PDF/A"
        "the signed document may be refused where PDF/A is asked for"
}

/// The code of this name.
pub fn code(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.name == name)
}
