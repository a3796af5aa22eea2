//! A fault of this program ends with a plain message and exit code 70.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::PanicHookInfo;

/// Replaces the message of a panic by one that says what to do; a backtrace follows only if `RUST_BACKTRACE` asks.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        // Contained there: the page counts as not drawn.
        if std::thread::current().name() == Some(render::THREAD) {
            return;
        }
        let trace = Backtrace::capture();
        let mut message = describe(info);
        if trace.status() == BacktraceStatus::Captured {
            message.push_str(&format!("{trace}\n"));
        }
        // With a broken standard error there is nobody left to tell.
        let _ = std::io::stderr().lock().write_all(message.as_bytes());
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
    let what = info.payload_as_str().unwrap_or("no description");
    format!(
        "internal error: {what}{place}\n  \
         hint: this is a fault of the program, not of your file; please report it with the line above\n"
    )
}
