/** Reads the data types of RFC 4251 from a buffer; reading past its end throws a RangeError. */
export class WireReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  get position(): number {
    return this.at;
  }

  byte(): number {
    const value = this.buffer.readUInt8(this.at);
    this.at += 1;
    return value;
  }

  uint32(): number {
    const value = this.buffer.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.buffer.readBigUInt64BE(this.at);
    this.at += 8;
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    if (this.at + length > this.buffer.length) throw new RangeError("a string is longer than the data that holds it");
    const value = this.buffer.subarray(this.at, this.at + length);
    this.at += length;
    return value;
  }

  text(): string {
    return this.string().toString("utf8");
  }

  /** All remaining strings, one after the other. */
  strings(): Buffer[] {
    const items: Buffer[] = [];
    while (this.at < this.buffer.length) items.push(this.string());
    return items;
  }
}

/** A string of RFC 4251: its length, then its bytes. */
export function wireString(value: Buffer | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
