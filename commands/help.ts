export const helpText = `npm run sync -- VERB [options] (--stack S | --function NAME | --local)

  status                 how every target stands: routes, background work, heartbeat, what is set aside
  backfill               compare whole tables and copy what differs
  verify                 compare without changing anything, wait for changes in flight, report what differs
  repair                 refresh exactly the rows that the last verification found
  pending                what waits for open transactions of the source
  dead                   what the targets refused, with the reason
  dead drop ID.. | --all     forget entries
  redrive [ID..]         try entries again, all of them by default
  replay                 hand in again what Lambda gave up on, from the failure bucket

Where:
  --stack S              a deployed stack; its functions are found in its outputs (needs the pulumi command)
  --function NAME        one deployed function, by name or ARN; for replay with --failure-bucket NAME
  --local                a running npm run local -- --watch; with several, --workspace PATH says which
  --region R             AWS region. Default: the stack's, or the one of your AWS configuration

What:
  --target T             one target. Default: all of the stack
  --table T              one table, as database.table of the source or of the target
  --no-wait              ask for a backfill, verify or repair and do not wait for its end
  --timeout S            seconds to wait at most. Default: no limit
  --json                 one JSON object on standard output and nothing else there
  -h, --help             this text

Exit status: 0 fine; 1 rows differ, something is set aside or stopped, or the work is not done; 2 the arguments cannot be
used or nothing can be reached with them.
`;
