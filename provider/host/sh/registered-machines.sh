# The shell function `registered_machines` prints the names of the machines that run, a line each. It does not use
# `machinectl list`, which has systemd-machined read the os-release of each machine: it waits for ever if a guest has made
# that a pipe, and then answers nobody.

# In conditions: it only looks, and fails if systemd-machined does not answer.
registered_machines() {
  registered_list=$(timeout -k 1 30 busctl call org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager ListMachines) || return 1
  # Four texts for each: name, class, service and object path. The host itself is `.host`.
  printf '%s\n' "$registered_list" | grep -oE '"([^"\\]|\\.)*"' | awk -F '"' 'NR % 4 == 1 && $2 !~ /^\./ { print $2 }'
}
