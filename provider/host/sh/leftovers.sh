# Shell functions about what killed runs of a stack left: no state knows it. The script sets the claim.
#
# - `leftovers_answer` answers `leftover KIND/FILE MARKER` for each marker of this claimant that was never acknowledged;
# KIND is the directory that the marker is in. What a run took over is not what it left: it was there before. Of a directory
# that was there, only the record goes.

# In conditions: it only looks.
leftover_is_made() {
  marker_is "$1" claimant "$claim_claimant" && claim_unrecorded "$1" || return 1
  case $1 in
    */sources/*) ;;
    */rootfs/*) ! marker_is "$1" builtWith "" ;;
    *) ! marker_is "$1" adopts yes ;;
  esac
}
leftovers_answer() {
  for leftover_marker in /var/lib/pulumi-nspawn/*/*.json; do
    if [ ! -e "$leftover_marker" ] || ! leftover_is_made "$leftover_marker"; then continue; fi
    answer_file leftover "${leftover_marker#/var/lib/pulumi-nspawn/}" "$leftover_marker"
  done
}
