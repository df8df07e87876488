import { createECDH, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { type Certificate, readCertificate } from "../keys/certificate";
import { publicKeyOf } from "../keys/public-key";
import { WireReader, wireString, wireUint32 } from "../keys/wire";
import { MACS } from "./macs";

// ssh2 cannot negotiate host certificates. A certificate is a public statement, so it does not matter how we get it:
// this code asks for it as ssh-keyscan -c does, with the unencrypted part of a key exchange, and the login that follows
// demands the very key that it certifies.

const DISCONNECT = 1;
const KEXINIT = 20;
const ECDH_INIT = 30;
const ECDH_REPLY = 31;
const COOKIE = 16; // bytes in front of the lists of KEXINIT

const EXCHANGES = ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"];
const CERTIFICATES = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
].map((name) => `${name}-cert-v01@openssh.com`);
const CIPHERS = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes256-ctr",
];

/** Asks a host for its certificate; `undefined` if it has none. The stream cannot be used afterwards. */
export function probeCertificate(stream: Duplex): Promise<Certificate | undefined> {
  return new Promise((resolve, reject) => {
    const conversation = new Conversation(stream, resolve);
    stream.on("data", (chunk: Buffer) => {
      try {
        conversation.receive(chunk);
      } catch (error) {
        reject(error);
      }
    });
    stream.on("error", reject);
    for (const event of ["end", "close"])
      stream.on(event, () => reject(new Error("the connection was closed before the key exchange")));
    stream.resume();
    stream.write("SSH-2.0-pulumi_nspawn\r\n");
  });
}

class Conversation {
  private pending = Buffer.alloc(0);
  private greeted = false;

  constructor(
    private readonly stream: Duplex,
    private readonly finish: (certificate: Certificate | undefined) => void,
  ) {}

  receive(chunk: Buffer): void {
    this.pending = Buffer.concat([this.pending, chunk]);
    while (!this.greeted && this.pending.includes("\n")) this.readGreeting();
    while (this.greeted && this.pending.length >= 4 && this.pending.length >= 4 + this.pending.readUInt32BE(0))
      this.readPacket();
  }

  private readGreeting(): void {
    const end = this.pending.indexOf("\n") + 1;
    const line = this.pending.toString("latin1", 0, end);
    this.pending = this.pending.subarray(end);
    if (!line.startsWith("SSH-")) return;
    this.greeted = true;
    this.stream.write(packet(keyExchangeInit()));
  }

  private answer(serverInit: Buffer): void {
    const lists = new WireReader(serverInit.subarray(1 + COOKIE));
    const exchanges = lists.text().split(",");
    const hostKeys = lists.text().split(",");
    const exchange = EXCHANGES.find((name) => exchanges.includes(name));
    if (CERTIFICATES.some((name) => hostKeys.includes(name))) {
      this.stream.write(packet(Buffer.concat([Buffer.from([ECDH_INIT]), wireString(ephemeralKey(exchange))])));
    } else this.finish(undefined);
  }

  private readPacket(): void {
    const length = this.pending.readUInt32BE(0);
    const payload = this.pending.subarray(5, 4 + length - this.pending.readUInt8(4));
    this.pending = this.pending.subarray(4 + length);
    const reader = new WireReader(payload);
    switch (reader.byte()) {
      case KEXINIT:
        this.answer(payload);
        break;
      case ECDH_REPLY: {
        const key = publicKeyOf(reader.string());
        this.finish(key && readCertificate(key));
        break;
      }
      case DISCONNECT:
        this.finish(undefined);
        break;
    }
  }
}

function keyExchangeInit(): Buffer {
  const lists = [EXCHANGES, CERTIFICATES, CIPHERS, CIPHERS, MACS, MACS, ["none"], ["none"], [], []];
  const names = lists.map((list) => wireString(list.join(",")));
  return Buffer.concat([Buffer.from([KEXINIT]), randomBytes(COOKIE), ...names, Buffer.from([0]), wireUint32(0)]);
}

/** A key for the exchange that both sides will choose. It is never used: the exchange ends with the host's answer. */
function ephemeralKey(exchange: string | undefined): Buffer {
  return exchange === "ecdh-sha2-nistp256" ? createECDH("prime256v1").generateKeys() : randomBytes(32);
}

/** A packet of RFC 4253, section 6, before any encryption. */
function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  const head = Buffer.concat([wireUint32(1 + payload.length + padding), Buffer.from([padding])]);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}
