# The shell function `clock_read` sets `clock_seconds` to seconds that only count up. The time of day jumps when somebody
# sets the clock.

# In conditions: it only looks.
clock_read() {
  read -r clock_seconds clock_idle </proc/uptime
  clock_seconds=${clock_seconds%%.*}
}
