import { emptyHost, serverOf } from "../../soak/model";
import { noFiles, pathsOf, planted, plantScript, survivors } from "../../soak/survivors";
import { full } from "./support";

const files = { roots: ["box1"], sources: ["/srv/soak/data1-one"] };

test("a user has a file in each root and each directory, and one stays in a directory of before", () => {
  expect(planted({ roots: ["box2"], sources: ["/srv/soak/data2-one"] }, full)).toEqual({
    roots: ["box1"],
    sources: ["/srv/soak/data1-one", "/srv/soak/data2-one"],
  });
  expect(pathsOf(files)).toEqual(["/var/lib/machines/box1/root/kept", "/srv/soak/data1-one/kept"]);
});

test("files survive what changes anything else", () => {
  expect(survivors([files], [full], undefined)).toEqual([files]);
  expect(survivors([files], [full], { host: 0, kind: "machines", name: "box1" })).toEqual([files]);
  expect(survivors([files], [full], serverOf(0))).toEqual([files]);
  expect(survivors([files, files], [full, full], { host: 1, kind: "roots", name: "box1" })[0]).toEqual(files);
});

test("a root that is replaced or removed loses its file, a directory never does", () => {
  const withoutRoot = [{ roots: [], sources: files.sources }];
  expect(survivors([files], [full], { host: 0, kind: "roots", name: "box1" })).toEqual(withoutRoot);
  expect(survivors([files], [emptyHost()], undefined)).toEqual(withoutRoot);
  expect(survivors([files], undefined, undefined)).toEqual(withoutRoot);
});

test("a file that is there stays as it is", () => {
  expect(plantScript(noFiles)).toBe(":");
  expect(plantScript(files)).toContain("[ -e /srv/soak/data1-one/kept ] || echo mine >/srv/soak/data1-one/kept");
});
