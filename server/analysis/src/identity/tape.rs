//! What was hashed to find out what a node means, so that it can be hashed again once its inputs mean something else.
//!
//! Looking into a query resolves names, types and rules. All of that hangs on which identities are equal, and never on
//! what they are. Where the inputs of a node that says what it said keep their columns, and each identity that was
//! another stays another, only hashes differ: they are made anew, in the order in which they were made.

use super::id::{Id, SCHEME, hashed, number_at, places};
use super::meant::Identity;
use seeknal_model::NodeId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

thread_local! {
    /// What is hashed on this thread, for as long as somebody takes it down.
    static TAKEN: RefCell<Option<Vec<Hashed>>> = const { RefCell::new(None) };
}

/// What was put together for a hash.
pub(super) struct Hashed {
    pub(super) bytes: Vec<u8>,
    /// Where sets begin in it, with their numbers.
    pub(super) sets: Vec<usize>,
    /// The same said the other way round, where the two last identities decide which of both is hashed.
    pub(super) turned: Option<Vec<u8>>,
    pub(super) id: Id,
}

/// Takes down a hash, where anybody wants it.
pub(super) fn take(hashed: impl FnOnce() -> Hashed) {
    TAKEN.with_borrow_mut(|taken| {
        if let Some(taken) = taken {
            taken.push(hashed());
        }
    });
}

/// What `look` gives, and all that was hashed for it.
pub(super) fn taken<T>(look: impl FnOnce() -> T) -> (T, Vec<Hashed>) {
    TAKEN.set(Some(Vec::new()));
    let found = look();
    (found, TAKEN.take().unwrap_or_default())
}

/// An identity of an input: its rows, all that its readers see, or a column by its place.
#[derive(Clone, Copy, Debug)]
enum Part {
    Rows,
    Output,
    Column(u32),
}

impl Part {
    fn of(self, input: &Identity) -> Option<Id> {
        match self {
            Part::Rows => Some(input.rows),
            Part::Output => Some(input.output()),
            Part::Column(place) => {
                input.columns.as_ref()?.get(place as usize).map(|column| column.id)
            }
        }
    }

    /// All identities that the readers of a node can see.
    fn all(input: &Identity) -> impl Iterator<Item = (Part, Id)> {
        let columns = input.columns.iter().flatten().map(|column| column.id);
        let columns = (0..).zip(columns).map(|(place, id)| (Part::Column(place), id));
        [(Part::Rows, input.rows), (Part::Output, input.output())].into_iter().chain(columns)
    }
}

/// What stands at a place of what is hashed: an identity of an input, what was hashed before, or what follows from no
/// input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Leaf(u32),
    Step(u32),
    Constant(u32),
}

/// A place for an identity, behind so many bytes.
#[derive(Clone, Copy, Debug)]
struct Hole {
    behind: u32,
    value: Value,
}

/// What is put together, without the identities in it.
#[derive(Clone, Debug)]
struct Form {
    bytes: Range<u32>,
    holes: Range<u32>,
}

#[derive(Clone, Debug)]
struct Step {
    form: Form,
    turned: Option<Box<Form>>,
    /// Which of its places, counted from its first, hold sets.
    sets: Box<[Range<u32>]>,
    /// The identity of an input that it is the same as.
    is_leaf: Option<Value>,
}

/// How a node's hashes follow from those of its inputs.
#[derive(Debug)]
pub(super) struct Tape {
    /// What the node reads.
    pub(super) inputs: Box<[NodeId]>,
    leaves: Box<[(u32, Part)]>,
    constants: Box<[Id]>,
    bytes: Box<[u8]>,
    holes: Box<[Hole]>,
    steps: Box<[Step]>,
    /// What each identity of the node follows from; nothing where it follows from no input.
    results: Box<[Option<Value>]>,
    /// The beginnings of all hashes that follow from no input, in their order. No input may mean the same.
    apart: Box<[u64]>,
}

impl Tape {
    /// How `identity` follows from what its inputs mean; nothing where that cannot be told from the hashes alone.
    pub(super) fn of(
        identity: &mut Identity,
        hashed: Vec<Hashed>,
        inputs: &[(NodeId, Arc<Identity>)],
    ) -> Option<Tape> {
        let mut making = Making::default();
        for ((_, input), number) in inputs.iter().zip(0..) {
            for (part, id) in Part::all(input) {
                making.leaves.entry(id).or_insert((number, part));
            }
        }
        for one in &hashed {
            making.step(one)?;
        }
        making.apart.sort_unstable();
        making.apart.dedup();
        let mut results = Vec::new();
        identity.each_id(&mut |id| results.push(making.value(*id)));
        Some(Tape {
            inputs: inputs.iter().map(|(id, _)| id.clone()).collect(),
            leaves: making.used.into(),
            constants: making.constants.into(),
            bytes: making.bytes.into(),
            holes: making.holes.into(),
            steps: making.steps.into(),
            results: results.into(),
            apart: making.apart.into(),
        })
    }

    /// What the node means once its inputs mean something else; nothing where more than hashes may differ.
    pub(super) fn again(
        &self,
        old: &Identity,
        inputs: &[(&Identity, &Identity)],
    ) -> Option<Identity> {
        let fresh = renamed(inputs)?;
        if fresh.iter().any(|one| self.apart.binary_search(one).is_ok()) {
            return None;
        }
        let is_input = |id: &Id| fresh.binary_search(&id.beginning()).is_ok();
        let leaf = |(input, part): &(u32, Part)| part.of(inputs.get(*input as usize)?.1);
        let leaves: Vec<Id> = self.leaves.iter().map(leaf).collect::<Option<_>>()?;
        let mut known = Known { leaves, steps: Vec::with_capacity(self.steps.len()) };
        let mut buffers = Buffers { ids: Vec::with_capacity(16), bytes: Vec::with_capacity(512) };
        for step in &self.steps {
            let id = self.hash(step, &known, &mut buffers)?;
            let is_as_before = match step.is_leaf {
                Some(leaf) => self.at(leaf, &known) == Some(id),
                None => !is_input(&id),
            };
            if !is_as_before {
                return None;
            }
            known.steps.push(id);
        }
        let mut results = self.results.iter();
        let mut again = old.clone();
        again.each_id(&mut |id| {
            let value = results.next().copied().flatten();
            if let Some(now) = value.and_then(|value| self.at(value, &known)) {
                *id = now;
            }
        });
        Some(again)
    }

    fn at(&self, value: Value, known: &Known) -> Option<Id> {
        let (all, place) = match value {
            Value::Leaf(place) => (known.leaves.as_slice(), place),
            Value::Step(place) => (known.steps.as_slice(), place),
            Value::Constant(place) => (&*self.constants, place),
        };
        all.get(place as usize).copied()
    }

    fn hash(&self, step: &Step, known: &Known, buffers: &mut Buffers) -> Option<Id> {
        let Buffers { ids, bytes } = buffers;
        let mut form = &step.form;
        self.fill(ids, form, known)?;
        if let (Some(turned), [.., left, right]) = (&step.turned, ids.as_slice())
            && right < left
        {
            form = turned;
            self.fill(ids, form, known)?;
        }
        for set in &step.sets {
            ids.get_mut(set.start as usize..set.end as usize)?.sort();
        }
        let mut rest = self.bytes.get(form.bytes.start as usize..form.bytes.end as usize)?;
        bytes.clear();
        bytes.extend_from_slice(SCHEME.as_bytes());
        for (hole, id) in self.holes(form)?.iter().zip(ids.iter()) {
            let (before, behind) = rest.split_at_checked(hole.behind as usize)?;
            bytes.extend_from_slice(before);
            bytes.extend_from_slice(&id.0);
            rest = behind;
        }
        bytes.extend_from_slice(rest);
        Some(hashed(bytes))
    }

    fn holes(&self, form: &Form) -> Option<&[Hole]> {
        self.holes.get(form.holes.start as usize..form.holes.end as usize)
    }

    /// Gathers the identities that a form is filled with.
    fn fill(&self, ids: &mut Vec<Id>, form: &Form, known: &Known) -> Option<()> {
        ids.clear();
        for hole in self.holes(form)? {
            ids.push(self.at(hole.value, known)?);
        }
        Some(())
    }
}

/// What is put together for one hash after the other.
struct Buffers {
    ids: Vec<Id>,
    bytes: Vec<u8>,
}

/// What is known while hashes are made anew.
struct Known {
    leaves: Vec<Id>,
    steps: Vec<Id>,
}

/// The identities of inputs as they are now, in their order, where they differ from those before by name alone: the same
/// columns of the same types, and what was equal before is equal now, and nothing else. Beginnings tell them apart: two
/// that begin alike only lead to a look.
fn renamed(inputs: &[(&Identity, &Identity)]) -> Option<Vec<u64>> {
    let width = |one: &Identity| one.columns.as_ref().map(Vec::len);
    let count = inputs.iter().map(|(then, _)| width(then).unwrap_or_default() + 2).sum();
    let mut pairs: Vec<(u64, u64)> = Vec::with_capacity(count);
    for (then, now) in inputs {
        if width(then) != width(now) || then.rows_class != now.rows_class {
            return None;
        }
        let mut columns = then.columns.iter().flatten().zip(now.columns.iter().flatten());
        let is_same = columns.all(|(then, now)| now.is_shaped_like(then));
        if !is_same || then.keys.len() != now.keys.len() {
            return None;
        }
        let both = Part::all(then).zip(Part::all(now));
        pairs.extend(both.map(|((_, then), (_, now))| (then.beginning(), now.beginning())));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let is_function = pairs.windows(2).all(|two| !matches!(two, [a, b] if a.0 == b.0));
    if !is_function || !keys_follow(inputs, &pairs) {
        return None;
    }
    let mut fresh: Vec<u64> = pairs.iter().map(|(_, now)| *now).collect();
    fresh.sort_unstable();
    fresh.windows(2).all(|two| !matches!(two, [a, b] if a == b)).then_some(fresh)
}

/// Whether what is different in each row of inputs is what it was, under its new name.
fn keys_follow(inputs: &[(&Identity, &Identity)], pairs: &[(u64, u64)]) -> bool {
    let name = |id: &Id| {
        let place = pairs.binary_search_by_key(&id.beginning(), |(then, _)| *then).ok()?;
        pairs.get(place).map(|(_, now)| *now)
    };
    inputs.iter().all(|(then, now)| {
        let mut both = then.keys.iter().zip(&now.keys);
        both.all(|(then, now)| {
            let is_there = |name: u64| now.iter().any(|id| id.beginning() == name);
            then.len() == now.len() && then.iter().all(|id| name(id).is_some_and(is_there))
        })
    })
}

/// A tape while it is made.
#[derive(Default)]
struct Making {
    /// All that inputs may give.
    leaves: HashMap<Id, (u32, Part)>,
    used: Vec<(u32, Part)>,
    known: HashMap<Id, Value>,
    constants: Vec<Id>,
    bytes: Vec<u8>,
    holes: Vec<Hole>,
    steps: Vec<Step>,
    apart: Vec<u64>,
}

impl Making {
    /// What an identity follows from; nothing where that is no input.
    fn value(&mut self, id: Id) -> Option<Value> {
        if let Some(value) = self.known.get(&id) {
            return Some(*value);
        }
        let leaf = self.leaves.get(&id)?;
        let value = Value::Leaf(number(self.used.len())?);
        self.used.push(*leaf);
        self.known.insert(id, value);
        Some(value)
    }

    /// Adds a hash; nothing where what is equal now may not be equal then.
    fn step(&mut self, one: &Hashed) -> Option<()> {
        let follows = places(&one.bytes)
            .any(|place| id_at(&one.bytes, place).is_some_and(|id| self.value(id).is_some()));
        // What follows from no input stays what it is.
        if !follows && !self.leaves.contains_key(&one.id) {
            self.apart.push(one.id.beginning());
            return Some(());
        }
        let sets: Option<Box<[Range<u32>]>> =
            one.sets.iter().map(|at| set(&one.bytes, *at)).collect();
        let sets = sets?;
        if let Some(Value::Step(known)) = self.known.get(&one.id) {
            let known = self.steps.get(*known as usize)?;
            let is_same = known.turned.is_some() == one.turned.is_some() && known.sets == sets;
            return is_same.then_some(());
        }
        // What has an order of its own has it among all that is ordered.
        let is_ordered = !sets.is_empty() || one.turned.is_some();
        let form = self.form(&one.bytes, is_ordered)?;
        let turned = match &one.turned {
            Some(turned) => Some(Box::new(self.form(turned, true)?)),
            None => None,
        };
        // What only passes on what it reads looks like it, and what says the same looks the same.
        let is_leaf = self.value(one.id);
        if is_leaf.is_none() {
            self.known.insert(one.id, Value::Step(number(self.steps.len())?));
        }
        self.steps.push(Step { form, turned, sets, is_leaf });
        Some(())
    }

    fn form(&mut self, text: &[u8], is_ordered: bool) -> Option<Form> {
        let (bytes, holes) = (self.bytes.len(), self.holes.len());
        let mut from = SCHEME.len();
        for place in places(text) {
            let id = id_at(text, place)?;
            let value = match self.value(id) {
                Some(value) => value,
                None if is_ordered => {
                    self.constants.push(id);
                    Value::Constant(number(self.constants.len() - 1)?)
                }
                None => continue,
            };
            let before = text.get(from..place)?;
            self.bytes.extend_from_slice(before);
            self.holes.push(Hole { behind: number(before.len())?, value });
            from = place + size_of::<Id>();
        }
        self.bytes.extend_from_slice(text.get(from..)?);
        Some(Form {
            bytes: number(bytes)?..number(self.bytes.len())?,
            holes: number(holes)?..number(self.holes.len())?,
        })
    }
}

fn number(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}

fn id_at(text: &[u8], place: usize) -> Option<Id> {
    Some(Id(text.get(place..place + size_of::<Id>())?.try_into().ok()?))
}

/// Which identities of a text are those of the set that begins at a place.
fn set(text: &[u8], at: usize) -> Option<Range<u32>> {
    let first = places(text).take_while(|place| *place < at).count();
    let count = number_at(text, at + 1)?;
    Some(number(first)?..number(first + count)?)
}
