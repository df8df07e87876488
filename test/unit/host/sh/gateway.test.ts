import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ ip: "", bash: "", sleep: "" });
});
afterEach(() => host.remove());

/** An ip(8) with these default routes, to which the neighbour is known once it was asked so many times. */
const routes = (
  lines: readonly string[],
  answersAt: number,
  known = "192.0.2.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE",
) =>
  host.program(
    "ip",
    sh`case $* in
  '-4 route show default') printf '%s\n' ${lines} ;;
  *' flush '*) exit 1 ;;
  *' neighbour show '*) if [ "$(grep -c ' neighbour show ' ${host.at("calls")})" -ge ${answersAt} ]; then echo ${known}; else echo '192.0.2.1 dev eth0 INCOMPLETE'; fi ;;
esac`.text,
  );
const default1 = "default via 192.0.2.1 dev eth0 proto dhcp";

/** Why the gateway does not answer; nothing if it does. */
const why = () => host.printed(sh`network_why=; if network_gateway_answers; then echo; else echo "$network_why"; fi`);

describe("network_gateway_answers", () => {
  test("a host without a default route has none that answers", () => {
    expect(why()).toBe("there is no default route");
    routes(["default dev ppp0 scope link"], 1);
    expect(why()).toBe("there is no default route");
    expect(host.calls().filter((call) => call.startsWith("bash"))).toEqual([]);
  });

  test("a gateway answers whose link-layer address is known after it was forgotten and a packet was sent", () => {
    routes([default1], 1);
    expect(why()).toBe("");
    expect(host.calls()).toEqual([
      "ip -4 route show default",
      "ip -4 neighbour flush to 192.0.2.1",
      'bash -c echo >"/dev/udp/$1/9" bash 192.0.2.1',
      "ip -4 neighbour show to 192.0.2.1",
    ]);
  });

  test("a packet that cannot be sent is no answer, and no end either", () => {
    host.program("bash", "echo 'Network is unreachable' >&2; exit 1");
    routes([default1], 3);
    expect(why()).toBe("");
    expect(host.calls().filter((call) => call.startsWith("sleep"))).toHaveLength(2);
  });

  test("a gateway that stays unknown does not answer, and is not waited for without end", () => {
    routes([default1], 999);
    expect(why()).toBe("the gateway 192.0.2.1 does not answer");
    expect(host.calls().filter((call) => call.startsWith("sleep")).length).toBeGreaterThan(1);
  });

  test("of several gateways the first one is asked", () => {
    routes([default1, "default via 192.0.2.9 dev eth1 metric 200"], 1);
    expect(why()).toBe("");
    expect(host.calls().at(-1)).toBe("ip -4 neighbour show to 192.0.2.1");
  });
});
