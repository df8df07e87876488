# `host_sources_known` sets `host_known` to lines of sources.list(5) for a suite, from the mirrors of the host's own apt.
# The script sets `host_suite`, `host_components`, `host_stable` (yes or no), and `host_memory`, a file that caches the
# answer.
#
# If apt has downloaded lists, they show which archive is Debian. Without them, as in a fresh image, it is the one that
# also has the codename's updates, or the only one with that codename: other vendors name their suites after Debian's.

host_archives() {
  # shellcheck disable=SC2016 # apt expands them
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian //p'
}
host_archives_unread() {
  apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/\(.*\)/InRelease'.*|\1 \2|p" \
    | awk -v codename="$1" '
      $2 == codename { count++; archives[count] = $1 }
      $2 == codename "-updates" { updated[$1] = 1 }
      $2 == codename "-security" && !security { security = $1 }
      END {
        for (i = 1; i <= count; i++) if (count == 1 || archives[i] in updated) { print archives[i], codename; break }
        if (security) print security, codename "-security"
      }'
}
host_sources() {
  (
    # shellcheck disable=SC1091 # a file of the host
    . /etc/os-release
    [ "$ID" = debian ] || exit 0
    host_found=$(host_archives)
    [ -n "$host_found" ] || host_found=$(host_archives_unread "${VERSION_CODENAME-}")
    printf '%s\n' "$host_found" | awk -v suite="$host_suite" -v components="$host_components" -v stable="$host_stable" '
      $1 !~ /^https?:/ || $1 ~ /@/ { next }
      { sub(/\/$/, "", $1) }
      $2 ~ /-security$|\/updates$/ { if (!security) security = $1; next }
      $2 ~ /^[a-z]+$/ { if (!archive) archive = $1 }
      END {
        if (!archive) exit
        print "deb " archive " " suite " " components
        if (stable != "yes") exit
        print "deb " archive " " suite "-updates " components
        if (security) print "deb " security " " suite "-security " components
      }'
  )
}
# apt takes a tenth of a second to answer, and many roots of one program would each wait for it: the first one asks. The
# first line of the memory is what apt had then: a date that differs is a change, whichever is the later one.
host_sources_known() {
  lock_open "$host_memory.lock" 6
  flock -w 100 6 || refuse locked "what apt knows"
  host_seen=$(find /etc/apt /var/lib/apt/lists -printf '%p %s %T@\n' 2>/dev/null | sort | sha256sum)
  if [ "$(head -n 1 "$host_memory" 2>/dev/null)" != "$host_seen" ]; then
    host_lines=$(host_sources)
    file_save "$host_memory" "$host_seen
$host_lines${host_lines:+
}"
  fi
  host_known=$(tail -n +2 "$host_memory")
  exec 6>&-
}
