# Shell functions about claims. A marker says who an object belongs to: its `owner`, whose ID is in the state of the
# resource; the `claimant`, the stack that made it; the resource's `urn`; and whether an operation that knew the owner
# has `acknowledged` it. The script sets `claim_owner`, `claim_claimant`, `claim_stack`, `claim_urn`, and `claim_adopts`, which is `yes`
# if an object of somebody else is taken over.
#
# - `claim_standing MARKER` prints what a marker is to this script: `free` if there is none, `own`, `leftover` of a run of
# this stack that nobody recorded, `former` of this very resource, or `other`.
# - `claim_expect MARKER` refuses with `claimed` what a create may not take.
# - `claim_own MARKER` refuses with `lost` or `claimed` what an update does not own.
# - `claim_by_this_stack MARKER` succeeds if this stack made the object, and `claim_unrecorded MARKER` if no state knows it.
# - `claim_acknowledge MARKER OWNER` notes that the state knows this owner; does nothing if the marker has another. `claim_withdraw`
# takes that back.

# In conditions: it only looks.
claim_standing() {
  if [ ! -e "$1" ]; then
    echo free
  elif marker_is "$1" owner "$claim_owner"; then
    echo own
  elif ! claim_by_this_stack "$1"; then
    echo other
  elif claim_unrecorded "$1"; then
    echo leftover
  elif marker_is "$1" urn "$claim_urn"; then
    echo former
  else echo other; fi
}
# Markers of earlier versions name no claimant: there the URN decides. A forced replacement of the `Host` makes another
# claimant, and a rename of the stack another stack.
# In conditions: it only looks.
claim_by_this_stack() {
  if [ -n "$(marker_field "$1" claimant)" ]; then
    marker_is "$1" claimant "$claim_claimant" || marker_is "$1" stack "$claim_stack"
  else marker_is "$1" urn "$claim_urn"; fi
}
# In conditions: it only looks.
claim_unrecorded() { marker_is "$1" acknowledged no; }
claim_expect() {
  claim_found=$(claim_standing "$1")
  [ "$claim_found" != other ] || [ "$claim_adopts" = yes ] || refuse claimed "$(marker_field "$1" urn)"
}
claim_own() {
  [ -e "$1" ] || refuse lost
  marker_is "$1" owner "$claim_owner" || refuse claimed "$(marker_field "$1" urn)"
}
claim_acknowledge() { claim_note "$1" "$2" no yes; }
claim_withdraw() { claim_note "$1" "$2" yes no; }
claim_note() {
  if ! marker_is "$1" owner "$2" || ! marker_is "$1" acknowledged "$3"; then return 0; fi
  # With or without a line break at the end, as an update writes it.
  claim_text=$(sed 's/"acknowledged": \{0,1\}"'"$3"'"/"acknowledged":"'"$4"'"/' "$1" && printf .)
  file_present "$1" "${claim_text%.}" any || :
}
