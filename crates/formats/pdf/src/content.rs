//! Content streams operator by operator (ISO 32000-2, 7.8.2), for those who look at what is painted.

use crate::object::Name;
use crate::read::lexer::{Lexer, Token};
use types::{Budget, Malformed, Resource};

/// Most operands that an operation keeps; more are dropped.
const MOST_OPERANDS: usize = 64;

/// Most operators and operands together that are kept: no appearance of an annotation comes near.
const MOST_KEPT: usize = 300_000;

/// An operator with its operands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operation {
    /// The operator as written, e.g. `re`; `ID` stands for a whole inline image.
    pub operator: Vec<u8>,
    /// The operands that are numbers, in order.
    pub numbers: Vec<f64>,
    /// The operands that are names, in order.
    pub names: Vec<Name>,
}

/// Every operation of decoded content, until its end or its first syntax error, which is the error returned; an exhausted
/// budget is one, too, and so is content of more operations than are kept.
pub fn operations(content: &[u8], budget: &mut Budget) -> Result<Vec<Operation>, Malformed> {
    let mut lexer = Lexer::new(content, 0);
    let (mut found, mut next, mut kept) = (Vec::new(), Operation::default(), 0_usize);
    loop {
        budget.spend(Resource::Steps, 1)?;
        let token = lexer.token()?.0;
        kept += usize::from(!matches!(token, Token::End));
        if kept > MOST_KEPT {
            let reason = format!("content of more than {MOST_KEPT} operators and operands");
            return Err(Malformed::unsupported(lexer.offset(), reason, ""));
        }
        match token {
            Token::End => return Ok(found),
            Token::Keyword(operator) => {
                if operator == b"ID" {
                    super::text::skip_inline_image(&mut lexer);
                }
                next.operator = operator.to_vec();
                found.push(std::mem::take(&mut next));
            }
            Token::Integer(value) if next.numbers.len() < MOST_OPERANDS => next.numbers.push(value as f64),
            Token::Real(text) if next.numbers.len() < MOST_OPERANDS => {
                let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
                next.numbers.push(number.unwrap_or(0.0));
            }
            Token::Name(name) if next.names.len() < MOST_OPERANDS => next.names.push(Name(name)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_come_with_their_numbers_and_names() {
        let content = b"/G gs 1 0 .5 rg 0 0 9 9 re f BI /W 1 ID xx EI (text) Tj";
        let found = operations(content, &mut Budget::default()).expect("well-formed content");
        let names: Vec<&[u8]> = found.iter().map(|operation| operation.operator.as_slice()).collect();
        assert_eq!(names, [&b"gs"[..], b"rg", b"re", b"f", b"BI", b"ID", b"Tj"]);
        assert_eq!(found[0].names, [Name(b"G".to_vec())]);
        assert_eq!(found[1].numbers, [1.0, 0.0, 0.5]);
    }

    #[test]
    fn content_of_too_many_operations_is_not_kept() {
        let few = b"1 w ".repeat(MOST_KEPT / 2);
        let read = |content: &[u8]| operations(content, &mut Budget::default());
        assert_eq!(read(&few).expect("not too many").len(), MOST_KEPT / 2);
        let error = read(&[&few[..], b"n"].concat()).expect_err("one too many");
        assert_eq!(error.cause, types::Cause::Unsupported);
    }

    #[test]
    fn hostile_content_ends_with_an_error_or_a_result() {
        let content: &[u8] = b"q 1 0 0 1 0 0 cm [ << /A (x) >> ] /B <12> BI ID \x00 EI Q";
        for length in 0..content.len() {
            let _ = operations(&content[..length], &mut Budget::default());
        }
        for at in 0..content.len() {
            let mut flipped = content.to_vec();
            flipped[at] ^= 0xFF;
            let _ = operations(&flipped, &mut Budget::default());
        }
        let nested = [b"[<<".repeat(50_000), b">>]".repeat(50_000)].concat();
        let _ = operations(&nested, &mut Budget::default());
    }
}
