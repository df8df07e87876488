import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "pulumi-nspawn";

const config = new pulumi.Config();
const publicKey = readFileSync(config.get("publicKeyFile") ?? join(homedir(), ".ssh", "id_ed25519.pub"), "utf8");

const host = new nspawn.Host("server", { connection: config.require("host"), install: true });

const box = new nspawn.DevBox("mybox", {
  host,
  suite: "trixie",
  user: { name: "dev", authorizedKeys: [publicKey.trim()] },
  packages: ["git", "vim-tiny"],
  hooks: { postCreate: "git init -q project" },
  ports: [{ host: 8080, guest: 8080, label: "web" }],
  limits: { memory: "2GiB" },
});

export const sshConfig = box.sshConfig;
export const knownHosts = box.knownHosts;
export const address = box.address;
