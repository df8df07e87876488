# Removes one generation of a root. The script sets `root_name` and `root_generation`, its marker `root_file`, and
# `root_aside`.
#
# - `root_remove` removes its tree and marker, and what killed runs left; if it held the name, the newest waiting
# generation that the state knows takes it.
# - `root_sweep_removals` removes what interrupted removals of any root left, and needs only `root_name`.

# An ephemeral machine runs from a copy of a root with another name, which is in its command line.
root_siblings() {
  systemctl list-units --no-legend --plain --state=active,activating 'systemd-nspawn@*.service' | awk '{ print $1 }' \
    | while IFS= read -r root_unit; do
      if systemctl show -p ExecStart --value "$root_unit" | grep -qF -e "--directory=$1 " -e "-D $1 "; then printf '%s\n' "$root_unit"; fi
    done
}

root_free() {
  root_unit=systemd-nspawn@$root_name.service
  case $(systemctl is-active "$root_unit" || :) in
    active | activating | deactivating | reloading) refuse in-use "$root_unit" ;;
  esac
  root_unit=$(root_siblings "$images/$root_name" | head -n 1)
  [ -z "$root_unit" ] || refuse in-use "$root_unit"
}

# Moved aside first, under a name that systemd-tmpfiles clears at boot: a half-removed tree is never mistaken for a
# root.
root_remove() {
  generation_recover "$root_name"
  root_tree=$(generation_path "$root_name" "$root_generation")
  if [ -n "$root_tree" ]; then
    if [ "$root_tree" = "$images/$root_name" ]; then root_free; fi
    image_guard "$root_tree"
    if [ -e "$root_aside" ]; then image_remove "$root_aside"; fi
    mv -T -- "$root_tree" "$root_aside"
  fi
  root_sweep "$root_generation"
  root_next=$(generation_heir "$root_name")
  if [ -n "$root_next" ] && [ ! -e "$images/$root_name" ]; then generation_exchange "$root_name" "$root_next"; fi
  if [ -e "$root_aside" ]; then image_remove "$root_aside"; fi
  rm -f -- "$root_file"
  rmdir -- "$roots" /var/lib/pulumi-nspawn 2>/dev/null || :
}

# What interrupted removals left: a tree that is aside belongs to nobody any longer. The next boot clears them, too.
# A name's lock is free, or this script's own.
root_sweep_removals() {
  for root_rest in "$images"/.#rm-*; do
    [ -d "$root_rest" ] || continue
    root_rest_name=${root_rest##*/.#rm-}
    root_rest_name=${root_rest_name%-*}
    (
      if [ "$root_rest_name" != "$root_name" ]; then
        lock_open "/run/pulumi-nspawn/root-$root_rest_name.lock" 6
        flock -n 6 || exit 0
      fi
      image_remove "$root_rest" || answer warning "$root_rest is left of a removal, and could not be removed"
    ) || :
  done
}
