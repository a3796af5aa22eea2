//! What the external suites share.

use undersign_path::PathOutcome;

/// `accept`, or `reject` with the main fault.
pub fn answer(outcome: &PathOutcome) -> (&'static str, String) {
    match outcome {
        PathOutcome::Found(_) => ("accept", String::new()),
        PathOutcome::NotFound(failure) => {
            let fault = failure.main_fault().map(|(check, fault)| format!("{}: {fault}", check.place));
            ("reject", fault.unwrap_or_default())
        }
    }
}
