/**
 * Which lines of the audit log are delivered. A line is one record whose seventh field names its operation, and the
 * operations that the plugins write are a closed list: QUERY; CONNECT, DISCONNECT, FAILED_CONNECT, CHANGEUSER, CHANGE_USER,
 * PROXY_CONNECT; and for tables READ, WRITE, CREATE, ALTER, RENAME, DROP.
 *
 * Terms of a filter pattern match anywhere in a line, so a term that excludes (`-",READ,"`) would also drop an UPDATE whose
 * text contains it. Hence the other way round: a line is delivered when it contains any of the names below, each of
 * which stands in every record of its operation, in capitals and whatever the statement looks like, because the plugin
 * and not the client writes it. What is dropped contains none of them, so it is the READ of a table or the coming and
 * going of a connection, and neither changes a row. A READ of a table called QUERIES_DROP passes; that costs a few bytes.
 *
 * SELECT is not dropped: a function that it calls may write, and its text is the only trace of that on RDS for MySQL.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
const terms = [
  "QUERY", // every statement: DML in any spelling, DDL, CALL, DO, SET, SELECT, XA, the end of a transaction
  "WRITE", // TABLE event: a table was written, maybe by a trigger or routine behind the statement
  "CREATE", // TABLE event: a table was made
  "ALTER", // TABLE event: its definition changed
  "RENAME", // TABLE event: another table has its name now
  "DROP", // TABLE event: its rows are gone
] as const;

/** `?A ?B` matches a line that contains A or B. */
export const changesFilterPattern = terms.map((term) => `?${term}`).join(" ");
