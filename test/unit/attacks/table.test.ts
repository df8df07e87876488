import { tableOf } from "../../attacks/table";

test("a table has what was tried, and what came of it", () => {
  const about = { generation: "trixie", attack: "a guest has a pipe", tried: "mkfifo a | b" };
  const table = tableOf([
    { ...about, held: true, what: "it is drift" },
    { ...about, generation: "forky", held: false, what: "it hung\nfor ever" },
  ]);
  expect(table).toBe(
    [
      "| generation | attack             | what the guest tried | what came of it          |",
      "| ---------- | ------------------ | -------------------- | ------------------------ |",
      "| trixie     | a guest has a pipe | mkfifo a \\| b        | held: it is drift        |",
      "| forky      | a guest has a pipe | mkfifo a \\| b        | BROKEN: it hung for ever |",
    ].join("\n"),
  );
});
