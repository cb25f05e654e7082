//! The kinds of problem that this crate finds. Each has a page in `codes/`, which is also a test.

use seeknal_syntax::{Code, Severity};

const fn code(name: &'static str, severity: Severity) -> Code {
    Code { name, severity }
}

/// A node file that holds no mapping.
pub const NOT_A_NODE: Code = code("not-a-node", Severity::Error);
/// More than one document in a node file.
pub const SEVERAL_DOCUMENTS: Code = code("several-documents", Severity::Warning);
/// A node without a kind.
pub const MISSING_KIND: Code = code("missing-kind", Severity::Error);
/// A kind that does not exist.
pub const UNKNOWN_KIND: Code = code("unknown-kind", Severity::Error);
/// A key that is needed and absent.
pub const MISSING_FIELD: Code = code("missing-field", Severity::Error);
/// A key that nobody reads.
pub const UNKNOWN_KEY: Code = code("unknown-key", Severity::Warning);
/// A value of another type than its key takes.
pub const WRONG_TYPE: Code = code("wrong-type", Severity::Error);
/// A word that is none of those a key takes.
pub const UNKNOWN_VALUE: Code = code("unknown-value", Severity::Error);
/// A null where its name in quotes is meant.
pub const UNQUOTED_NULL: Code = code("unquoted-null", Severity::Error);
/// A date that Seeknal's plan stops at.
pub const UNQUOTED_DATE: Code = code("unquoted-date", Severity::Warning);
/// A name that SQL or the file system cannot carry.
pub const BAD_NAME: Code = code("bad-name", Severity::Error);
/// A reference that is not `kind.name`.
pub const BAD_REFERENCE: Code = code("bad-reference", Severity::Error);
/// A duration that cannot be read.
pub const BAD_DURATION: Code = code("bad-duration", Severity::Error);
/// A path with characters that Seeknal refuses.
pub const BAD_PATH: Code = code("bad-path", Severity::Error);
/// A secret that stands in the project.
pub const SECRET_IN_CLEAR: Code = code("secret-in-clear", Severity::Warning);
/// SQL without a statement.
pub const EMPTY_SQL: Code = code("empty-sql", Severity::Error);
/// What Seeknal itself reads past.
pub const SEEKNAL_IGNORES_THIS: Code = code("seeknal-ignores-this", Severity::Information);
/// Two keys of which only one may stand.
pub const CONFLICTING_KEYS: Code = code("conflicting-keys", Severity::Error);
/// What cannot work however it is written.
pub const NEVER_RUNS: Code = code("never-runs", Severity::Warning);
/// `ref()` of a node that is not among the inputs.
pub const UNDECLARED_REF: Code = code("undeclared-ref", Severity::Warning);
/// A reference to a node that does not exist.
pub const UNKNOWN_REF: Code = code("unknown-ref", Severity::Error);
/// Two nodes of one id.
pub const DUPLICATE_NODE: Code = code("duplicate-node", Severity::Error);
/// Two ids that differ only in upper and lower case.
pub const CASE_ONLY_DIFFERENCE: Code = code("case-only-difference", Severity::Warning);
/// Nodes that wait for each other.
pub const DEPENDENCY_CYCLE: Code = code("dependency-cycle", Severity::Error);

/// A Python file that cannot be read.
pub const PYTHON_SYNTAX: Code = code("python-syntax", Severity::Error);
/// A node whose function bears another name.
pub const FUNCTION_NAME: Code = code("function-name", Severity::Warning);
/// A reference that is known only at run.
pub const DYNAMIC_REF: Code = code("dynamic-ref", Severity::Warning);

/// A `{{ name }}` that the common config does not have.
pub const UNKNOWN_PARAMETER: Code = code("unknown-parameter", Severity::Error);

/// `{{ env:NAME }}` of a variable that is not set.
pub const UNSET_VARIABLE: Code = code("unset-variable", Severity::Information);
/// `input_3` or `__THIS__` of a node without such an input.
pub const UNKNOWN_INPUT: Code = code("unknown-input", Severity::Error);
/// A node that is read by its table name, which Seeknal computes again.
pub const QUALIFIED_READ: Code = code("qualified-read", Severity::Information);

/// A value of a form that Seeknal refuses when it runs.
pub const REFUSED_VALUE: Code = code("refused-value", Severity::Error);
/// A name that stands twice in one list.
pub const REPEATED_NAME: Code = code("repeated-name", Severity::Warning);

/// Every code, in the order of the reference.
pub const ALL: &[Code] = &[
    NOT_A_NODE,
    SEVERAL_DOCUMENTS,
    MISSING_KIND,
    UNKNOWN_KIND,
    MISSING_FIELD,
    UNKNOWN_KEY,
    WRONG_TYPE,
    UNKNOWN_VALUE,
    UNQUOTED_NULL,
    UNQUOTED_DATE,
    BAD_NAME,
    BAD_REFERENCE,
    BAD_DURATION,
    BAD_PATH,
    SECRET_IN_CLEAR,
    EMPTY_SQL,
    SEEKNAL_IGNORES_THIS,
    CONFLICTING_KEYS,
    NEVER_RUNS,
    UNDECLARED_REF,
    UNKNOWN_REF,
    DUPLICATE_NODE,
    CASE_ONLY_DIFFERENCE,
    DEPENDENCY_CYCLE,
    PYTHON_SYNTAX,
    FUNCTION_NAME,
    DYNAMIC_REF,
    UNKNOWN_PARAMETER,
    UNSET_VARIABLE,
    UNKNOWN_INPUT,
    QUALIFIED_READ,
    REFUSED_VALUE,
    REPEATED_NAME,
];
