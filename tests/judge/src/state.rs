//! A project with everything that is known of it before it is carried out.

use crate::project::Written;
use seeknal_analysis::changes::{Changes, Side, changes};
use seeknal_analysis::identity::{Identities, identities};
use seeknal_analysis::{Asking, Made, Memo, Schemas, declared, query, schemas, source_columns};
use seeknal_model::{File, NodeId, Project, Surroundings, Variables};
use seeknal_workers::Workers;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What knows the engine's words and remembers them.
pub(crate) type Engine = Memo<Workers>;

/// A project with everything that is known of it.
pub(crate) struct State {
    pub(crate) project: Project,
    pub(crate) schemas: Schemas,
    pub(crate) identities: Identities,
    /// Its transforms, upstream first.
    pub(crate) nodes: Vec<Step>,
}

/// A query that a run carries out.
pub(crate) struct Step {
    pub(crate) id: NodeId,
    pub(crate) sql: String,
    /// What is made before it.
    pub(crate) before: Vec<String>,
    /// The names by which it reads nodes.
    pub(crate) reads: Vec<(String, NodeId)>,
}

impl State {
    /// The project of some files, by path and text.
    pub(crate) fn of(files: &[(String, String)], engine: &Engine) -> State {
        let read = files.iter().map(|(path, text)| File::read(path, text.as_bytes()));
        let project = Project::new(read);
        let (overrides, variables) = (BTreeMap::new(), Variables::default());
        let today = "2024-03-31".parse().expect("a day");
        let around = Surroundings { overrides: &overrides, variables: &variables, today };
        let sources = source_columns(&project, |node| declared(node).map(Arc::from));
        let asking = Asking {
            around: &around,
            sources: &sources,
            binder: engine,
            stop: &|| false,
            lanes: 1,
        };
        let schemas = schemas(&project, asking, &Schemas::default());
        let identities = identities(&project, &schemas, asking, &Identities::default());
        let mut nodes = Vec::new();
        for node in project.graph().order().iter().filter_map(|id| project.node(id)) {
            if let Some(Ok(query)) = query(&project, node, &around) {
                let reads = query.reads.iter().filter(|(schema, ..)| schema.is_none());
                let reads = reads.map(|(_, name, id)| (name.clone(), id.clone())).collect();
                let made = |made: &Made| {
                    let what = if made.is_view { "VIEW" } else { "TABLE" };
                    format!("CREATE OR REPLACE TEMP {what} {} AS {}", made.name, made.text.text)
                };
                let before = query.before.iter().map(made).collect();
                let (id, sql) = (node.id.clone(), query.text.text.clone());
                nodes.push(Step { id, sql, before, reads });
            }
        }
        State { project, schemas, identities, nodes }
    }

    fn side(&self) -> Side<'_> {
        Side { project: &self.project, schemas: &self.schemas, identities: &self.identities }
    }

    /// What is said of the way from here to another.
    pub(crate) fn changes(&self, new: &State) -> Changes {
        changes(self.side(), new.side(), 1)
    }

    pub(crate) fn node(&self, id: &NodeId) -> Option<&Step> {
        self.nodes.iter().find(|step| step.id == *id)
    }
}

/// The file of a transform.
pub(crate) fn transform(node: &Written) -> (String, String) {
    let inputs: Vec<String> = node.inputs.iter().map(|id| format!("{{ref: {id}}}")).collect();
    let (name, sql) = (&node.name, node.sql.replace('\n', "\n  "));
    let inputs = inputs.join(", ");
    let text =
        format!("kind: transform\nname: {name}\ninputs: [{inputs}]\ntransform: |\n  {sql}\n");
    (format!("seeknal/{name}.yml"), text)
}

/// The file of a source with columns.
pub(crate) fn source(name: &str, columns: &[(String, String)]) -> (String, String) {
    let columns: Vec<String> =
        columns.iter().map(|(name, kind)| format!("{name}: '{kind}'")).collect();
    let columns = columns.join(", ");
    let text = format!(
        "kind: source\nname: {name}\nsource: postgresql\ntable: public.{name}\ncolumns: {{{columns}}}\n"
    );
    (format!("seeknal/{name}.yml"), text)
}
