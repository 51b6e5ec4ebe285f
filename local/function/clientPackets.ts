/** Cuts what a MySQL client sends into packets: three bytes of length, one of sequence, then the payload. */
const headerBytes = 4;
const comQuery = 0x03;
/** Enough of a statement to know it by. */
const commandBytes = 64;

export interface ClientPacket {
  readonly bytes: Buffer;
  /** The beginning of the statement; `undefined`: the packet is not the first of a COM_QUERY. */
  readonly command: string | undefined;
}

export class ClientPackets {
  #rest = Buffer.alloc(0);

  /** The packets that are complete now. */
  add(bytes: Buffer): readonly ClientPacket[] {
    const packets: ClientPacket[] = [];
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readUIntLE(0, 3);
      if (rest.length < end) break;
      packets.push(toPacket(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
    this.#rest = Buffer.from(rest);
    return packets;
  }
}

/** Commands begin a new sequence; the packets of a handshake and the rest of a long statement do not. */
function toPacket(bytes: Buffer): ClientPacket {
  const isQuery = bytes[3] === 0 && bytes[headerBytes] === comQuery;
  const command = isQuery
    ? bytes.toString("latin1", headerBytes + 1, headerBytes + 1 + commandBytes).trimStart()
    : undefined;
  return { bytes, command };
}
