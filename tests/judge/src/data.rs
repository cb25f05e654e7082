//! The data that made-up projects are carried out over.

use crate::run::Runner;
use crate::state;
use seeknal_runner::Session;
use std::path::Path;

const ORDERS: [(&str, &str); 8] = [
    ("id", "BIGINT"),
    ("customer_id", "BIGINT"),
    ("amount", "DECIMAL(10,2)"),
    ("price", "DOUBLE"),
    ("status", "VARCHAR"),
    ("quantity", "INTEGER"),
    ("ordered_at", "TIMESTAMP"),
    ("tags", "VARCHAR[]"),
];
const CUSTOMERS: [(&str, &str); 4] =
    [("id", "BIGINT"), ("name", "VARCHAR"), ("region", "VARCHAR"), ("since", "DATE")];

/// Ties, NULLs, NaN, both zeros, repeated rows and odd texts.
const ODD: [&str; 2] = [
    "INSERT INTO customers VALUES (1, 'Émile', 'north', '2020-02-29'), (2, 'a', 'south', '1999-12-31'), (2, 'A', NULL, NULL),
       (NULL, NULL, 'north', '2020-02-29'), (5, '', '', '1970-01-01'), (3, 'x''y', 'south', '2024-12-31'), (3, 'x''y', 'south', '2024-12-31')",
    "INSERT INTO orders VALUES
       (1, 1, 1.50, 0.0, 'paid', 1, '2024-01-01', ['a']),
       (1, 2, 1.50, '-0.0', 'paid', 1, '2024-01-01 00:00:01', ['a']),
       (2, 2, NULL, 'NaN', 'Paid', 2, NULL, []),
       (3, NULL, 2.25, NULL, NULL, NULL, '2024-02-29', NULL),
       (NULL, 3, 0.00, 1.5, 'open', 4, '2024-03-31', ['b', NULL]),
       (4, 9, -3.10, 1e300, 'void', 5, '2024-03-31 12:00:00', ['a', 'b']),
       (4, 9, -3.10, 1e300, 'void', 5, '2024-03-31 12:00:00', ['a', 'b']),
       (9007199254740992, 1, 0.01, 2, '7', 0, '2024-02-01', ['t1']),
       (9007199254740993, 5, 0.01, 'inf', '99999999999', -1, '2024-02-01', ['z', 'a']),
       (5, 2, 4.00, 0.6, 'paid', 2, '2024-02-10', ['a']),
       (7, 1, 9.99, 0.1, '', 3, '1999-12-31', ['é'])",
];

/// Texts that conditions tell apart: other letters, numbers, a letter in front.
const STATUSES: &str = "['paid', 'paid', 'open', 'open', 'void', 'PAID', 'OPEN', 'Void', 'o', 'p1', '12', '3', '1', '', NULL]";
/// Numbers around which conditions turn, behind many small ones.
const IDS: &str = "[49, 50, 51, 700, 9007199254740992, 9007199254740993]";

/// Rows in which each condition of the made-up queries holds here and there: many for the first sets, a
/// few for the others, over which hardly anything is alike by chance. Every third row is there twice. `n` sets apart.
fn drawn(n: usize) -> [String; 2] {
    let draw = |salt: usize, below: usize| format!("hash(i * 1000 + {}) % {below}", n * 40 + salt);
    let of = |list: &str, salt: usize| {
        format!("({list})[1 + (({}) % len({list}))::BIGINT]", draw(salt, 997))
    };
    let (orders, customers, ids) = match n {
        2 | 3 => (60 + 45 * (n % 4), 30, 29),
        n if n % 3 == 1 => (40, 6 + n % 7, 9),
        n if n % 3 == 2 => (8 + n % 9, 3 + n % 4, 5),
        _ => (n % 7, (n * 5) % 6, 4),
    };
    [
        format!(
            "INSERT INTO customers SELECT {}, CASE WHEN {} > 0 THEN 'n' || ({}) END, CASE {} WHEN 0 THEN 'north' WHEN 1 THEN 'south' WHEN 2 THEN 'west' END, DATE '2020-01-01' + ({})::INTEGER FROM (SELECT i - (i % 3 = 2)::INTEGER FROM range({customers}) r(i)) t(i)",
            draw(1, ids + 1),
            draw(5, 9),
            draw(2, 9),
            draw(3, 4),
            draw(4, 900),
        ),
        format!(
            "INSERT INTO orders SELECT CASE WHEN {} > 0 THEN {} ELSE {} END, CASE WHEN {} > 0 THEN {} END, ({} / 4)::DECIMAL(10,2), CASE WHEN {} > 0 THEN ({}) * 0.1 END, {}, CASE WHEN {} > 0 THEN {} END, TIMESTAMP '2024-01-01' + INTERVAL 1 HOUR * ({}), CASE WHEN {} > 0 THEN ['t' || ({}), 'a'] ELSE ['b'] END FROM (SELECT i - (i % 3 = 2)::INTEGER FROM range({orders}) r(i)) t(i)",
            draw(22, 6),
            draw(11, 2 * ids + 3),
            of(IDS, 23),
            draw(12, 12),
            draw(13, ids + 6),
            draw(14, 400),
            draw(15, 12),
            draw(16, 60),
            of(STATUSES, 17),
            draw(18, 9),
            draw(19, 7),
            draw(20, 2000),
            draw(24, 5),
            draw(21, 5),
        ),
    ]
}

/// The sources that made-up projects have.
pub(crate) fn sources() -> Vec<(String, String)> {
    let owned = |columns: &[(&str, &str)]| -> Vec<(String, String)> {
        columns.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
    };
    vec![state::source("orders", &owned(&ORDERS)), state::source("customers", &owned(&CUSTOMERS))]
}

/// Runners over nothing, over odd rows, over many, and `more` over others.
pub(crate) fn runners(folder: &Path, more: usize) -> Vec<Runner> {
    let one = |number: usize| {
        let session = Session::open().expect("a session");
        for (table, columns) in [("orders", &ORDERS[..]), ("customers", &CUSTOMERS[..])] {
            let columns: Vec<String> =
                columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
            let sql = format!("CREATE TABLE {table} ({})", columns.join(", "));
            session.execute(&sql).expect("a table");
        }
        let rows = match number {
            0 => Vec::new(),
            1 => ODD.map(str::to_owned).to_vec(),
            number => drawn(number).to_vec(),
        };
        rows.iter().for_each(|sql| session.execute(sql).expect("rows"));
        let tables = ["orders".to_owned(), "customers".to_owned()];
        Runner::new(session, &tables, &folder.join(number.to_string()))
    };
    (0..3 + more).map(one).collect()
}
