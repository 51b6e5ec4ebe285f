export const helpText = `npm run --silent event -- encode [FILE|-] [--direct]
npm run --silent event -- decode [FILE|-] [--schema FILE] [--lines]

Makes and reads what travels between the audit log and the function. --silent keeps npm's own lines out of the output.
Without FILE, or with -, standard input is read.

encode   audit lines, or SQL, to the event that the function gets: paste it into the Lambda console, or
           npm run --silent event -- encode lines.txt > event.json
           aws lambda invoke --function-name NAME --cli-binary-format raw-in-base64-out \\
             --payload file://event.json /dev/stdout
         Every line stays as it is, byte for byte. SQL becomes lines of today as RDS for MariaDB writes them; USE names
         the default database of what follows, DELIMITER works as in the client.

  --direct         the event of a log subscription without a stream, instead of a Kinesis event

decode   one JSON object per line for each record of
           - a Kinesis event or a CloudWatch Logs event, as the function gets it
           - the output of aws kinesis get-records
           - an object of a failure bucket
           - base64 text, gzip or not; gzip itself; the JSON of an envelope
           - audit lines
         with the keys time, serverHost, user, host, connectionId, queryId, operation, database, object, retcode,
         dialect, truncated and touches; what the record does not have is null. What is no audit record comes as
         {"raw", "reason"}.

  --schema FILE    SQL that makes the source's tables (mysqldump --no-data --routines --triggers). It runs on a private
                   MariaDB server, and touches are what the function would derive: rows by key or by predicate.
                   Without it the text alone tells, which is the tables that it writes. (repeatable)
  --lines          the log lines themselves, as they were before encode

Exit status: 0 done, 2 the arguments or the input cannot be used.
`;
