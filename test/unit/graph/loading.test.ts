test("a program loads no SSH client: only a provider that connects to a host needs one", () => {
  jest.doMock("ssh2", () => {
    throw new Error("ssh2 was loaded");
  });
  expect(() => require("../../../provider/remote/ssh/dial")).toThrow("ssh2 was loaded");
  expect(require("../../../index")).toHaveProperty("NspawnMachine");
  expect(require("../../../provider/index")).toHaveProperty("get");
});
