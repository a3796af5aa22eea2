//! Exit codes, and which one wins when several files end differently.

use std::process::ExitCode;

/// How a command ended. The codes are a promise; see docs/guide/exit-codes.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done; for `verify`: every signature passed.
    Success,
    /// Refused or failed; for `verify`: a signature failed, or a file is not signed.
    Failed,
    /// The command line was not understood.
    Usage,
    /// For `verify`: a signature is neither proven nor refuted by what is at hand.
    Indeterminate,
    /// Something could not be read or written.
    Unreadable,
    /// Wrong passphrase, or no try is allowed yet.
    Locked,
    /// A fault of this program.
    Internal,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Indeterminate => 3,
            Exit::Unreadable => 4,
            Exit::Locked => 5,
            Exit::Internal => 70,
        }
    }

    /// Which of two outcomes a batch ends with: 70, then 2, 5, 1, 4, 3, 0.
    pub fn and(self, other: Exit) -> Exit {
        if self.weight() >= other.weight() { self } else { other }
    }

    fn weight(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Indeterminate => 1,
            Exit::Unreadable => 2,
            Exit::Failed => 3,
            Exit::Locked => 4,
            Exit::Usage => 5,
            Exit::Internal => 6,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_signature_outweighs_an_unreadable_file_and_that_an_undecided_one() {
        let order = [
            Exit::Success,
            Exit::Indeterminate,
            Exit::Unreadable,
            Exit::Failed,
            Exit::Locked,
            Exit::Usage,
            Exit::Internal,
        ];
        for pair in order.windows(2) {
            assert_eq!(pair[0].and(pair[1]), pair[1]);
            assert_eq!(pair[1].and(pair[0]), pair[1]);
        }
    }
}
