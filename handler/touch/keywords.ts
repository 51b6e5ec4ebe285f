/**
 * The words that the reader knows, each with a small number, so that a statement is read by comparing numbers. Words are
 * found by a hash that the tokenizer computes while it passes over them: no string is made for a word.
 */

/** Words of the statements' grammar. */
const syntaxWords = [
  "select insert replace update delete with values value set into from where order group by having limit offset join",
  "inner outer left right cross straight_join natural on using as and or xor not in is null true false unknown like",
  "between regexp rlike sounds member escape div mod exists case when then else end if elseif while repeat loop until",
  "begin atomic declare do call leave iterate return open close fetch handler cursor for each row rows table tables",
  "low_priority high_priority delayed quick ignore partition duplicate key default returning union except intersect",
  "minus distinct distinctrow all any some interval binary collate row_count lock unlock load data xml infile local",
  "import truncate create alter drop rename database schema trigger procedure function event view nextval setval",
  "index unique fulltext spatial temporary sequence server user role tablespace undo logfile history password option",
  "system_time portion of to explain describe desc analyze format extended partitions statement prepare execute",
  "immediate deallocate start transaction commit rollback savepoint release xa use show flush reset purge change",
  "optimize check checksum repair cache grant revoke kill help binlog shutdown restart clone install uninstall",
  "signal resignal get diagnostics exchange add modify column columns constraint primary references foreign first",
  "after force over window asc desc match against separator lateral json_table path empty error both leading trailing",
  "definer no_write_to_binlog online offline algorithm aggregate global session persist persist_only reverse",
  "exit continue sqlexception sqlwarning found condition concurrent convert precedes follows external language",
  "instance resource package body next previous read no wait nowait skip locked share connection recursive",
].join(" ");

/** Reserved words and built-in functions that have a `(` behind them in statements that call nothing. */
const openingWords =
  "select insert replace values into from where by having limit join on using as and or xor not in like between regexp " +
  "rlike escape div mod exists case when then else if key index partition union except intersect all any some interval " +
  "binary default row database schema user left right truncate repeat distinct match against over unique primary " +
  "references check with table lateral json_table columns of convert offset ignore use force returning";

/** Units of INTERVAL. */
const unitWords =
  "microsecond second minute hour day week month quarter year second_microsecond minute_microsecond minute_second " +
  "hour_microsecond hour_second hour_minute day_microsecond day_second day_minute day_hour year_month";

/** Built-in functions of every supported server that change nothing. A stored function cannot hide them. */
const builtInWords = [
  "abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg benchmark bin bit_and bit_count bit_length",
  "bit_or bit_xor cast ceil ceiling char char_length character_length charset coalesce coercibility collation compress",
  "concat concat_ws connection_id conv convert_tz cos cot count crc32 curdate current_date current_time",
  "current_timestamp current_user curtime date date_add date_format date_sub datediff dayname dayofmonth dayofweek",
  "dayofyear degrees elt exp export_set extract extractvalue field find_in_set floor format_bytes found_rows",
  "from_days from_unixtime get_format get_lock greatest group_concat hex ifnull inet_aton inet_ntoa inet6_aton",
  "inet6_ntoa instr is_free_lock is_used_lock isnull json_array json_array_append json_array_insert json_contains",
  "json_contains_path json_depth json_extract json_insert json_keys json_length json_merge json_merge_patch",
  "json_merge_preserve json_object json_objectagg json_arrayagg json_quote json_remove json_replace json_search json_set",
  "json_type json_unquote json_valid json_value json_exists lag last_day last_insert_id last_value lcase lead least",
  "length ln load_file localtime localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime max",
  "md5 mid min monthname name_const now nth_value ntile nullif oct octet_length ord percent_rank period_add period_diff",
  "pi position pow power quote radians rand random_bytes rank dense_rank cume_dist row_number first_value",
  "regexp_instr regexp_replace regexp_substr release_lock round rpad rtrim sec_to_time session_user sha",
  "sha1 sha2 sign sin sleep soundex space sqrt std stddev stddev_pop stddev_samp str_to_date strcmp subdate substr",
  "substring substring_index subtime sum sysdate system_user tan time time_format time_to_sec timediff timestamp",
  "timestampadd timestampdiff to_base64 from_base64 to_days to_seconds trim ucase uncompress uncompressed_length unhex",
  "unix_timestamp updatexml upper utc_date utc_time utc_timestamp uuid uuid_short var_pop var_samp variance version",
  "weekday weekofyear weight_string yearweek point linestring polygon st_geomfromtext st_geomfromwkb st_pointfromtext",
  "st_astext st_asbinary st_x st_y st_distance st_contains st_within st_intersects st_srid mbrcontains any_value",
  "grouping uuid_to_bin bin_to_uuid is_uuid json_overlaps",
].join(" ");

/** Types, as in CAST(a AS DECIMAL(10, 2)) or in the column list of JSON_TABLE. */
const typeWords =
  "int integer tinyint smallint mediumint bigint unsigned signed decimal numeric dec fixed float double real precision " +
  "character varchar varbinary nchar nvarchar datetime bit json text blob enum geometry boolean bool";

const words = [...new Set(`${syntaxWords} ${openingWords} ${unitWords} ${builtInWords} ${typeWords}`.split(" "))];

const idByWord = new Map(words.map((word, index) => [word, index + 1]));

/** The number of a word (0 is no word of ours); a misspelt one is a programming error. */
export function keyword(word: string): number {
  const id = idByWord.get(word);
  if (id === undefined) throw new Error(`${word} is not in the list of words`);
  return id;
}

export function keywords(list: string): ReadonlySet<number> {
  return new Set(list.split(" ").map(keyword));
}

const pureBeforeParenthesis = new Uint8Array(words.length + 1);
for (const word of `${openingWords} ${builtInWords} ${typeWords}`.split(" ")) pureBeforeParenthesis[keyword(word)] = 1;

/** `word (` runs nothing that changes rows: a reserved word, a type or a built-in function. */
export function isPureBeforeParenthesis(id: number): boolean {
  return pureBeforeParenthesis[id] === 1;
}

const builtIn = new Uint8Array(words.length + 1);
for (const word of builtInWords.split(" ")) if (!openingWords.split(" ").includes(word)) builtIn[keyword(word)] = 1;

/** A built-in function whose name is no reserved word. */
export function isBuiltIn(id: number): boolean {
  return builtIn[id] === 1;
}

/** Hash table by open addressing; 4096 slots for some 600 words keep the chains short. */
const slots = new Uint16Array(4096);
const slotMask = slots.length - 1;

/** One step of the hash, over ASCII characters with the letter-case bit set. */
export function hashStep(hash: number, code: number): number {
  return (Math.imul(hash, 31) + (code | 0x20)) | 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 12)) & slotMask;
}

for (const [word, id] of idByWord) {
  let hash = 0;
  for (let index = 0; index < word.length; index++) hash = hashStep(hash, word.charCodeAt(index));
  let slot = slotOf(hash);
  while (slots[slot] !== 0) slot = (slot + 1) & slotMask;
  slots[slot] = id;
}

/** The number of the word in `text` from `start` to `end`, whose hash is given; 0 when it is none of ours. */
export function findKeyword(text: string, start: number, end: number, hash: number): number {
  for (let slot = slotOf(hash); ; slot = (slot + 1) & slotMask) {
    const id = slots[slot] ?? 0;
    if (id === 0) return 0;
    const word = words[id - 1] ?? "";
    if (word.length === end - start && sameWord(text, start, word)) return id;
  }
}

/** Words consist of letters, digits, `_` and `$`, which stay distinct under the letter-case bit. */
function sameWord(text: string, start: number, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if ((text.charCodeAt(start + index) | 0x20) !== (word.charCodeAt(index) | 0x20)) return false;
  }
  return true;
}
