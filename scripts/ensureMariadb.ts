/** Installs MariaDB when it is missing: the local pipeline and the integration tests run real servers. */
import { ensureMariadb } from "../local/mariadbInstallation";

const ready = ensureMariadb((line) => {
  console.error(line);
});
process.exitCode = ready ? 0 : 2;
