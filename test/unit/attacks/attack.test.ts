import { launch } from "../../attacks/attack";
import { outputAttacks } from "../../attacks/output";
import { loopback } from "../../attacks/output/loopback";
import { treeAttacks } from "../../attacks/tree";

const about = { name: "a guest tries", tries: "something", held: "nothing" };
const never = () => Promise.reject(new Error("it got through"));

test("an attack is prepared, judged and undone, and returns what it measured", async () => {
  const seen: string[] = [];
  const step = (name: string) => async (ground: string) => {
    seen.push(`${name} ${ground}`);
    return `${name}: 3 MiB`;
  };
  const attack = { ...about, prepare: async () => void seen.push("prepare"), verdict: step("verdict") };
  expect(await launch({ ...attack, undo: async () => void seen.push("undo") }, "here")).toBe("verdict: 3 MiB");
  expect(seen).toEqual(["prepare", "verdict here", "undo"]);
});

test("an attack that gets through, or cannot be prepared, is undone too", async () => {
  let undone = 0;
  const undo = async () => void undone++;
  await expect(launch({ ...about, verdict: never, undo }, "here")).rejects.toThrow("it got through");
  await expect(launch({ ...about, prepare: never, verdict: async () => {}, undo }, "here")).rejects.toThrow();
  expect(undone).toBe(2);
});

test("each attack has a name of its own, which begins with who attacks", () => {
  const names = [...treeAttacks, ...outputAttacks, loopback].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^a (guest|user of a guest)/);
});
