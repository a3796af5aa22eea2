//! The part of JSON Schema 2020-12 that `spec/verify-report.schema.json` uses, and nothing that it does not name.

use serde_json::Value;

/// The part of JSON Schema 2020-12 that the schema uses, without `pattern`.
pub struct Schema {
    pub root: Value,
}

impl Schema {
    pub fn load() -> Schema {
        let text = include_str!("../../../../../spec/verify-report.schema.json");
        Schema { root: serde_json::from_str(text).expect("the schema is JSON") }
    }

    pub fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(name.trim_start_matches('#')).expect("references lead somewhere");
            return self.check(target, value, at, faults);
        }
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            let fitting = choices.iter().filter(|choice| {
                let mut inner = Vec::new();
                self.check(choice, value, at, &mut inner);
                inner.is_empty()
            });
            if fitting.count() != 1 {
                faults.push(format!("{at}: {value} fits not exactly one choice"));
            }
            return;
        }
        if let Some(types) = schema.get("type") {
            let names: Vec<&str> = match types {
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                name => name.as_str().into_iter().collect(),
            };
            if !names.contains(&type_of(value)) {
                faults.push(format!("{at}: {value} is not {names:?}"));
            }
        }
        let allowed = schema.get("enum").and_then(Value::as_array).cloned();
        if allowed
            .or(schema.get("const").map(|one| vec![one.clone()]))
            .is_some_and(|all| !all.contains(value))
        {
            faults.push(format!("{at}: {value} is not one of the values"));
        }
        if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
            for (index, item) in values.iter().enumerate() {
                self.check(items, item, &format!("{at}[{index}]"), faults);
            }
        }
        if let (Some(properties), Some(members)) = (schema.get("properties"), value.as_object()) {
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                if !name.as_str().is_some_and(|name| members.contains_key(name)) {
                    faults.push(format!("{at}: {name} is missing"));
                }
            }
            for (name, member) in members {
                match properties.get(name) {
                    Some(property) => self.check(property, member, &format!("{at}.{name}"), faults),
                    None => faults.push(format!("{at}: {name} is not in the schema")),
                }
            }
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
