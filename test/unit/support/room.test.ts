import * as files from "node:fs/promises";
import { expectRoom, lackOfRoom } from "../../support/room";

jest.mock("node:fs/promises", () => ({ ...jest.requireActual("node:fs/promises"), statfs: jest.fn() }));

function withFree(mebibytes: number): void {
  jest
    .mocked(files.statfs)
    .mockResolvedValue(Object.assign(Object.create(null), { bavail: mebibytes, bsize: 2 ** 20 }));
}

test("a full disk is reported as such, with what is free and what is needed", async () => {
  withFree(12);
  await expect(expectRoom("/var/lib")).rejects.toThrow(
    "the disk of this machine is full: 12 MiB are free in /var/lib, and tests need 2048",
  );
});

test("a disk with enough space is not reported", async () => {
  withFree(2048);
  expect(await lackOfRoom("/")).toBeUndefined();
});
