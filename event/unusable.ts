/** The arguments or the input cannot be used. The message says what is wrong, where, and what to do next. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}
