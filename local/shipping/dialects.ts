import { type Random } from "../random";
import { auroraDialect } from "./aurora";
import { type Dialect, type DialectName, mariadbDialect } from "./dialect";
import { RdsMysqlDialect } from "./rdsMysql";

export function makeDialect(name: DialectName, random: Random): Dialect {
  switch (name) {
    case "mariadb":
      return mariadbDialect();
    case "aurora":
      return auroraDialect(random);
    case "rds-mysql":
      return new RdsMysqlDialect();
  }
}
