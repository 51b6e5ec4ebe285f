/** Whether the text is a range such as `10.80.0.0/16`, written from its first address, with a prefix within the bounds. */
export function isIpv4Range(text: string, shortestPrefix: number, longestPrefix: number): boolean {
  const [, address = "", length = ""] = /^((?:\d{1,3}\.){3}\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const octets = address.split(".").map(Number);
  const prefix = Number(length);
  if (length === "" || octets.some((octet) => octet > 255)) return false;
  if (prefix < shortestPrefix || prefix > longestPrefix) return false;
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  // AWS takes 10.80.0.1/16 too, but keeps 10.80.0.0/16, so that every preview would show a difference.
  return value % 2 ** (32 - prefix) === 0;
}
