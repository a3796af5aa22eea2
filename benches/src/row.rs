//! What was found: rows of a table, or JSON lines.

use crate::options::Form;
use serde::Serialize;

/// What a number counts.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Unit {
    /// Operations a second of processor time.
    #[serde(rename = "1/s")]
    PerSecond,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Megabytes (10⁶ bytes).
    #[serde(rename = "MB")]
    Megabytes,
    /// A plain number.
    #[serde(rename = "1")]
    Number,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Unit::PerSecond if value >= 100.0 => format!("{value:.0}/s"),
            Unit::PerSecond => format!("{value:.1}/s"),
            Unit::Milliseconds => format!("{value:.2} ms"),
            Unit::Seconds => format!("{value:.3} s"),
            Unit::Megabytes => format!("{value:.1} MB"),
            Unit::Number => format!("{value}"),
        }
    }
}

/// What is wanted of a ratio, or of the value itself.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// Ratio at most this.
    RatioAtMost(f64),
    /// Ratio at least this.
    RatioAtLeast(f64),
    /// Value at most this, in its unit.
    AtMost(f64),
    /// Value at least this, in its unit.
    AtLeast(f64),
}

impl Goal {
    fn show(self) -> String {
        match self {
            Goal::RatioAtMost(goal) => format!("≤ {goal} ×"),
            Goal::RatioAtLeast(goal) => format!("≥ {goal} ×"),
            Goal::AtMost(goal) => format!("≤ {goal}"),
            Goal::AtLeast(goal) => format!("≥ {goal}"),
        }
    }
}

/// What something is compared with: a floor of the machine or a peer.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What it is.
    pub what: &'static str,
    /// Its value, in the unit of the row.
    pub value: f64,
    /// How the two are related: floor time or peer time in our time, or ours in theirs, as the goal has it.
    pub ratio: f64,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// What it is compared with.
    pub reference: Option<Reference>,
    /// What is wanted.
    pub goal: Option<Goal>,
}

impl Row {
    fn is_met(&self) -> Option<bool> {
        let ratio = self.reference.as_ref().map(|reference| reference.ratio);
        Some(match self.goal? {
            Goal::RatioAtMost(goal) => ratio? <= goal,
            Goal::RatioAtLeast(goal) => ratio? >= goal,
            Goal::AtMost(goal) => self.value <= goal,
            Goal::AtLeast(goal) => self.value >= goal,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    section: &'a str,
    what: &'a str,
    value: f64,
    unit: Unit,
    reference: Option<&'a str>,
    reference_value: Option<f64>,
    ratio: Option<f64>,
    goal: Option<String>,
    met: Option<bool>,
}

/// Prints findings as they come.
pub struct Table {
    form: Form,
    section: &'static str,
}

impl Table {
    /// A table.
    pub fn new(form: Form) -> Table {
        Table { form, section: "" }
    }

    /// A new part.
    pub fn section(&mut self, section: &'static str) {
        self.section = section;
        if self.form == Form::Text {
            println!("\n{section}");
            println!(
                "  {:<46} {:>12}  {:<34} {:>12} {:>9}  {:<8} met",
                "what", "value", "compared with", "value", "ratio", "goal"
            );
        }
    }

    /// Something in words.
    pub fn note(&self, text: &str) {
        match self.form {
            Form::Text => println!("  {text}"),
            Form::Json => println!("{}", serde_json::json!({ "section": self.section, "note": text })),
        }
    }

    /// A finding.
    pub fn row(&self, row: &Row) {
        let reference = row.reference.as_ref();
        let goal = row.goal.map(Goal::show);
        match self.form {
            Form::Text => println!(
                "  {:<46} {:>12}  {:<34} {:>12} {:>9}  {:<8} {}",
                row.what,
                row.unit.show(row.value),
                reference.map_or("", |reference| reference.what),
                reference.map_or(String::new(), |reference| row.unit.show(reference.value)),
                reference.map_or(String::new(), |reference| format!("{:.2} ×", reference.ratio)),
                goal.unwrap_or_default(),
                row.is_met().map_or("", |met| if met { "yes" } else { "NO" }),
            ),
            Form::Json => {
                let line = Line {
                    section: self.section,
                    what: &row.what,
                    value: row.value,
                    unit: row.unit,
                    reference: reference.map(|reference| reference.what),
                    reference_value: reference.map(|reference| reference.value),
                    ratio: reference.map(|reference| reference.ratio),
                    goal,
                    met: row.is_met(),
                };
                println!("{}", serde_json::to_string(&line).unwrap_or_default());
            }
        }
    }
}
