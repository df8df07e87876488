// The one list of resources: what users import, the provider and the reference are made from it.
export * from "./bind-mount";
export * from "./bridge-attachment";
export * from "./debian-rootfs";
export * from "./host";
export * from "./nspawn-machine";
export * from "./provision";
export * from "./veth-network";
