//! Drawing pages on a thread of its own, within limits.

use crate::picture::Picture;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The name of the threads that draw, so that a panic hook can tell their panics, which are contained, from others.
pub const THREAD: &str = "undersign-render";

/// Stack of such a thread: the library draws nested content recursively.
const STACK: usize = 256 << 20;

/// How much may be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pixels per point where the other limits allow it.
    pub scale: f32,
    /// Most pixels of a page; it is drawn smaller if it has more.
    pub pixels: u32,
    /// Most pages.
    pub pages: usize,
    /// For all pages together.
    pub time: Duration,
}

impl Limits {
    /// 108 dots per inch, four million pixels a page, 50 pages, 60 seconds.
    pub const STANDARD: Limits =
        Limits { scale: 1.5, pixels: 4_000_000, pages: 50, time: Duration::from_secs(60) };
}

/// Why a page could not be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undrawn {
    /// The drawing library does not read the file, or it needs a password.
    File,
    /// There is no such page.
    NoPage,
    /// More pages are asked for than are drawn.
    TooMany,
    /// Time ran out.
    Time,
    /// The drawing library failed.
    Failed,
}

impl Undrawn {
    /// Why, for a reader.
    pub fn as_str(self) -> &'static str {
        match self {
            Undrawn::File => "the file cannot be drawn",
            Undrawn::NoPage => "there is no such page",
            Undrawn::TooMany => "too many pages are concerned to draw them all",
            Undrawn::Time => "drawing took too long",
            Undrawn::Failed => "the page could not be drawn",
        }
    }
}

/// Pages by index, counted from 0: each drawn, or why not.
pub type Drawn = BTreeMap<usize, Result<Picture, Undrawn>>;

/// The first `end` bytes of a file, which are one of its revisions.
struct Prefix {
    file: Arc<Vec<u8>>,
    end: usize,
}

impl AsRef<[u8]> for Prefix {
    fn as_ref(&self) -> &[u8] {
        self.file.get(..self.end).unwrap_or(&self.file)
    }
}

/// Draws `pages`, counted from 0, of the revision of `file` that ends at byte `end`.
pub fn draw(file: &Arc<Vec<u8>>, end: u64, password: &str, pages: &[usize], limits: Limits) -> Drawn {
    let mut drawn: Drawn =
        pages.iter().skip(limits.pages).map(|page| (*page, Err(Undrawn::TooMany))).collect();
    let wanted: Vec<usize> = pages.iter().take(limits.pages).copied().collect();
    let (sender, receiver) = channel();
    let prefix = Prefix { file: Arc::clone(file), end: usize::try_from(end).unwrap_or(usize::MAX) };
    let (password, list) = (password.to_owned(), wanted.clone());
    let spawned = thread::Builder::new()
        .name(THREAD.into())
        .stack_size(STACK)
        .spawn(move || draw_all(prefix, &password, &list, limits, &sender));
    let why = match spawned {
        Ok(_) => receive(&receiver, wanted.len(), limits.time, &mut drawn),
        Err(_) => Undrawn::Failed,
    };
    for page in wanted {
        drawn.entry(page).or_insert(Err(why));
    }
    drawn
}

type Message = (usize, Result<Picture, Undrawn>);

/// Takes what comes in time; gives the reason why the rest does not come.
fn receive(receiver: &Receiver<Message>, count: usize, time: Duration, drawn: &mut Drawn) -> Undrawn {
    let deadline = Instant::now() + time;
    for _ in 0..count {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((page, result)) => drawn.insert(page, result),
            Err(RecvTimeoutError::Timeout) => return Undrawn::Time,
            Err(RecvTimeoutError::Disconnected) => return Undrawn::Failed,
        };
    }
    Undrawn::Failed
}

fn draw_all(file: Prefix, password: &str, pages: &[usize], limits: Limits, sender: &Sender<Message>) {
    let Ok(pdf) = Pdf::new_with_password(Arc::new(file), password) else {
        for page in pages {
            // Nobody waits any more if this fails.
            let _ = sender.send((*page, Err(Undrawn::File)));
        }
        return;
    };
    let settings = InterpreterSettings::default();
    let cache = RenderCache::new();
    let all = pdf.pages();
    for index in pages {
        let picture = match all.get(*index) {
            Some(page) => draw_page(page, &cache, &settings, limits),
            None => Err(Undrawn::NoPage),
        };
        if sender.send((*index, picture)).is_err() {
            return;
        }
    }
}

fn draw_page<'p>(
    page: &'p Page<'p>,
    cache: &RenderCache<'p>,
    settings: &InterpreterSettings,
    limits: Limits,
) -> Result<Picture, Undrawn> {
    let (width, height) = page.render_dimensions();
    let scale = scale(width, height, limits).ok_or(Undrawn::Failed)?;
    let pixmap_settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let pixmap = render(page, cache, settings, &RenderSettings::default(), &pixmap_settings);
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let rgb: Vec<u8> =
        pixmap.data_as_u8_slice().as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    Ok(Picture { width, height, rgb })
}

/// The scale at which the page is within the limits; `None` if it has no size.
fn scale(width: f32, height: f32, limits: Limits) -> Option<f32> {
    const LONGEST_SIDE: f32 = 8_000.0;
    let area = width * height;
    if !area.is_finite() || area <= 0.0 {
        return None;
    }
    let scale = limits.scale.min((limits.pixels as f32 / area).sqrt()).min(LONGEST_SIDE / width.max(height));
    // Less than a pixel in a direction is nothing to look at.
    (scale > 0.0 && width * scale >= 1.0 && height * scale >= 1.0).then_some(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(media_box: &str, content: &str) -> Arc<Vec<u8>> {
        let mut file = b"%PDF-1.4\n".to_vec();
        let mut table = String::from("xref\n0 5\n0000000000 65535 f \n");
        for (number, body) in [
            (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (3, format!("<</Type/Page/Parent 2 0 R/MediaBox[{media_box}]/Contents 4 0 R>>")),
            (4, format!("<</Length {}>>stream\n{content}\nendstream", content.len())),
        ] {
            table += &format!("{:010} 00000 n \n", file.len());
            file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        }
        let at = file.len();
        file.extend(format!("{table}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
        Arc::new(file)
    }

    fn first(file: &Arc<Vec<u8>>, limits: Limits) -> Result<Picture, Undrawn> {
        draw(file, file.len() as u64, "", &[0], limits).remove(&0).expect("an answer for the page")
    }

    #[test]
    fn a_page_is_drawn() {
        let file = file("0 0 100 50", "0 0 50 50 re f");
        let picture = first(&file, Limits { scale: 1.0, ..Limits::STANDARD }).expect("a picture");
        assert_eq!((picture.width, picture.height), (100, 50));
        assert_eq!(picture.rgb[..3], [0, 0, 0]);
        assert_eq!(picture.rgb[99 * 3..99 * 3 + 3], [255, 255, 255]);
    }

    #[test]
    fn limits_bound_size_number_and_time() {
        let large = file("0 0 1000000 1000000", "0 0 50 50 re f");
        let picture = first(&large, Limits { pixels: 10_000, ..Limits::STANDARD }).expect("a picture");
        assert!(picture.width * picture.height <= 10_000);
        let plain = file("0 0 9 9", "n");
        let drawn = draw(&plain, plain.len() as u64, "", &[0, 7, 8], Limits { pages: 2, ..Limits::STANDARD });
        assert_eq!((drawn[&7].clone(), drawn[&8].clone()), (Err(Undrawn::NoPage), Err(Undrawn::TooMany)));
        let none = Limits { time: Duration::ZERO, ..Limits::STANDARD };
        assert_eq!(first(&large, none), Err(Undrawn::Time));
    }

    #[test]
    fn hostile_files_are_pages_that_cannot_be_drawn() {
        let whole = file("0 0 30 30", "q 1 0 0 1 0 0 cm 0 0 9 9 re f Q");
        let limits = Limits { scale: 1.0, time: Duration::from_secs(5), ..Limits::STANDARD };
        for end in (0..whole.len()).step_by(37) {
            let _ = draw(&whole, end as u64, "", &[0], limits);
        }
        assert_eq!(first(&Arc::new(b"no PDF".to_vec()), limits), Err(Undrawn::File));
        for size in ["0 0 0 0", "0 0 1e30 1e-30", "5 5 5 9"] {
            let _ = first(&file(size, "n"), limits);
        }
    }
}
