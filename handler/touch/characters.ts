/** Classes of characters as the lexers of MySQL and MariaDB see them. */

const spaceBit = 1;
const digitBit = 2;
const wordBit = 4;
const hexBit = 8;
const classes = new Uint8Array(128);

function classify(characters: string, bits: number): void {
  for (let index = 0; index < characters.length; index++) {
    const code = characters.charCodeAt(index);
    classes[code] = (classes[code] ?? 0) | bits;
  }
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
classify(" \t\n\v\f\r", spaceBit);
classify(digits, digitBit | wordBit | hexBit);
classify(`${letters}${letters.toUpperCase()}_$`, wordBit);
classify("abcdefABCDEF", hexBit);

export function isSpace(code: number): boolean {
  return code < 128 && ((classes[code] ?? 0) & spaceBit) !== 0;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isHexDigit(code: number): boolean {
  return code < 128 && ((classes[code] ?? 0) & hexBit) !== 0;
}

/** Every character outside ASCII may stand in an unquoted name. */
export function isWordCharacter(code: number): boolean {
  return code >= 128 || ((classes[code] ?? 0) & wordBit) !== 0;
}

/** What a decoder puts for bytes that are no UTF-8: the real text is not known. */
export const replacementCharacter = "\ufffd";

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}
