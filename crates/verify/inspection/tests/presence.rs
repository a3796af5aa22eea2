//! A field that shows something else for the same value, or shows where it did not, is undecided.

mod revisions;

use revisions::{File, SIGNED};
use undersign_inspection::{ChangeLevel, Judgement};

const FIELD: &str = SIGNED[7].1;
const REDRAWN: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F1 6 0 R>>>>/Length 9>>stream\n(Eve) Tj \nendstream";

fn is_undecided(file: &File) -> bool {
    matches!(file.approved(), Judgement::Overlaid { .. })
        && matches!(file.certified(2), Judgement::Overlaid { .. })
}

fn is_filling(file: &File) -> bool {
    file.certified(2) == Judgement::Permitted { level: ChangeLevel::FormFilling }
}

#[test]
fn the_same_value_in_another_writing_is_the_same_value() {
    for value in [
        "(Ada)",
        "<416461>",
        "<FEFF004100640061>",
        "<FFFE410064006100>",
        "<EFBBBF416461>",
        "(Ada )",
        "(\\nAda)",
        "<FEFF00410064200B0061>",
        "20 0 R",
    ] {
        let field = FIELD.replace("/V(Ada)", &format!("/V {value}"));
        let file = File::signed(&[]).update(&[(8, &field), (10, REDRAWN), (20, "(Ada)")]);
        assert!(is_undecided(&file), "{value}");
    }
    let file = File::signed(&[]).update(&[(8, &FIELD.replace("(Ada)", "(Eve)")), (10, REDRAWN)]);
    assert!(is_filling(&file));
}

#[test]
fn flags_that_hide_show_or_print_otherwise_are_noted_however_they_are_written() {
    for flags in ["2", "2.0", "20 0 R", "0", "32", "36", "12", "/Hidden"] {
        let file =
            File::signed(&[]).update(&[(8, &FIELD.replace("/F 4", &format!("/F {flags}"))), (20, "2")]);
        assert!(is_undecided(&file), "{flags}");
    }
    let locked = File::signed(&[]).update(&[(8, &FIELD.replace("/F 4", "/F 132").replace("(Ada)", "(Eve)"))]);
    assert!(is_filling(&locked));
}

#[test]
fn a_state_follows_the_value_and_only_that_of_a_button() {
    let button = "<</Type/Annot/Subtype/Widget/FT/Btn/T(agree)/V/Yes/AS/Yes/Rect[10 40 30 60]/F 4/AP<</N<</Yes 16 0 R/Off 17 0 R/No 18 0 R>>>>>>";
    let text = button.replace("/FT/Btn", "/FT/Tx").replace("/V/Yes", "/V(x)");
    let drawn = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nn\nendstream";
    let signed = |field: &str| {
        let page = SIGNED[2].1.replace("14 0 R]", "14 0 R 15 0 R]");
        let form = SIGNED[3].1.replace("11 0 R]", "11 0 R 15 0 R]");
        File::signed(&[(3, &page), (4, &form), (15, field), (16, drawn), (17, drawn), (18, drawn)])
    };
    for (before, from, to, undecided) in [
        (button, "/AS/Yes", "/AS/Off", true),
        (button, "/V/Yes/AS/Yes", "/V/Off/AS/No", true),
        (button, "/V/Yes/AS/Yes", "/V/No/AS/Off", true),
        (button, "/V/Yes/AS/Yes", "/V/Off/AS/Off", false),
        (button, "/V/Yes/AS/Yes", "/V/No/AS/No", false),
        (&text, "/AS/Yes", "/AS/No", true),
        (&text, "/V(x)/AS/Yes", "/V(y)/AS/No", true),
    ] {
        let file = signed(before).update(&[(15, &before.replace(from, to))]);
        assert_eq!(is_undecided(&file), undecided, "{before} {to}");
        assert_eq!(is_filling(&file), !undecided, "{before} {to}");
    }
}

#[test]
fn what_else_a_field_is_drawn_from_changes_only_with_its_value() {
    for entry in ["/RV(<p>Eve</p>)", "/DA(/F1 0 Tf)", "/Q 2", "/I[1]"] {
        let with = FIELD.replace("/V(Ada)", &format!("/V(Ada){entry}"));
        assert!(is_undecided(&File::signed(&[]).update(&[(8, &with)])), "{entry}");
        let filled = with.replace("(Ada)", "(Eve)");
        assert!(is_filling(&File::signed(&[]).update(&[(8, &filled)])), "{entry}");
    }
}
