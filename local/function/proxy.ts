import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { ClientPackets } from "./clientPackets";

/** What becomes of a packet that a client sent to its database. */
export type PacketFate =
  | { readonly kind: "forward" }
  /** The connection breaks before the packet reaches the server. */
  | { readonly kind: "cut" }
  /** The packet reaches the server, but the connection breaks when it answers. */
  | { readonly kind: "swallowAnswer"; readonly whenSwallowed: () => void };

export const forward: PacketFate = { kind: "forward" };

export interface Proxy {
  readonly port: number;
  close(): void;
}

/**
 * Stands between a function and a database and lets `decide` see each command that passes, given its text. The client's
 * bytes are passed on packet by packet, the server's as they come.
 */
export async function startProxy(upstreamPort: number, decide: (command: string) => PacketFate): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => sockets.delete(socket));
    }
    join(client, upstream, decide);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function join(client: Socket, upstream: Socket, decide: (command: string) => PacketFate): void {
  const end = (): void => {
    client.destroy();
    upstream.destroy();
  };
  // An error is followed by `close`, and either side's end is the other's.
  for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
  const packets = new ClientPackets();
  let whenSwallowed: (() => void) | undefined;
  client.on("data", (bytes) => {
    for (const packet of packets.add(bytes)) {
      const fate = packet.command === undefined ? forward : decide(packet.command);
      if (fate.kind === "cut") {
        end();
        return;
      }
      if (fate.kind === "swallowAnswer") ({ whenSwallowed } = fate);
      upstream.write(packet.bytes);
    }
  });
  upstream.on("data", (bytes) => {
    if (whenSwallowed === undefined) {
      client.write(bytes);
    } else {
      whenSwallowed();
      end();
    }
  });
}
