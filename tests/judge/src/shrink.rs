//! An edit with a wrong verdict made as small as it stays wrong, as a page for `tests/spec`.

use crate::judge::Bench;
use crate::project::{Form, Inputs, Plan, Written};
use crate::query::{Distinct, Style};

/// Makes a project and its edit smaller; both are made smaller alike.
type Less = Box<dyn Fn(&mut Plan) -> bool>;

/// The page of the smallest edit that is still judged wrongly.
pub(crate) fn shrunk(bench: &mut Bench<'_>, before: Plan, after: Plan) -> String {
    let (mut before, mut after) = (before, after);
    let mut is_smaller = true;
    while is_smaller {
        is_smaller = false;
        for less in ways(&before, &after) {
            let (mut one, mut two) = (before.clone(), after.clone());
            let changed = [less(&mut one), less(&mut two)];
            if changed.contains(&true) && bench.is_wrong(&one, &two).is_some() {
                (before, after) = (one, two);
                is_smaller = true;
            }
        }
    }
    let wrong = bench.is_wrong(&before, &after);
    let wrong = wrong.map(|judged| judged.trial.wrong).unwrap_or_default();
    page(&before, &after, &wrong)
}

fn ways(before: &Plan, after: &Plan) -> Vec<Less> {
    let mut all: Vec<Less> = Vec::new();
    for reader in &before.readers {
        let name = reader.name.clone();
        all.push(Box::new(move |plan| {
            let count = plan.readers.len();
            plan.readers.retain(|one| one.name != name);
            plan.readers.len() < count
        }));
    }
    for item in before.u.items.iter().chain(&after.u.items) {
        let name = item.name.clone();
        all.push(Box::new(move |plan| {
            let count = plan.u.items.len();
            plan.u.items.retain(|one| one.name != name);
            plan.u.items.len() < count && !plan.u.items.is_empty()
        }));
    }
    for filter in before.u.filters.iter().chain(&after.u.filters) {
        let text = filter.clone();
        all.push(Box::new(move |plan| {
            let count = plan.u.filters.len();
            plan.u.filters.retain(|one| *one != text);
            plan.u.filters.len() < count
        }));
    }
    for key in before.u.keys.iter().chain(&after.u.keys) {
        let text = key.clone();
        all.push(Box::new(move |plan| {
            let count = plan.u.keys.len();
            plan.u.keys.retain(|one| *one != text);
            plan.u.keys.len() < count
        }));
    }
    all.push(Box::new(|plan| plan.u.join.take().is_some()));
    all.push(Box::new(|plan| plan.u.tail.take().is_some()));
    all.push(Box::new(|plan| plan.u.order.take().is_some()));
    all.push(Box::new(|plan| plan.u.limit.take().is_some()));
    all.push(Box::new(|plan| plan.u.qualify.take().is_some()));
    all.push(Box::new(|plan| plan.u.having.take().is_some()));
    all.push(Box::new(|plan| std::mem::take(&mut plan.u.rollup)));
    all.push(Box::new(|plan| {
        std::mem::replace(&mut plan.u.distinct, Distinct::No) != Distinct::No
    }));
    all.push(Box::new(|plan| std::mem::replace(&mut plan.form, Form::Absent) != Form::Absent));
    all.push(Box::new(|plan| plan.shell.take().is_some()));
    all.push(Box::new(|plan| std::mem::take(&mut plan.inputs) != Inputs::default()));
    all.push(Box::new(|plan| {
        plan.u.style = Style::default();
        true
    }));
    // A way that only unsettles the style again and again would never end.
    let is_styled = |plan: &Plan| {
        let Style { wrap, small, comment, comma, ordinals } = plan.u.style;
        wrap > 0 || small || comment || comma || ordinals
    };
    if !is_styled(before) && !is_styled(after) {
        all.pop();
    }
    all
}

fn page(before: &Plan, after: &Plan, wrong: &[String]) -> String {
    let line = |node: &Written| format!("{}: {}\n", node.name, quoted(node));
    let (old, new) = (before.nodes(), after.nodes());
    let changed = new.iter().filter(|node| !old.contains(node)).map(line);
    let gone = old.iter().filter(|node| !new.iter().any(|one| one.name == node.name));
    let gone = gone.map(|node| format!("{}: null\n", node.name));
    let rules = |plan: &Plan| match plan.names_least() {
        true => format!(
            "common/rules.yml: |\n  rules:\n    - id: least\n      value: \"{}\"\n",
            plan.least
        ),
        false => String::new(),
    };
    let rules_after = if before.least == after.least { String::new() } else { rules(after) };
    format!(
        "# (say what it shows)\n\n{}.\n\n```yaml before\n{}{}```\n\n```yaml after\n{rules_after}{}{}```\n\n```text verdict\n```",
        wrong.join("; "),
        rules(before),
        old.iter().map(line).collect::<String>(),
        changed.collect::<String>(),
        gone.collect::<String>(),
    )
}

/// A transform as a value of YAML.
fn quoted(node: &Written) -> String {
    let Written { name, sql, inputs } = node;
    if *inputs != Written::new(name, sql).inputs {
        let inputs: Vec<String> =
            inputs.iter().map(|id| format!("{{\"ref\": \"{id}\"}}")).collect();
        return format!("{{\"inputs\": [{}], \"transform\": {sql:?}}}", inputs.join(", "));
    }
    let is_plain = !sql.contains(": ") && !sql.contains(" #") && !sql.contains('\n');
    match is_plain && sql.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        true => sql.clone(),
        false => format!("{sql:?}"),
    }
}
