//! Options that say what a signature is to be, and the request they amount to.

use super::options::read_small;
use crate::clock;
use crate::entropy;
use crate::error::Failure;
use clap::{Args, ValueEnum, ValueHint};
use crypto::{DigestAlgorithm, PublicKey, SignatureAlgorithm};
use pdf::Document;
use pdf::appearance::{Appearance, Border, FontFile, Picture, Stroke, StrokePoint};
use pdf::signature::{
    AnchorSide, Application, Certification, ClaimedTime, FieldChoice, Placement, SignatureRequest,
};
use pdf::signatures::{FieldLock, LockedFields};
use pkix::Certificate;
use std::path::PathBuf;
use std::str::FromStr;
use types::Budget;
use undersign::signing::{Commitment, SigningRequest};
use vault::SoftwareSigner;

/// What the signature says and how it looks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What the signature says")]
pub struct SignatureOptions {
    /// Why you sign, as a text
    #[arg(long, value_name = "TEXT", conflicts_with = "commitment")]
    pub reason: Option<String>,
    /// Where you sign, as a text
    #[arg(long, value_name = "TEXT")]
    pub location: Option<String>,
    /// How to reach you, as a text
    #[arg(long, value_name = "TEXT")]
    pub contact: Option<String>,
    /// What you commit to by signing (in place of a reason)
    ///
    /// approval: you approved the content; creation: you made it; origin: you made, approved and sent it; receipt: you
    /// received it; sender: you sent it; delivery: you delivered it (ETSI EN 319 122-1, 5.2.3).
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub commitment: Option<CommitmentKind>,
    /// The role in which you sign, as a text
    #[arg(long, value_name = "TEXT")]
    pub signed_by_role: Option<String>,
    /// Certify the document and allow from now on: none, form or annotations
    ///
    /// none: no change at all; form: filling in and signing; annotations: these and comments. Only a document without
    /// signatures can be certified.
    #[arg(long, value_name = "CHANGES", hide_possible_values = true)]
    pub certify: Option<CertifyKind>,
    /// Lock form fields: all, include:A,B or exclude:A,B
    #[arg(long, value_name = "FIELDS")]
    pub field_lock: Option<LockOption>,
    /// The signature field to sign; made if there is none of this name
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    #[command(flatten)]
    pub look: LookOptions,
    #[command(flatten)]
    pub algorithm: AlgorithmOptions,
}

/// How a visible signature looks and where it is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How the signature looks")]
pub struct LookOptions {
    /// Show the signature: page, left, bottom, width, height in points
    ///
    /// Points (1/72 inch) from the lower left corner of the page as shown; the first page is 1. Example: 1:72,72,200,60.
    #[arg(long, value_name = "PAGE:X,Y,W,H", conflicts_with = "at_text")]
    pub visible: Option<VisibleOption>,
    /// Show the signature beside this text, which must occur once
    #[arg(long, value_name = "TEXT")]
    pub at_text: Option<String>,
    /// Where beside the text: over, right, below or above
    #[arg(
        long,
        value_name = "SIDE",
        requires = "at_text",
        default_value = "right",
        hide_possible_values = true
    )]
    pub side: SideKind,
    /// How large beside the text: width and height in points
    #[arg(long, value_name = "W,H", requires = "at_text", default_value = "200,60")]
    pub size: SizeOption,
    /// Leave an existing field blank instead of showing the signature in it
    #[arg(long, conflicts_with_all = ["visible", "at_text"])]
    pub invisible: bool,
    /// Show this PNG or JPEG picture
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "strokes")]
    pub image: Option<PathBuf>,
    /// Show handwriting: JSON, a list of strokes, each a list of [x, y, width]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub strokes: Option<PathBuf>,
    /// Write the text in this font (TTF, OTF, TTC), for scripts that the own one lacks
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub font: Option<PathBuf>,
    /// Which font of a collection (TTC), counted from 0
    #[arg(long, value_name = "NUMBER", requires = "font", default_value_t = 0)]
    pub font_index: u32,
    /// Draw a thin line round it
    #[arg(long)]
    pub border: bool,
}

/// Which algorithms sign.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Algorithms")]
pub struct AlgorithmOptions {
    /// The digest with an RSA key: sha256, sha384 or sha512
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub digest: Option<DigestKind>,
    /// The padding with an RSA key: pss or pkcs1
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub algorithm: Option<PaddingKind>,
}

/// A kind of commitment (ETSI EN 319 122-1, 5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommitmentKind {
    /// Approved the content
    Approval,
    /// Made the content
    Creation,
    /// Made, approved and sent it
    Origin,
    /// Received it
    Receipt,
    /// Sent it
    Sender,
    /// Delivered it
    Delivery,
}

/// What a certified document still allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CertifyKind {
    /// Nothing
    None,
    /// Filling in and signing
    Form,
    /// These and comments
    Annotations,
}

/// A digest that RSA signatures can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DigestKind {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// How RSA signatures are padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PaddingKind {
    /// RSASSA-PSS
    Pss,
    /// RSASSA-PKCS1-v1_5
    Pkcs1,
}

/// Where a visible signature is, seen from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SideKind {
    /// Over the text
    Over,
    /// Right of it
    Right,
    /// Below it
    Below,
    /// Above it
    Above,
}

/// `PAGE:X,Y,W,H`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisibleOption {
    page: usize,
    rectangle: [f64; 4],
}

impl FromStr for VisibleOption {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<VisibleOption, Self::Err> {
        const FORM: &str = "give page, left, bottom, width and height, e.g. 1:72,72,200,60";
        let (page, rectangle) = text.split_once(':').ok_or(FORM)?;
        let page =
            page.trim().parse::<usize>().map_err(|_| FORM)?.checked_sub(1).ok_or("the first page is 1")?;
        let rectangle: [f64; 4] = numbers(rectangle)?.try_into().map_err(|_| FORM)?;
        let [_, _, width, height] = rectangle;
        if width <= 0.0 || height <= 0.0 {
            return Err("width and height must be above 0");
        }
        Ok(VisibleOption { page, rectangle })
    }
}

/// `W,H`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizeOption(f64, f64);

impl FromStr for SizeOption {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<SizeOption, Self::Err> {
        match numbers(text)?.as_slice() {
            [width, height] if *width > 0.0 && *height > 0.0 => Ok(SizeOption(*width, *height)),
            _ => Err("give width and height above 0, e.g. 200,60"),
        }
    }
}

fn numbers(text: &str) -> Result<Vec<f64>, &'static str> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    text.split(',').map(|part| number(part).ok_or("numbers are separated by commas")).collect()
}

/// `all`, `include:…` or `exclude:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockOption(LockedFields);

impl FromStr for LockOption {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<LockOption, Self::Err> {
        let names = |list: &str| list.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let fields = match text.split_once(':') {
            None if text == "all" => LockedFields::All,
            Some(("include", list)) if !list.is_empty() => LockedFields::Include(names(list)),
            Some(("exclude", list)) if !list.is_empty() => LockedFields::Exclude(names(list)),
            _ => return Err("give all, include:A,B or exclude:A,B"),
        };
        Ok(LockOption(fields))
    }
}

impl SignatureOptions {
    /// The PDF part for a signer called `name`. Pictures and fonts are read here, once for a whole batch.
    fn request(&self, name: Option<String>) -> Result<SignatureRequest, Failure> {
        let time = clock::now();
        Ok(SignatureRequest {
            field: self.field.clone().map_or(FieldChoice::Auto, |name| FieldChoice::New { name: Some(name) }),
            name,
            reason: self.reason.clone(),
            location: self.location.clone(),
            contact_info: self.contact.clone(),
            claimed_time: Some(ClaimedTime { time, offset_minutes: clock::local_offset_minutes(time) }),
            certification: self.certify.map(certification),
            lock: self
                .field_lock
                .as_ref()
                .map(|lock| FieldLock { fields: lock.0.clone(), permissions: None }),
            appearance: self.look.appearance()?,
            placement: self.look.placement(),
            application: Some(Application {
                name: "Undersign".into(),
                version: env!("CARGO_PKG_VERSION").into(),
            }),
            ..SignatureRequest::default()
        })
    }
}

impl SignatureOptions {
    /// The field and place in this very document: a field of the name asked for is signed if there is one, and a
    /// signature in a field that can be seen is shown there unless asked otherwise. What is wrong with the document is
    /// left to the plan to say.
    pub fn fit(&self, request: &mut SignatureRequest, document: &Document<'_>, budget: &mut Budget) {
        let Ok(signatures) = document.signatures(budget) else { return };
        let mut empty = signatures.fields.iter().filter(|field| field.value.is_none());
        let target = match &self.field {
            Some(name) => signatures.fields.iter().find(|field| field.name == *name),
            None => empty.next().filter(|_| empty.next().is_none()),
        };
        let Some(target) = target else { return };
        if self.field.is_some() {
            request.field = FieldChoice::Existing(target.name.clone());
        }
        let area = target.rect.is_some_and(|[left, bottom, right, top]| left != right && bottom != top);
        if area && !self.look.invisible && request.placement == Placement::Invisible {
            request.placement = Placement::FieldRect;
        }
    }

    /// What the signer commits to.
    pub fn commitments(&self) -> Vec<Commitment> {
        self.commitment.map(commitment).into_iter().collect()
    }

    /// The request around the PDF part, for a signer with these certificates.
    pub fn signing_request(
        &self,
        certificates: Vec<Certificate>,
        algorithm: SignatureAlgorithm,
    ) -> Result<SigningRequest, Failure> {
        let name = certificates.first().and_then(|own| own.subject().common_name());
        Ok(SigningRequest {
            signature: self.request(name)?,
            commitments: self.commitments(),
            roles: self.signed_by_role.iter().cloned().collect(),
            ..SigningRequest::new(certificates, algorithm, entropy::fresh()?)
        })
    }
}

impl AlgorithmOptions {
    /// The algorithm for a key; the usual one where nothing is asked for.
    pub fn algorithm(&self, key: &PublicKey) -> Result<SignatureAlgorithm, Failure> {
        let usual = SoftwareSigner::usual_for(key);
        let digest = self.digest.map(|digest| match digest {
            DigestKind::Sha256 => DigestAlgorithm::Sha256,
            DigestKind::Sha384 => DigestAlgorithm::Sha384,
            DigestKind::Sha512 => DigestAlgorithm::Sha512,
        });
        let digest = digest.or(usual.digest()).unwrap_or(DigestAlgorithm::Sha512);
        let salt_len = u32::try_from(digest.output_len()).unwrap_or(64);
        let pss = SignatureAlgorithm::RsaPss { digest, mgf1_digest: digest, salt_len };
        let wanted = match (&usual, self.algorithm) {
            (SignatureAlgorithm::RsaPss { .. }, None | Some(PaddingKind::Pss)) if key.permits(&pss) => pss,
            (SignatureAlgorithm::RsaPss { .. }, _) => {
                let reason = format!("the key is restricted to {usual}");
                return Err(Failure::usage(reason, "leave out --algorithm and --digest"));
            }
            (SignatureAlgorithm::RsaPkcs1(_), Some(PaddingKind::Pss)) => pss,
            (SignatureAlgorithm::RsaPkcs1(_), _) => SignatureAlgorithm::RsaPkcs1(digest),
            (other, None) if other.digest().unwrap_or(DigestAlgorithm::Sha512) == digest => usual,
            _ => {
                let hint = "leave out --algorithm and --digest; they are for RSA keys";
                return Err(Failure::usage(
                    format!("a key of the kind {} signs by {usual} only", key.algorithm),
                    hint,
                ));
            }
        };
        Ok(wanted)
    }
}

fn commitment(kind: CommitmentKind) -> Commitment {
    match kind {
        CommitmentKind::Approval => Commitment::ProofOfApproval,
        CommitmentKind::Creation => Commitment::ProofOfCreation,
        CommitmentKind::Origin => Commitment::ProofOfOrigin,
        CommitmentKind::Receipt => Commitment::ProofOfReceipt,
        CommitmentKind::Sender => Commitment::ProofOfSender,
        CommitmentKind::Delivery => Commitment::ProofOfDelivery,
    }
}

fn certification(kind: CertifyKind) -> Certification {
    match kind {
        CertifyKind::None => Certification::NoChanges,
        CertifyKind::Form => Certification::FormFilling,
        CertifyKind::Annotations => Certification::Annotations,
    }
}

impl LookOptions {
    fn placement(&self) -> Placement {
        if let Some(VisibleOption { page, rectangle: [x, y, width, height] }) = self.visible {
            return Placement::Rect { page, x, y, width, height };
        }
        match &self.at_text {
            None => Placement::Invisible,
            Some(text) => Placement::AtText {
                text: text.clone(),
                side: match self.side {
                    SideKind::Over => AnchorSide::Over,
                    SideKind::Right => AnchorSide::RightOf,
                    SideKind::Below => AnchorSide::Below,
                    SideKind::Above => AnchorSide::Above,
                },
                width: self.size.0,
                height: self.size.1,
            },
        }
    }

    fn appearance(&self) -> Result<Option<Appearance>, Failure> {
        let mut appearance = Appearance::default();
        if let Some(path) = &self.font {
            appearance.font = FontFile::given(read_small(path)?, self.font_index);
        }
        if let Some(path) = &self.image {
            appearance.picture = Some(Picture::Image(read_small(path)?.into()));
        }
        if let Some(path) = &self.strokes {
            let strokes: Vec<Vec<[f64; 3]>> =
                serde_json::from_slice(&read_small(path)?).map_err(|error| {
                    Failure::usage(
                        format!("{} does not hold strokes: {error}", path.display()),
                        "give JSON like [[[0, 0, 1], [10, 5, 1.5]]]: strokes of points of x, y (down), width",
                    )
                })?;
            let point = |[x, y, width]: [f64; 3]| StrokePoint { x, y, width };
            let stroke = |points: Vec<[f64; 3]>| Stroke(points.into_iter().map(point).collect());
            appearance.picture = Some(Picture::Strokes(strokes.into_iter().map(stroke).collect()));
        }
        if self.border {
            appearance.border = Border::Thin;
        }
        Ok(Some(appearance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_page_from_1_and_four_numbers() {
        let place: VisibleOption = "2:72,36.5,200,60".parse().unwrap();
        assert_eq!(place, VisibleOption { page: 1, rectangle: [72.0, 36.5, 200.0, 60.0] });
        for wrong in [
            "",
            "1",
            "0:1,2,3,4",
            "1:1,2,3",
            "1:1,2,3,4,5",
            "1:1,2,0,4",
            "1:a,2,3,4",
            "1:1,2,nan,4",
            "-1:1,2,3,4",
        ] {
            assert!(wrong.parse::<VisibleOption>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_lock_names_its_fields() {
        let include = LockOption(LockedFields::Include(vec!["a".into(), "b c".into()]));
        assert_eq!("include:a, b c".parse(), Ok(include));
        assert_eq!("all".parse(), Ok(LockOption(LockedFields::All)));
        for wrong in ["", "none", "include:", "only:a"] {
            assert!(wrong.parse::<LockOption>().is_err(), "{wrong}");
        }
    }
}
