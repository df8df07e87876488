import { z } from "zod";
import { effect, type ResourceDefinition, UNKNOWN } from "../../../provider/dynamic";
import { checkWithAdoption } from "../../../provider/dynamic/adoption";

const inputs = z.object({
  host: effect("state", z.string()),
  size: effect("live", z.string().optional()),
  adopt: effect("state", z.boolean().default(false)),
  adopted: effect("restart", z.record(z.string(), z.string()).optional()),
});
type Inputs = z.infer<typeof inputs>;

let looks = 0;
beforeEach(() => {
  looks = 0;
});

const box: ResourceDefinition<Inputs, object> = {
  kind: "Box",
  version: 1,
  inputs,
  outputs: z.object({}),
  adopt: async ({ host }) => {
    looks += 1;
    if (host === "down") throw new Error("no answer");
    if (host === "other") return { refusals: ["it is no box"] };
    return { inputs: { adopted: { size: "7" } }, notes: ["the size stays 7"] };
  },
  adopted: ({ size }, given) => ({ inputs: { adopted: { size }, ...(!given.includes("size") && { size }) } }),
  create: async () => ({ id: "box", outputs: {} }),
  read: async () => "gone",
  update: async () => ({}),
  delete: async () => undefined,
};

const news = { host: "web1", adopt: true };

test("the first check looks at the host, and what it finds becomes an input", async () => {
  expect(await checkWithAdoption(box, {}, news)).toEqual({
    inputs: { ...news, adopted: { size: "7" } },
    failures: [],
    notes: ["the size stays 7"],
  });
  expect(looks).toBe(1);
});

test.each([
  ["a resource that exists already", { host: "web1" }, news],
  ["a host that is not known yet", {}, { ...news, host: UNKNOWN }],
  ["a program that does not adopt", {}, { host: "web1" }],
  ["inputs that are refused", {}, { ...news, size: 7 }],
])("the host is not queried for %s", async (_what, olds, given) => {
  expect(await checkWithAdoption(box, olds, given)).toMatchObject({ notes: [] });
  expect(looks).toBe(0);
});

test("what was adopted stays until the program gives it up", async () => {
  const olds = { ...news, adopted: { size: "7" } };
  expect((await checkWithAdoption(box, olds, { host: "web1" })).inputs).toMatchObject({
    size: "7",
    adopted: { size: "7" },
  });
  expect((await checkWithAdoption(box, olds, { ...news, size: "8" })).inputs).toMatchObject({ size: "8" });
  expect((await checkWithAdoption(box, olds, { ...news, adopt: false })).inputs).not.toHaveProperty("adopted");
  expect(looks).toBe(0);
});

test("a host that does not answer, or has something else, is a failure of the check", async () => {
  const reasons = async (host: string) =>
    (await checkWithAdoption(box, {}, { ...news, host })).failures.map(({ reason }) => reason);
  expect(await reasons("down")).toEqual(["no answer"]);
  expect(await reasons("other")).toEqual(["it is no box"]);
});
