# Shell functions about the generations of a root. The **holder** of a name is the complete generation that is not
# waiting and whose recorded identity is that of `/var/lib/machines/NAME`: a tree that someone put there by hand belongs
# to nobody.
#
# - `generation_holder NAME` prints the holder's generation, or nothing.
# - `generation_to_take NAME GENERATION` sets `generation_next` to the generation if it has to be exchanged for the holder
# so that a machine boots it, and to nothing if it is the holder. Refuses with `no-root`, `root-foreign` or
# `root-incomplete` if it is not there. A machine boots the generation that its state names and no other: any other one
# may be what somebody's killed run left.
# - `generation_acknowledge NAME GENERATION` notes that a state knows a generation.
# - `generation_heir NAME` prints the newest waiting generation that a state of this stack knows.
# - `generation_exchange NAME GENERATION` moves a waiting generation into the holder's place, and the holder aside. If
# it is killed between its two renames, the next `generation_recover` finishes it. Refuses with `root-foreign`,
# `root-incomplete` or `image-busy`.
# - `generation_recover NAME` finishes an interrupted exchange.
# - `generation_path NAME GENERATION` prints where a generation's tree is now, or nothing.
#
# The caller holds {@link rootLock}.

roots=/var/lib/pulumi-nspawn/rootfs
# In conditions: it only looks.
generation_waiting() { printf '%s\n' "$images/.pulumi-$1.$2"; }
# In conditions: it only looks.
generation_of_marker() {
  generation_marker=${1##*@}
  printf '%s\n' "${generation_marker%.json}"
}

# In conditions: it only looks.
generation_holder() {
  [ -d "$images/$1" ] && [ ! -L "$images/$1" ] || return 0
  generation_identity=$(image_identity "$images/$1")
  for generation_file in "$roots/$1@"*.json; do
    grep -sqxF "  \"identity\": \"$generation_identity\"," "$generation_file" || continue
    generation_found=$(generation_of_marker "$generation_file")
    [ -e "$(generation_waiting "$1" "$generation_found")" ] || printf '%s\n' "$generation_found"
  done
}

# In conditions: it only looks.
generation_created() { printf '%s %s\n' "$(marker_field "$roots/$1@$2.json" created)" "$2"; }

# In conditions: it only looks.
generation_complete() { grep -sqxF '  "complete": true,' "$roots/$1@$2.json"; }

generation_to_take() {
  generation_next=''
  if [ -z "$2" ]; then
    [ -d "$images/$1" ] || refuse no-root "$1"
    return 0
  fi
  generation_held=$(generation_holder "$1")
  [ "$generation_held" != "$2" ] || return 0
  if generation_complete "$1" "$2" && [ -d "$(generation_waiting "$1" "$2")" ]; then
    generation_next=$2
  elif [ -d "$images/$1" ] && [ -z "$generation_held" ]; then
    refuse root-foreign "$images/$1"
  elif [ -n "$generation_held" ]; then
    refuse root-incomplete "$1" "$2"
  else refuse no-root "$1"; fi
}

generation_acknowledge() {
  [ -n "$2" ] || return 0
  generation_file=$roots/$1@$2.json
  claim_acknowledge "$generation_file" "$(marker_field "$generation_file" owner)"
}

generation_heir() {
  for generation_file in "$roots/$1@"*.json; do
    generation_found=$(generation_of_marker "$generation_file")
    if ! generation_complete "$1" "$generation_found" || [ ! -d "$(generation_waiting "$1" "$generation_found")" ]; then continue; fi
    if claim_by_this_stack "$generation_file" && ! claim_unrecorded "$generation_file"; then generation_created "$1" "$generation_found"; fi
  done | sort | tail -n 1 | sed 's/.* //'
}

# In conditions: it only looks.
generation_path() {
  if [ -d "$(generation_waiting "$1" "$2")" ]; then
    generation_waiting "$1" "$2"
  elif [ "$(generation_holder "$1")" = "$2" ]; then printf '%s\n' "$images/$1"; fi
}

generation_recover() {
  [ -f "$roots/$1.exchange" ] || return 0
  generation_wanted=$(cat "$roots/$1.exchange")
  if [ ! -e "$images/$1" ] && [ -d "$(generation_waiting "$1" "$generation_wanted")" ]; then
    mv -T -- "$(generation_waiting "$1" "$generation_wanted")" "$images/$1"
  fi
  rm -f -- "$roots/$1.exchange"
}

generation_exchange() {
  generation_recover "$1"
  generation_held=$(generation_holder "$1")
  [ "$generation_held" != "$2" ] || return 0
  if ! generation_complete "$1" "$2" || [ ! -d "$(generation_waiting "$1" "$2")" ]; then refuse root-incomplete "$1" "$2"; fi
  if [ -e "$images/$1" ] || [ -L "$images/$1" ]; then
    [ -n "$generation_held" ] || refuse root-foreign "$images/$1"
    ! image_is_locked "$images/$1" || refuse image-busy "$images/$1"
  fi
  printf '%s\n' "$2" >"$roots/$1.exchange.new" && mv -f -- "$roots/$1.exchange.new" "$roots/$1.exchange" || return
  if [ -n "$generation_held" ]; then mv -T -- "$images/$1" "$(generation_waiting "$1" "$generation_held")" || return; fi
  mv -T -- "$(generation_waiting "$1" "$2")" "$images/$1" || return
  rm -f -- "$roots/$1.exchange"
}

# The shell function `generation_answer KEY NAME GENERATION TREE` answers one root in a single value: its marker, where
# its tree is, and what it is. This includes its packages, so that `read` needs no second round trip.

generation_answer() {
  printf '%s["%s","%s"]\n' "${answer_mark-}" "$1" "$({
    printf '%s\n' "$2" "$3" "$4"
    cat -- "$roots/$2@$3.json"
    printf '\f\n'
    [ -z "$4" ] || root_look "$4"
  } | base64 -w 0)"
}
