import { adapt, type ResourceDefinition, UnfinishedError } from "../../../provider/dynamic";
import { UnreachableError } from "../../../provider/remote";
import { type ToyInputs, type ToyOutputs, toy } from "./toy";

const provider = (parts: Partial<ResourceDefinition<ToyInputs, ToyOutputs>>) => adapt({ ...toy, ...parts });
const news = { name: "a", tags: [], path: "a", __urn: "urn:a", _v: 2 };
const state = { ...news, address: "192.0.2.1" };
const unreachable = async () => {
  throw new UnreachableError({ attempted: "look", host: "web1", happened: "no answer" });
};

test("create keeps inputs, derived values and outputs, and drops undefined", async () => {
  const { create } = provider({ create: async () => ({ id: "a@1", outputs: { address: undefined } }) });
  expect(await create?.(news)).toEqual({ id: "a@1", outs: news });
});

test("a create refuses incomplete inputs, which a check during an update lets pass", async () => {
  await expect(adapt(toy).create({ size: "1" })).rejects.toThrow(
    /inputs of this Toy cannot be used: name: it is missing/,
  );
});

test("an unfinished create becomes a partial state that the next up repairs", async () => {
  const error = new UnfinishedError("a@1", { address: "192.0.2.9" }, new Error("it did not boot"));
  const { create } = provider({ create: () => Promise.reject(error) });
  await expect(create?.(news)).rejects.toMatchObject({
    message: "it did not boot",
    id: "a@1",
    reasons: ["it did not boot"],
    properties: { ...news, address: "192.0.2.9", unfinished: true },
  });
});

test("a change of inputs that are only recorded does not call the lifecycle", async () => {
  const { update } = provider({ update: () => Promise.reject(new Error("asked")) });
  expect(await update?.("a", state, { ...news, secret: "s" })).toEqual({ outs: { ...state, secret: "s" } });
});

test("a recorded change together with drift calls the lifecycle", async () => {
  const { update } = provider({});
  const drifted = { ...state, drift: { x: "missing" } };
  expect(await update?.("a", drifted, { ...news, secret: "s" })).toEqual({
    outs: { ...news, secret: "s", address: "192.0.2.2" },
  });
});

test("a resource that is gone reads as an empty id", async () => {
  expect(await provider({ read: async () => "gone" }).read?.("a", state)).toEqual({ id: "", props: {} });
});

test("an unreachable host is an error of read, or by policy the last known state", async () => {
  const { read } = provider({ read: unreachable });
  await expect(read?.("a", state)).rejects.toThrow("could not look on web1: no answer");
  const skipping = { ...state, onUnreachable: "skip" };
  expect(await read?.("a", skipping)).toEqual({ id: "a", props: skipping });
});

test("the policy of the environment overrides the one in state", async () => {
  const { read } = provider({ read: unreachable });
  const skipping = { ...state, onUnreachable: "skip" };
  process.env.PULUMI_NSPAWN_ON_UNREACHABLE = "fail";
  await expect(read?.("a", skipping)).rejects.toThrow("no answer");
  process.env.PULUMI_NSPAWN_ON_UNREACHABLE = "skip";
  expect(await read?.("a", state)).toEqual({ id: "a", props: state });
  delete process.env.PULUMI_NSPAWN_ON_UNREACHABLE;
  await expect(read?.("a", state)).rejects.toThrow("no answer");
});

test("a delete is forgotten only if the policy says so", async () => {
  const gone = provider({ delete: unreachable });
  await expect(gone.delete?.("a", { ...state, onUnreachable: "skip" })).rejects.toThrow("no answer");
  await expect(gone.delete?.("a", { ...state, onUnreachable: "forget" })).resolves.toBeUndefined();
});

test("state of an older version is migrated, and that of a newer one is refused with both versions", async () => {
  let read: unknown;
  const { delete: remove } = provider({
    delete: async (_id, old) => {
      read = old.size;
    },
  });
  await remove?.("a", { name: "a", bytes: "7", _v: 1 });
  expect(read).toBe("7");
  await expect(remove?.("a", { ...state, _v: 3 })).rejects.toThrow(/schema version 3.*knows up to 2.*npm install/s);
});

const HOSTILE = "\u001b]52;c;aGk=\u0007\u202ea\r\nb";
const SHOWN = "\\x1b]52;c;aGk=\\x07\\u202ea\nb";

test("what a host or a guest says is visible in state and previews, and inputs stay as they are", async () => {
  const outputs = { address: HOSTILE, drift: { [`/etc/${HOSTILE}`]: HOSTILE } };
  const shown = { address: SHOWN, drift: { [`/etc/${SHOWN}`]: SHOWN } };
  const hostile = provider({
    create: async () => ({ id: "a@1", outputs }),
    update: async () => outputs,
    read: async (_id, state) => ({ ...state, ...outputs, size: HOSTILE }),
  });
  expect((await hostile.create?.({ ...news, size: HOSTILE }))?.outs).toMatchObject({ ...shown, size: HOSTILE });
  expect((await hostile.update?.("a", state, { ...news, size: HOSTILE }))?.outs).toMatchObject(shown);
  expect((await hostile.read?.("a", state))?.props).toMatchObject({ ...shown, size: HOSTILE });
});

test("errors and refusals are visible, once", async () => {
  const failing = provider({
    create: () => Promise.reject(new Error(HOSTILE)),
    update: () => Promise.reject(new UnfinishedError("a@1", {}, new Error(`${HOSTILE} ${SHOWN}`))),
    validate: () => [HOSTILE],
  });
  await expect(failing.create?.(news)).rejects.toMatchObject({ message: SHOWN, stack: "" });
  await expect(failing.update?.("a", state, { ...news, size: "2" })).rejects.toMatchObject({
    message: `${SHOWN} ${SHOWN}`,
    reasons: [`${SHOWN} ${SHOWN}`],
  });
  expect((await failing.check?.({}, { name: "other", __urn: "urn:other" }))?.failures).toEqual([
    { property: "", reason: SHOWN },
  ]);
});
