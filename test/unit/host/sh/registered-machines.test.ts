import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ busctl: "" });
});
afterEach(() => host.remove());

describe("registered_machines", () => {
  const registered = (answer: string) => {
    host.program("busctl", `cat <<'END'\n${answer}\nEND`);
    return host.ended(sh`registered_machines`);
  };

  test("prints the names that systemd-machined lists, without the host itself", () => {
    const answer =
      'a(ssso) 4 ".host" "host" "" "/org/freedesktop/machine1/machine/_2ehost" "web" "container" "systemd-nspawn" "/org/freedesktop/machine1/machine/web" "db-1" "vm" "by \\"hand\\" \\\\" "/org/freedesktop/machine1/machine/db_2d1" "x.y" "container" "" "/org/freedesktop/machine1/machine/x_2ey"';
    expect(registered(answer)).toMatchObject({ status: 0, stdout: "web\ndb-1\nx.y\n" });
  });

  test("prints nothing if there is none", () => {
    expect(registered("a(ssso) 0")).toMatchObject({ status: 0, stdout: "" });
  });

  test("fails if systemd-machined does not answer", () => {
    host.program("busctl", "exit 1");
    expect(host.ended(sh`registered_machines`)).toMatchObject({ status: 1, stdout: "" });
  });

  test("never has systemd-machined look into a guest", () => {
    host.program("busctl", "echo 'a(ssso) 0'");
    host.run(sh`registered_machines`);
    expect(host.calls()).toEqual([
      "busctl call org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager ListMachines",
    ]);
  });
});
