import { changesBetween, emptyHost, emptyModel, has, placesIn, serverOf, urnPattern } from "../../soak/model";
import { box, full } from "./support";

test("the pattern of a resource names its class, its host and itself", () => {
  expect(urnPattern({ host: 1, kind: "roots", name: "box1" })).toBe("**DebianRootfs::h2-box1");
});

test("all resources of a program are listed", () => {
  expect(placesIn([emptyHost(), full]).map(urnPattern)).toEqual([
    "**VethNetwork::h2-net1",
    "**DebianRootfs::h2-box1",
    "**BindMount::h2-data1",
    "**NspawnMachine::h2-box1",
    "**Provision::h2-work1",
  ]);
  expect(placesIn(emptyModel(2))).toEqual([]);
});

test("each host that a program knows is a resource of it", () => {
  expect(has([full], serverOf(0))).toBe(true);
  expect(has([full], serverOf(1))).toBe(false);
  expect(urnPattern(serverOf(2))).toBe("**Host::h3-server");
});

test("a program without the host has nothing there", () => {
  expect(has([full], { host: 0, kind: "machines", name: "box1" })).toBe(true);
  expect(has([full], { host: 1, kind: "machines", name: "box1" })).toBe(false);
  expect(has(undefined, { host: 0, kind: "machines", name: "box1" })).toBe(false);
});

test("changes say what is new, what differs and what is gone", () => {
  const { data1: _, ...mounts } = full.mounts;
  const after = { ...full, mounts, machines: { box1: { ...box, mounts: [] }, fly1: { ...box, root: "pool" } } };
  expect(changesBetween(full, after)).toEqual(["-mount data1", "~machine box1", "+machine fly1"]);
  expect(changesBetween(full, full)).toEqual([]);
});
