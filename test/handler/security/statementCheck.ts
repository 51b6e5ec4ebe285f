/**
 * What may stand in a statement of the sync's sessions, word by word. A reader of its own, as the server reads: backslash
 * escapes, no ANSI quotes. Literals may hold anything; every name, word and sign outside them is on a list.
 */
export interface Vocabulary {
  /** Quoted names: databases, tables and columns of routes, the state's tables. */
  readonly names: ReadonlySet<string>;
}

const words = new Set(
  `select from where and or not in between like is null true false escape limit order by asc desc as on for update
   insert ignore into values duplicate key delete replace set start transaction with consistent snapshot commit rollback
   savepoint to session isolation level read committed repeatable union all case when then else end create database if
   not exists table interval second cast char unsigned signed binary using distinct group having div do join cross left
   inner regexp straight_join force index primary collate`.split(/\s+/u),
);

/** Functions of statements on routed tables: of comparisons, and those that predicates may hold (handler/touch/functions.ts). */
const functions = new Set(
  `count sum coalesce bit_xor cast conv left right md5 concat octet_length min max lower upper lcase ucase trim round mod date
   json_extract json_unquote ltrim rtrim substring substr mid length char_length character_length abs floor ceil ceiling sign
   greatest least ifnull nullif year month day dayofmonth dayofyear dayofweek weekday quarter hour minute second`.split(
    /\s+/u,
  ),
);

/** Functions of statements that name no routed table. */
const ownFunctions = new Set(
  "count coalesce concat get_lock release_lock now min max timestampdiff unix_timestamp utc_timestamp sysdate".split(
    " ",
  ),
);

/** Metadata and columns of the state that statements which name no routed table read and write without quotes. */
const ownWords = new Set(
  `sql_mode touches action_statement action_timing again attempts auto_increment character_maximum_length character_set_name chunk
   code collation_name column_name column_type columns confirmed_at connection_id constraint_name
   constraint_schema created_at d data_type datetime_precision delete_rule digest engine event_definition
   event_manipulation event_name event_object_schema event_object_table event_schema events extra
   generation_expression global id index_name information_schema innodb_trx is_nullable k key_column_usage kind
   name non_unique numeric_precision numeric_scale offset ordinal_position parameter_name parameters payload
   position r reason referenced_column_name referenced_table_name referenced_table_schema referential_constraints
   refresh route routine_definition routine_name routine_schema routines rows_done rows_total seq_in_index
   sequence_number show specific_name specific_schema state statistics status sub_part table_name table_rows
   table_schema table_type tables transaction_id trigger_name trigger_schema triggers trx_id trx_mysql_thread_id
   trx_query update_rule updated_at value variables view_definition views watched work`.split(/\s+/u),
);

/** Names without quotes in statements on routed tables. */
const aliases = new Set(["d", "bytes", "chunk", "offset"]);

const introducers = /^_(?:utf8mb4|utf8mb3|utf8|latin1|binary|ascii|ucs2|utf16|utf16le|utf32|gbk|sjis|cp932|big5)$/u;
const systemVariables = /^@@(?:global\.|session\.)?[a-z_]+$/u;

const token =
  /(?<space>\s+)|(?<string>'(?:[^'\\]|\\.|'')*')|`(?<name>(?:[^`]|``)*)`|(?<variable>@[@\w.]*)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?<word>[A-Za-z_][\w$]*)|(?<comment>\/\*.*?\*\/)|(?<sign><=>|<=|>=|<>|[-+*%=<>(),.])|(?<other>.)/gsu;

/** What is not on the lists; empty: the statement is one of the sync's. */
export function strangeParts(statement: string, { names }: Vocabulary, seen?: Map<string, string>): readonly string[] {
  const strange: string[] = [];
  const note = (what: string): void => {
    strange.push(what);
    seen?.set(what, statement.slice(0, 300));
  };
  const routed = statement.includes("`shop`.");
  for (const match of statement.matchAll(token)) {
    const { name, variable, word, comment, other } = match.groups ?? {};
    const next = statement[match.index + match[0].length];
    if (name !== undefined && !names.has(name.replaceAll("``", "`"))) note(`name ${name}`);
    if (variable !== undefined && (routed || !systemVariables.test(variable))) note(`variable ${variable}`);
    if (comment !== undefined && !ownComment.test(comment)) note(`comment ${comment}`);
    if (other !== undefined) note(`sign ${other}`);
    if (word === undefined) continue;
    const lower = word.toLowerCase();
    if (next === "'" ? introducers.test(lower) || lower === "x" : known(lower, next === "(", !routed)) continue;
    note(next === "(" ? `call ${lower}` : `word ${lower}`);
  }
  return strange;
}

const ownComment =
  /^\/\*(?: [0-9a-f-]{36} |M!100300 , in_predicate_conversion_threshold = 0 |!80000 , information_schema_stats_expiry = 0 )\*\/$/u;

function known(word: string, called: boolean, own: boolean): boolean {
  if (words.has(word)) return true;
  if (own) return (called ? ownFunctions : ownWords).has(word);
  return (called ? functions : aliases).has(word);
}
