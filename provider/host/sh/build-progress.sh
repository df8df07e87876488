# The shell function `build_progress` reads the output of a builder or apt, and answers `progress PHASE DONE TOTAL`
# about twenty times per phase, whether the host or a guest prints it (`guest_run log`). Counting happens on the host,
# because a build prints well over a thousand lines.
#
# mmdebstrap and apt announce how many packages they install; for debootstrap, the total is the number it has retrieved.

build_report() {
  [ "$1" != "$build_phase" ] || [ "$2" -ge "$build_next" ] || return 0
  build_phase=$1
  build_next=$(($2 + 1 + $3 / 20))
  answer progress "$1" "$2" "$3"
}
build_progress() {
  build_phase=
  build_next=0
  build_total=0
  build_got=0
  build_unpacked=0
  build_configured=0
  while IFS= read -r build_line; do
    case $build_line in pulumi-nspawn-heartbeat) answer heartbeat ;; esac
    case ${build_line#'guest| '} in
      'pulumi-nspawn: '*) build_report "${build_line#*pulumi-nspawn: }" 0 0 ;;
      *' upgraded, '*' newly installed, '*)
        build_new=${build_line#* upgraded, }
        build_total=$((build_total + ${build_new%% *}))
        ;;
      'Get:'*' '[A-Z]*' ['* | 'Hit:'* | 'I: Retrieving InRelease'* | 'I: Retrieving Packages'* | 'I: Retrieving Release'*)
        build_report 'reading package lists' 0 0
        ;;
      'Get:'* | 'I: Retrieving '*)
        build_got=$((build_got + 1))
        build_report downloading "$build_got" "$build_total"
        ;;
      'I: Unpacking '*' '* | 'I: Configuring '*' '*) ;;
      'I: Unpacking '*)
        build_unpacked=$((build_unpacked + 1))
        build_report unpacking "$build_unpacked" "$build_got"
        ;;
      'I: Configuring '*)
        build_configured=$((build_configured + 1))
        build_report configuring "$build_configured" "$build_got"
        ;;
      'Unpacking '*)
        build_unpacked=$((build_unpacked + 1))
        build_report unpacking "$build_unpacked" "$build_total"
        ;;
      'Setting up '*)
        build_configured=$((build_configured + 1))
        build_report configuring "$build_configured" "$build_total"
        ;;
      'Removing '*) build_report removing 0 0 ;;
    esac
  done
}
