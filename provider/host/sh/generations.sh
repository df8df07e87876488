# Shell functions about the generations of a root. The **holder** of a name is the complete generation that is not
# waiting and whose recorded identity is that of `/var/lib/machines/NAME`: a tree that someone put there by hand belongs
# to nobody.
#
# - `generation_holder NAME` prints the holder's generation, or nothing.
# - `generation_newest_waiting NAME` prints the newest complete waiting generation that is newer than the holder, or
# nothing: after an exchange the old one waits for its deletion, and must not come back.
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

generation_newest_waiting() {
  generation_held=$(generation_holder "$1")
  {
    [ -z "$generation_held" ] || generation_created "$1" "$generation_held"
    for generation_file in "$roots/$1@"*.json; do
      grep -sqxF '  "complete": true,' "$generation_file" || continue
      generation_found=$(generation_of_marker "$generation_file")
      [ ! -d "$(generation_waiting "$1" "$generation_found")" ] || generation_created "$1" "$generation_found"
    done
  } | sort | tail -n 1 | sed 's/.* //' | grep -vxF -e "$generation_held" || :
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
  if ! grep -sqxF '  "complete": true,' "$roots/$1@$2.json" || [ ! -d "$(generation_waiting "$1" "$2")" ]; then refuse root-incomplete "$1" "$2"; fi
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
  printf '["%s","%s"]\n' "$1" "$({
    printf '%s\n' "$2" "$3" "$4"
    cat -- "$roots/$2@$3.json"
    printf '\f\n'
    # A guest may have put anything in its tree, so only a regular file is opened.
    if [ -n "$4" ] && [ -f "$4/usr/lib/os-release" ]; then head -c 4096 -- "$4/usr/lib/os-release"; fi
    printf '\f\n'
    if [ -n "$4" ]; then root_packages "$4"; fi
  } | base64 -w 0)"
}
