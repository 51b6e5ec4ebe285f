export const helpText = `npm run local -- [options]

Runs the whole path on this machine: a MariaDB source with its audit log, a Kinesis stream, the function as it is
deployed, and a MariaDB server for each target. Without options: a demonstration with a shop and two subsystems.

  --schema FILE          SQL applied to the source and to every target before the start, instead of the demonstration's
                         (repeatable). Triggers and events stay at the source only: a target is a copy.
  --workload FILE        SQL applied to the source once the pipeline runs, as mariadb --force would; each file on a
                         connection of its own, all at the same time (repeatable)
  --routes FILE          what the targets follow, YAML or JSON, as in a stack file. Without it, and with --schema, one
                         target follows every table of every database.
  --server-option K=V    an option of the source server, e.g. server-audit-query-log-limit=200 (repeatable)
  --dialect NAME         ship the log as this engine writes it: mariadb (default), aurora or rds-mysql
  --chaos SEED           deliver records twice, late and shuffled, kill the function, restart the target's server; the
                         same seed makes the same decisions
  --settle-timeout S     seconds to wait for the targets after the last workload has ended (default: 60)
  --json                 one JSON object on standard output and nothing else there
  --watch                stay up after the workload and follow what is typed at the source; Ctrl-C compares
  --web                  the same with a page for the browser: type SQL there and see it travel. It is served on
                         127.0.0.1 only, at the address that is printed.
  --keep                 keep the servers' data directories and say where they are
  -h, --help             this text

Exit status: 0 all tables are equal, 1 they are not or the pipeline did not drain, 2 the arguments cannot be used or a
part is missing.
`;
