/** Random statements on the tables of the superset test, most of them valid. */
export class StatementMaker {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): string {
    return this.#pick([
      () => this.#update(),
      () => this.#delete(),
      () => this.#insertItems(),
      () => this.#insertPairs(),
      () => this.#other(),
    ])();
  }

  /** mulberry32 */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error("nothing to pick from");
    return choice;
  }

  #number(): string {
    return this.#pick([
      "0",
      "1",
      "2",
      "3",
      "-1",
      "01",
      "1.5",
      "1e0",
      "'1'",
      "' 2'",
      "NULL",
      "0x31",
      "TRUE",
      "99999999999",
    ]);
  }

  #text(): string {
    return this.#pick([
      "'a'",
      "'A'",
      "'b '",
      "'d'",
      "'1'",
      "''",
      "'x' '1'",
      "N'c'",
      "_utf8mb4'a'",
      "X'61'",
      "1",
      "NULL",
      "'toolongtext'",
    ]);
  }

  #time(): string {
    return this.#pick([
      "'2024-01-03 00:00:00'",
      "'2024-01-02'",
      "NOW()",
      "NOW() - INTERVAL 30 DAY",
      "20240103",
      "CURDATE()",
    ]);
  }

  #condition(table: string, depth = 0): string {
    const numeric = table === "items" ? ["id", "n", "price", "items.n"] : ["k", "n", "twice", "pairs.k"];
    const textual = table === "items" ? ["code", "label"] : ["name", "label"];
    const leaf = this.#pick([
      () => `${this.#pick(numeric)} ${this.#comparison()} ${this.#number()}`,
      () => `${this.#pick(textual)} ${this.#comparison()} ${this.#text()}`,
      () => `${this.#pick(numeric)} + 1 ${this.#comparison()} ${this.#number()} * 2`,
      () => `${this.#pick(numeric)} ${this.#pick(["", "NOT "])}IN (${this.#number()}, ${this.#number()})`,
      () => `${this.#pick(textual)} ${this.#pick(["", "NOT "])}IN (${this.#text()}, ${this.#text()})`,
      () => `${this.#pick(numeric)} ${this.#pick(["", "NOT "])}BETWEEN ${this.#number()} AND ${this.#number()}`,
      () => `${this.#pick(textual)} ${this.#pick(["", "NOT "])}LIKE ${this.#pick(["'a%'", "'_'", "'%1'", "'x\\_'"])}`,
      () => `${this.#pick([...numeric, ...textual])} IS ${this.#pick(["", "NOT "])}NULL`,
      () => `LOWER(${this.#pick(textual)}) = ${this.#text()}`,
      () => `COALESCE(${this.#pick(numeric)}, 0) > ${this.#number()}`,
      () => this.#pick(numeric),
      () =>
        table === "items"
          ? `${this.#pick(["made", "seen"])} ${this.#comparison()} ${this.#time()}`
          : "(k, name) = (1, 'A')",
      () => "EXISTS (SELECT 1)",
      () => `(SELECT MAX(n) FROM pairs) > ${this.#number()}`,
    ])();
    if (depth > 2 || this.#random() < 0.4) return leaf;
    return this.#pick([
      () => `NOT (${this.#condition(table, depth + 1)})`,
      () => `!(${this.#condition(table, depth + 1)})`,
      () => `(${leaf} AND ${this.#condition(table, depth + 1)})`,
      () => `${leaf} OR ${this.#condition(table, depth + 1)}`,
      () => `${leaf} XOR ${this.#condition(table, depth + 1)}`,
      () => `NOT ${leaf} && ${this.#condition(table, depth + 1)}`,
    ])();
  }

  #comparison(): string {
    return this.#pick(["=", "=", "<=>", "<>", "!=", "<", "<=", ">", ">="]);
  }

  #tail(): string {
    return this.#pick(["", "", "", " LIMIT 1", " ORDER BY n LIMIT 2"]);
  }

  #update(): string {
    const table = this.#pick(["items", "pairs"]);
    const key = table === "items" ? "id" : "k";
    const set = this.#pick([
      `n = ${this.#number()}`,
      "n = n + 10",
      `label = ${this.#text()}`,
      `${key} = ${this.#pick(["50", "'60'", `${key} + 100`, key])}`,
      table === "pairs" ? `name = ${this.#text()}, k = 7` : `code = ${this.#text()}, price = 1.005`,
    ]);
    return `UPDATE ${this.#pick(["", "IGNORE "])}${table} SET ${set} WHERE ${this.#condition(table)}${this.#tail()}`;
  }

  #delete(): string {
    const table = this.#pick(["items", "pairs"]);
    return `DELETE FROM ${table} WHERE ${this.#condition(table)}${this.#tail()}`;
  }

  #insertItems(): string {
    const verb = this.#pick(["INSERT", "INSERT IGNORE", "REPLACE"]);
    const row = (): string =>
      `(${this.#pick(["DEFAULT", "NULL", this.#number()])}, ${this.#text()}, ${this.#number()}, ${this.#text()})`;
    const values = this.#pick([
      `(id, code, n, label) VALUES ${row()}`,
      `(id, code, n, label) VALUES ${row()}, ${row()}`,
      `(code, n) VALUES (${this.#text()}, ${this.#number()})`,
      `SET code = ${this.#text()}, n = ${this.#number()}`,
      `(code) SELECT label FROM pairs`,
      `(id, code) SELECT 1, 'q'`,
    ]);
    const update = this.#pick([
      "",
      ` ON DUPLICATE KEY UPDATE ${this.#pick(["n = n + 20", "price = 9", "id = LAST_INSERT_ID(id), price = 7", "id = 77"])}`,
    ]);
    return `${verb} INTO items ${values}${verb === "REPLACE" ? "" : update}`;
  }

  #insertPairs(): string {
    const verb = this.#pick(["INSERT IGNORE", "REPLACE", "INSERT"]);
    const values = this.#pick([
      `(k, name, n) VALUES (${this.#number()}, ${this.#text()}, ${this.#number()})`,
      `VALUES (${this.#number()}, ${this.#text()}, 1, 'l', DEFAULT)`,
      `SET k = ${this.#number()}, name = ${this.#text()}`,
    ]);
    const update = verb === "INSERT" ? " ON DUPLICATE KEY UPDATE n = 5, label = VALUES(label)" : "";
    return `${verb} INTO pairs ${values}${update}`;
  }

  #other(): string {
    return this.#pick([
      `UPDATE items i JOIN pairs p ON p.n = i.n SET i.price = 3, p.label = 'j' WHERE i.id > ${this.#number()}`,
      `UPDATE items, pairs SET items.label = 'k' WHERE items.n = pairs.n AND pairs.k = ${this.#number()}`,
      `DELETE i FROM items i LEFT JOIN pairs p ON p.n = i.n WHERE p.k IS NULL`,
      `DELETE FROM i, p USING items i JOIN pairs p ON p.n = i.n WHERE i.n = ${this.#number()}`,
      `SET STATEMENT sort_buffer_size = 100000 FOR UPDATE items SET price = 4 WHERE id = ${this.#number()}`,
      `BEGIN NOT ATOMIC UPDATE items SET price = 5 WHERE id = 1; DELETE FROM pairs WHERE k = 2; END`,
      `/* hint */ UPDATE /*! IGNORE */ items SET price = 6 WHERE id = ${this.#number()} -- done`,
      "EXECUTE IMMEDIATE 'DELETE FROM pairs'",
    ]);
  }
}
