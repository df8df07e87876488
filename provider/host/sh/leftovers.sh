# Shell functions about what killed runs of a stack left: no state knows it. The script sets the claim.
#
# - `leftovers_answer` answers `leftover KIND/FILE MARKER` for each marker of this claimant that was never acknowledged;
# KIND is the directory that the marker is in.

leftovers_answer() {
  for leftover_marker in /var/lib/pulumi-nspawn/*/*.json; do
    if [ ! -e "$leftover_marker" ] || ! marker_is "$leftover_marker" claimant "$claim_claimant" || ! claim_unrecorded "$leftover_marker"; then continue; fi
    answer_file leftover "${leftover_marker#/var/lib/pulumi-nspawn/}" "$leftover_marker"
  done
}
