//! What is known of DuckDB's functions, by name. The list was reviewed for DuckDB 1.5; what is not on
//! it may give anything.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// The same result for the same arguments, of this family.
    Scalar(Family),
    /// One value for many rows, whatever their order.
    Aggregate(Total),
    /// One value for many rows, which depends on their order.
    OrderBound,
    /// The place of a row among others, the same for rows that are equal.
    Rank,
    /// Another result each time.
    Unstable,
    /// Rows for one row.
    SetReturning,
}

/// What family of types a scalar function yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Text, dates, times, flags, whole numbers: equal values are the same value.
    Plain,
    /// A number that may be a fraction.
    Number,
    /// What its arguments are.
    Same,
    /// Anything.
    Any,
}

/// How an aggregate gets to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Total {
    /// Counting, comparing or adding without rounding.
    Exact,
    /// Adding, which rounds where its arguments are fractions.
    Adding,
    /// Rounding, whatever its arguments are.
    Rounding,
    /// One of its arguments.
    Extreme,
}

const PLAIN: &str = "!~~ !~~* !~~~ %  ^@ ascii base64 bin bit_count bit_length bitstring chr \
    century char_length concat concat_ws contains damerau_levenshtein date_diff date_part date_sub \
    datesub day dayname dayofmonth dayofweek dayofyear days_in_month decade decode encode epoch_ms \
    epoch_ns epoch_us era format format_bytes from_base64 get_bit greatest_common_divisor \
    hamming hash hex hour ilike_escape instr isfinite isinf isnan isodow isoyear json_array_length \
    json_contains json_exists json_extract_string json_keys json_pretty json_quote json_structure \
    json_type json_valid json_value json_array json_object json_merge_patch json_extract to_json \
    row_to_json array_to_json json last_day least_common_multiple left length levenshtein \
    like_escape list_contains list_has_all list_has_any list_position list_unique lower lpad \
    ltrim make_date make_time make_timestamp map_contains md5 md5_number microsecond millennium \
    millisecond minute mismatches month monthname nanosecond nfc_normalize not_ilike_escape \
    not_like_escape ord parse_dirname parse_dirpath parse_filename parse_path prefix printf \
    quarter regexp_escape regexp_extract regexp_full_match regexp_matches regexp_replace \
    replace reverse right rpad rtrim second sha1 sha256 signbit split_part starts_with \
    strftime string_split string_split_regex strip_accents strlen strpos strptime \
    struct_contains struct_position substring suffix time_bucket timezone_hour timezone_minute \
    to_base64 to_hex to_timestamp translate trim try_strptime typeof unicode upper url_decode \
    url_encode week weekday weekofyear xor year yearweek ~~ ~~* ~~~ || & | << >> ~ -> ->> \
    array_to_string list_count cardinality make_timestamp_ms make_timestamp_ns timezone \
    regexp_extract_all try_strptime to_binary unhex \
    md5_number_lower md5_number_upper version_compare jaccard";
const NUMBER: &str = "@ ceil floor sign abs acos acosh asin asinh atan atan2 atanh cbrt cos cosh cot degrees \
    divide epoch even exp factorial gamma fdiv fmod jaro_similarity jaro_winkler_similarity julian \
    lgamma ln log log10 log2 mod multiply nextafter pi ** pow radians round round_even sin sinh \
    sqrt tan tanh trunc / //  * list_sum list_avg list_product list_median list_cosine_distance \
    list_cosine_similarity list_distance list_inner_product array_distance array_inner_product \
    array_cosine_distance array_cosine_similarity";
const SAME: &str = "+ - date_trunc date_add greatest least array_slice list_concat list_distinct list_extract \
    list_filter list_grade_up list_intersect list_resize list_reverse list_reverse_sort list_select \
    list_slice list_sort list_value list_where list_zip list_append list_prepend flatten list_min \
    list_max list_first list_last row struct_pack struct_extract struct_insert struct_update \
    struct_concat map map_entries map_extract map_extract_value map_from_entries map_keys map_values \
    map_concat nullif constant_or_null array_extract repeat list_transform list_reduce \
    list_aggregate generate_series range array_value union_extract union_tag union_value if \
    struct_values struct_keys replace_type list_bool_and list_bool_or";
const EXACT: &str = "count count_star count_if bool_and bool_or bit_and bit_or bit_xor \
    bitstring_agg histogram histogram_exact regr_count";
const ADDING: &str = "sum avg sum_no_overflow";
const ROUNDING: &str = "corr covar_pop covar_samp entropy favg kahan_sum kurtosis kurtosis_pop \
    product regr_avgx regr_avgy regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem \
    skewness stddev_pop stddev_samp var_pop var_samp geomean geometric_mean wavg weighted_avg";
const EXTREME: &str = "min max median quantile_cont quantile_disc mad";
const ORDER_BOUND: &str = "any_value approx_count_distinct approx_quantile approx_top_k arg_max \
    arg_max_null arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last fill first \
    first_value json_group_array json_group_object json_group_structure lag last last_value lead \
    list mode nth_value ntile reservoir_quantile row_number string_agg";
const RANK: &str = "rank dense_rank rank_dense percent_rank cume_dist";
const UNSTABLE: &str = "current_connection_id current_database current_date current_localtime \
    current_localtimestamp current_query current_query_id current_schema current_schemas \
    current_setting current_transaction_id currval error get_current_time get_current_timestamp \
    getvariable in_search_path nextval now random setseed sleep_ms stats today txid_current uuid \
    uuidv4 uuidv7 version write_log age current_user session_user user current_role \
    current_catalog current_timestamp current_time localtime localtimestamp pg_sleep ago";

/// Names that DuckDB's own list of functions calls aliases of another.
const ALIASES: &[(&str, &str)] = &[
    ("add", "+"),
    ("subtract", "-"),
    ("multiply", "*"),
    ("mod", "%"),
    ("divide", "//"),
    ("pow", "**"),
    ("power", "**"),
    ("^", "**"),
    ("abs", "@"),
    ("starts_with", "^@"),
    ("max_by", "arg_max"),
    ("argmax", "arg_max"),
    ("argmin", "arg_min"),
    ("min_by", "arg_min"),
    ("mean", "avg"),
    ("to_binary", "bin"),
    ("ceiling", "ceil"),
    ("countif", "count_if"),
    ("arbitrary", "first"),
    ("transaction_timestamp", "get_current_timestamp"),
    ("now", "get_current_timestamp"),
    ("gcd", "greatest_common_divisor"),
    ("lcm", "least_common_multiple"),
    ("to_hex", "hex"),
    ("position", "instr"),
    ("strpos", "instr"),
    ("sumkahan", "kahan_sum"),
    ("fsum", "kahan_sum"),
    ("char_length", "length"),
    ("character_length", "length"),
    ("len", "length"),
    ("array_length", "length"),
    ("editdist3", "levenshtein"),
    ("array_agg", "list"),
    ("array_aggregate", "list_aggregate"),
    ("list_aggr", "list_aggregate"),
    ("array_aggr", "list_aggregate"),
    ("aggregate", "list_aggregate"),
    ("array_concat", "list_concat"),
    ("array_cat", "list_concat"),
    ("list_cat", "list_concat"),
    ("list_has", "list_contains"),
    ("array_has", "list_contains"),
    ("array_contains", "list_contains"),
    ("array_distinct", "list_distinct"),
    ("list_element", "list_extract"),
    ("filter", "list_filter"),
    ("array_filter", "list_filter"),
    ("array_indexof", "list_position"),
    ("list_indexof", "list_position"),
    ("array_position", "list_position"),
    ("array_reduce", "list_reduce"),
    ("reduce", "list_reduce"),
    ("array_sort", "list_sort"),
    ("array_apply", "list_transform"),
    ("list_apply", "list_transform"),
    ("array_transform", "list_transform"),
    ("apply", "list_transform"),
    ("array_unique", "list_unique"),
    ("list_pack", "list_value"),
    ("array_zip", "list_zip"),
    ("lcase", "lower"),
    ("element_at", "map_extract"),
    ("quantile", "quantile_disc"),
    ("stddev", "stddev_samp"),
    ("listagg", "string_agg"),
    ("group_concat", "string_agg"),
    ("str_split", "string_split"),
    ("split", "string_split"),
    ("string_to_array", "string_split"),
    ("substr", "substring"),
    ("ends_with", "suffix"),
    ("ucase", "upper"),
    ("gen_random_uuid", "uuid"),
    ("variance", "var_samp"),
    ("datediff", "date_diff"),
    ("datepart", "date_part"),
    ("datetrunc", "date_trunc"),
];

/// Functions that have no meaning without OVER, and follow the order of rows.
pub(crate) const ONLY_WINDOWED: [&str; 7] =
    ["row_number", "ntile", "lag", "lead", "first_value", "last_value", "nth_value"];

/// Functions whose later arguments are lambdas.
pub(crate) const TAKE_LAMBDAS: [&str; 3] = ["list_transform", "list_filter", "list_reduce"];

/// The one name of a function that has several.
pub(crate) fn canonical(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name)
}

/// The lists with what is on them. Of a name on several the first counts.
const LISTS: [(&str, Nature); 10] = [
    (UNSTABLE, Nature::Unstable),
    (ORDER_BOUND, Nature::OrderBound),
    (RANK, Nature::Rank),
    (EXACT, Nature::Aggregate(Total::Exact)),
    (ADDING, Nature::Aggregate(Total::Adding)),
    (ROUNDING, Nature::Aggregate(Total::Rounding)),
    (EXTREME, Nature::Aggregate(Total::Extreme)),
    (PLAIN, Nature::Scalar(Family::Plain)),
    (NUMBER, Nature::Scalar(Family::Number)),
    (SAME, Nature::Scalar(Family::Same)),
];

/// Every name on a list.
static NATURES: LazyLock<HashMap<&str, Nature>> = LazyLock::new(|| {
    let one = |(list, nature): &(&'static str, Nature)| {
        let nature = *nature;
        list.split_whitespace().map(move |name| (name, nature))
    };
    LISTS.iter().rev().flat_map(one).collect()
});

/// What a function is, by its one name; nothing for one that was never looked at.
pub(crate) fn nature(name: &str, arguments: usize) -> Option<Nature> {
    // `age` of two times is exact; of one it asks for the day.
    if name == "age" && arguments == 2 {
        return Some(Nature::Scalar(Family::Any));
    }
    if name == "unnest" {
        return Some(Nature::SetReturning);
    }
    NATURES.get(name).copied().or_else(|| {
        let interval = name.strip_prefix("to_")?;
        let units = "days weeks hours minutes seconds months years quarters decades centuries \
                     millennia milliseconds microseconds";
        units.split_whitespace().any(|unit| unit == interval).then_some(Nature::Scalar(Family::Any))
    })
}

/// Names without parentheses that are no columns.
pub(crate) fn is_keyword(name: &str) -> bool {
    const NAMES: [&str; 15] = [
        "current_date",
        "current_timestamp",
        "current_time",
        "localtime",
        "localtimestamp",
        "user",
        "current_user",
        "session_user",
        "current_role",
        "current_schema",
        "current_catalog",
        "rowid",
        "filename",
        "file_row_number",
        "file_index",
    ];
    NAMES.iter().any(|one| one.eq_ignore_ascii_case(name))
}
