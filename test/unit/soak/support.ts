import type { HostModel, MachineModel } from "../../soak/programs/schema";

export const box: MachineModel = {
  root: "box1",
  ephemeral: false,
  running: true,
  autostart: true,
  memory: "300MiB",
  stage: "one",
  networks: { net1: 8110 },
  mounts: ["data1"],
};

/** A host with one resource of each kind. */
export const full: HostModel = {
  networks: { net1: { subnet: "10.81.1.0/24", mode: "isolated", nat: true, dhcp: false } },
  roots: { box1: { content: "one" } },
  mounts: { data1: { source: "/srv/soak/data1-one", mode: "0755", readOnly: false } },
  machines: { box1: box },
  provisions: { work1: { machine: "box1", content: "two", step: "three" } },
};
