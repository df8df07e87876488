import { command, tryCommand } from "../../../scripts/tools/command";

test("the error of a command shows the end of both of its outputs", async () => {
  const failing = "echo why it gives up; echo on the way >&2; exit 3";
  await expect(command("sh", ["-c", failing])).rejects.toThrow(
    `sh -c ${failing} ended with exit status 3:\nwhy it gives up\non the way`,
  );
});

test("a missing program has the exit status that a shell gives it", async () => {
  expect(await tryCommand("no-such-program", [])).toEqual({
    stdout: "",
    stderr: "no-such-program: not found",
    exitCode: 127,
  });
});
