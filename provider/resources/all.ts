// The one list of resources. The package's exports, the provider and the reference are all derived from it.
export * from "./bind-mount";
export * from "./bridge-attachment";
export * from "./debian-rootfs";
export * from "./host";
export * from "./nspawn-machine";
export * from "./provision";
export * from "./veth-network";
