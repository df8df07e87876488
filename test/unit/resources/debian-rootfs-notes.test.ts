import { packageNotes } from "../../../provider/resources/debian-rootfs/package-notes";

const record = (text: string) => packageNotes([{ key: "packages", values: [text] }]);

test("what is gone and what stays is in the row", () => {
  expect(record("# x\nasked vim\nremoved git\nremoved git-man\nkept a\nleaving b\n\fread\n")).toEqual([
    "removed: git, git-man",
    "no longer asked for, but kept because something needs it, or because it is held: a",
  ]);
  expect([record("# x\nasked vim\n\fread\n"), record("\fmissing\n"), packageNotes([])]).toEqual([[], [], []]);
});

test("a guest cannot make a line without end", () => {
  expect(record("removed x\n".repeat(10_000))[0]?.length).toBeLessThan(3000);
});
