//! Making, changing and removing rules.
//!
//! A change is made in the engine first, and is true when the disk has it: until then whoever
//! asked for it waits. If the disk does not get it, the engine is as before.

use alert_engine::{Condition, Engine, Rule, RuleError, RuleState};
use serde_json::Value;

use super::{AlertError, Alerts, now};

/// How many rules there may be.
const RULES_MAX: usize = 1_000;

impl Alerts {
    /// Puts a new rule to work. Without an id it gets one.
    ///
    /// # Errors
    /// When it is no rule, its id is taken, or it cannot be kept.
    pub(crate) async fn create(&self, rule: Value) -> Result<String, AlertError> {
        self.insert(rule, None).await
    }

    /// The same for whoever may ask twice: a rule that is there already, with the same id and
    /// content, is as good as new.
    pub(crate) async fn ensure(&self, rule: Value, id: &str) -> Result<String, AlertError> {
        self.insert(rule, Some(id)).await
    }

    async fn insert(&self, mut rule: Value, ensured: Option<&str>) -> Result<String, AlertError> {
        let (rule, edit) = {
            let mut engine = self.engine();
            if let Some(members) = rule.as_object_mut() {
                let id = || ensured.map_or_else(|| free_id(&engine), str::to_owned);
                members.entry("id").or_insert_with(|| id().into());
            }
            let rule = self.read(rule)?;
            match engine.rule(&rule.id) {
                Some((known, _)) if ensured.is_some() && *known == rule => return Ok(rule.id),
                Some(_) => return Err(AlertError::Taken(rule.id)),
                None if engine.rules().count() >= RULES_MAX => {
                    return Err(AlertError::Full(RULES_MAX));
                }
                None => {}
            }
            self.disk.check()?;
            engine.insert(rule.clone(), None, now())?;
            let edit = self.edited(&engine, &rule.id);
            (rule, edit)
        };
        let id = rule.id.clone();
        self.settle(&id, edit, Some(rule), None).await?;
        Ok(id)
    }

    /// Puts a rule in the place of the one with the id, and returns it; one that was over begins
    /// again.
    ///
    /// # Errors
    /// When it is no rule, there is none, only the configuration can do it, or it cannot be kept.
    pub(crate) async fn replace(&self, id: &str, mut rule: Value) -> Result<Rule, AlertError> {
        if let Some(members) = rule.as_object_mut() {
            members.entry("id").or_insert_with(|| id.into());
        }
        self.exchange(id, |_| Ok(rule)).await
    }

    /// The same with the rule as it is, but for these members: a merge patch (RFC 7396).
    ///
    /// # Errors
    /// As [`replace`](Self::replace).
    pub(crate) async fn amend(&self, id: &str, changes: &Value) -> Result<Rule, AlertError> {
        self.exchange(id, |known| {
            if !changes.is_object() {
                let message =
                    "expected an object with what is to change, such as {\"enabled\": false}";
                let (path, message) = (String::new(), message.to_owned());
                return Err(RuleError::Unreadable { path, message });
            }
            // A rule that came from JSON can be written as such.
            let mut rule = serde_json::to_value(known).unwrap_or_default();
            merge(&mut rule, changes);
            Ok(rule)
        })
        .await
    }

    async fn exchange(
        &self,
        id: &str,
        change: impl FnOnce(&Rule) -> Result<Value, RuleError>,
    ) -> Result<Rule, AlertError> {
        let (rule, former, edit) = {
            let mut engine = self.engine();
            let (known, _) = engine.rule(id).ok_or_else(|| unknown(id))?;
            self.check_configured(id)?;
            let rule = self.read(change(known)?)?;
            if rule.id != id {
                return Err(AlertError::Rule(RuleError::Invalid {
                    field: "id",
                    wrong: format!("{} is another rule's", rule.id),
                    allowed: format!("leave it out, or write {id}"),
                }));
            }
            self.disk.check()?;
            let former = engine.amend(rule.clone(), now())?;
            (rule, former, self.edited(&engine, id))
        };
        self.settle(id, edit, Some(rule.clone()), former).await?;
        Ok(rule)
    }

    /// Takes a rule from work and forgets it; returns what it was.
    ///
    /// # Errors
    /// When there is none, only the configuration can do it, or it cannot be kept.
    pub(crate) async fn delete(&self, id: &str) -> Result<Rule, AlertError> {
        self.check_configured(id)?;
        let (former, edit) = {
            let mut engine = self.engine();
            if engine.rule(id).is_some() {
                self.disk.check()?;
            }
            let former = engine.remove(id).ok_or_else(|| unknown(id))?;
            (former, self.edited(&engine, id))
        };
        let rule = former.0.clone();
        self.settle(id, edit, None, Some(former)).await?;
        Ok(rule)
    }

    /// Reads a rule that can be put to work here.
    fn read(&self, rule: Value) -> Result<Rule, AlertError> {
        let rule = Rule::read(rule)?;
        self.recipients.check(&rule)?;
        let Condition::Order(order) = &rule.when else { return Ok(rule) };
        if !self.topics.has_owner() {
            return Err(AlertError::NoOwner);
        }
        if rule.enabled && self.topics.notices(&rule).is_empty() {
            let field = if order.markets.is_empty() { "streams" } else { "when.order.markets" };
            return Err(AlertError::Rule(RuleError::Invalid {
                field,
                wrong: "none of it is served in this environment".to_owned(),
                allowed: "in real trading streams end in 0 (overseas derivatives: HDFFF1C0, \
                          HDFFF2C0), on paper in 9"
                    .to_owned(),
            }));
        }
        Ok(rule)
    }

    fn check_configured(&self, id: &str) -> Result<(), AlertError> {
        match self.configured.contains(id) {
            true => Err(AlertError::Configured(id.to_owned())),
            false => Ok(()),
        }
    }

    /// A rule was made, changed or removed.
    fn edited(&self, engine: &Engine, id: &str) -> u64 {
        self.rules_changed(engine);
        self.disk.edited(id)
    }

    /// Waits until the edit is on the disk; else what was there before is at work again, unless
    /// what was `made` of it has changed once more meanwhile.
    async fn settle(
        &self,
        id: &str,
        edit: u64,
        made: Option<Rule>,
        former: Option<(Rule, RuleState)>,
    ) -> Result<(), AlertError> {
        let Err(error) = self.disk.kept(edit).await else { return Ok(()) };
        let mut engine = self.engine();
        if engine.rule(id).map(|it| it.0) != made.as_ref() {
            return Err(error);
        }
        match former {
            Some((rule, state)) => engine.insert(rule, Some(state), now())?,
            None => drop(engine.remove(id)),
        }
        self.edited(&engine, id);
        Err(error)
    }
}

/// The shortest id that is not taken.
fn free_id(engine: &Engine) -> String {
    let mut ids = (1_u32..).map(|it| format!("a{it}"));
    ids.find(|it| engine.rule(it).is_none()).unwrap_or_default()
}

fn unknown(id: &str) -> AlertError {
    AlertError::Unknown(id.chars().take(64).collect())
}

/// JSON merge patch, RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else { return *target = patch.clone() };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, change) in changes {
        match change {
            Value::Null => drop(members.remove(name)),
            change => merge(members.entry(name).or_insert(Value::Null), change),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(mut target: Value, patch: &Value, expected: &Value) {
        merge(&mut target, patch);
        assert_eq!(target, *expected, "{patch}");
    }

    /// Examples of RFC 7396, appendix A.
    #[test]
    fn merge_patches() {
        check(json!({"a": "b"}), &json!({"a": "c"}), &json!({"a": "c"}));
        check(json!({"a": "b"}), &json!({"b": "c"}), &json!({"a": "b", "b": "c"}));
        check(json!({"a": "b", "b": "c"}), &json!({"a": null}), &json!({"b": "c"}));
        check(
            json!({"a": {"b": "c"}}),
            &json!({"a": {"b": "d", "c": null}}),
            &json!({"a": {"b": "d"}}),
        );
        check(json!({"a": [{"b": "c"}]}), &json!({"a": [1]}), &json!({"a": [1]}));
        check(json!({}), &json!({"a": {"bb": {"ccc": null}}}), &json!({"a": {"bb": {}}}));
    }
}
