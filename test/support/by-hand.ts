/**
 * Shell that calls `debootstrap` again when it fails: unlike apt, it gives up after one failed download. It continues
 * with what it has.
 */
export const patientDebootstrap = `debootstrap() {
  for attempt in 1 2 3; do
    command debootstrap "$@" && return
  done
  return 1
}`;
