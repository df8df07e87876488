import type { MacAlgorithm } from "ssh2";

/** OpenSSH's own, in its order. ssh2 would also offer two with SHA-1. */
export const MACS: MacAlgorithm[] = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
];
