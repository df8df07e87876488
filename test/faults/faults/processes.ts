import { setTimeout as pause } from "node:timers/promises";
import { moments } from "../cell";
import type { Fault } from "./fault";

export const killProvider: Fault = {
  name: "kill-provider",
  title: "SIGKILL of the provider process",
  moments,
  held: "drop",
  silences: true,
  inject: ({ run }) => run.killProvider(),
};

export const killCli: Fault = {
  name: "kill-cli",
  title: "SIGKILL of the CLI",
  moments,
  held: "run",
  silences: true,
  leavesLock: true,
  inject: async ({ run }) => run.kill(),
};

export const interrupt: Fault = {
  name: "interrupt",
  title: "^C",
  moments,
  held: "run",
  silences: true,
  inject: async ({ run }) => {
    run.interrupt();
    await pause(200);
  },
};

export const interruptTwice: Fault = {
  name: "interrupt-twice",
  title: "^C, and again",
  moments,
  held: "run",
  silences: true,
  inject: async ({ run }) => {
    run.interrupt();
    await pause(500);
    run.interrupt();
    await pause(200);
  },
};
