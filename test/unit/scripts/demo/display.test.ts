import { Display } from "../../../../scripts/demo/display";

function shown(pieces: readonly (string | number)[]): string[] {
  const lines: string[] = [];
  let time = 0;
  const display = new Display(
    (line) => lines.push(line),
    () => time,
  );
  for (const piece of pieces) {
    if (typeof piece === "number") time += piece;
    else display.add(piece);
  }
  display.end();
  return lines;
}

test("lines are shown whole, however they arrive, without the dots in between", () => {
  expect(
    shown(["Upd", "ating (demo):\n\n@ upd", "ating.......\n    @ previewing destroy...\n + Host", " server"]),
  ).toEqual(["Updating (demo):", " + Host server"]);
});

test("a row that only counts up is shown every few seconds, and any other row at once", () => {
  const rows = ["unpacking 1 of 9\n", 1000, "unpacking 2 of 9\n", 4000, "unpacking 3 of 9\n", "configuring 1 of 9\n"];
  expect(shown(rows)).toEqual(["unpacking 1 of 9", "unpacking 3 of 9", "configuring 1 of 9"]);
});
