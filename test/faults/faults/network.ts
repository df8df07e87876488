import { setTimeout as pause } from "node:timers/promises";
import { moments } from "../cell";
import type { Fault } from "./fault";

const CUT_MS = 5000;

export const cut: Fault = {
  name: "cut",
  title: "the connection is reset, and every new one too",
  moments,
  held: "drop",
  inject: async ({ ground }) => ground.proxy.refuse(),
  heal: async ({ ground }) => ground.proxy.resume(),
};

export const cutShortly: Fault = {
  name: "cut-5s",
  title: "for five seconds, the connection is reset, and every new one too",
  moments,
  held: "drop",
  inject: async ({ ground }) => {
    ground.proxy.refuse();
    void pause(CUT_MS).then(() => ground.proxy.resume());
  },
  heal: async () => {
    await pause(CUT_MS);
  },
};

export const stall: Fault = {
  name: "stall",
  title: "nothing gets through any more, and nothing is reset",
  moments,
  held: "drop",
  inject: async ({ ground }) => ground.proxy.stall(),
  heal: async ({ ground }) => {
    ground.proxy.cut();
    ground.proxy.resume();
  },
};
