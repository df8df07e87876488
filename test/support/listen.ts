import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** Lets a server listen on a free port, and returns where; rejects if it cannot. */
export async function listen(server: Server, host = "127.0.0.1"): Promise<AddressInfo> {
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a TCP port");
  return address;
}
