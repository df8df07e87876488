#!/bin/sh
# The command that sshd runs instead of the one that a client asks for (ForceCommand): counts each script as a step,
# holds the chosen one back until it is released, and says when it has ended. Does nothing unless /run/gate/armed exists.
gate=/run/gate
case $SSH_ORIGINAL_COMMAND in
  # A session that was opened ahead: its command is the first line of its input, and until then it is no step.
  *'read -r command'*) IFS= read -r command || exit 0 ;;
  *) command=$SSH_ORIGINAL_COMMAND ;;
esac
[ -e "$gate/armed" ] || exec sh -c "exec $command"
step=1
until mkdir "$gate/$step" 2>/dev/null; do
  [ -d "$gate" ] || exit 255
  step=$((step + 1))
done
: >"$gate/$step/begun"
while [ -e "$gate/hold-$step" ]; do sleep 0.01; done
[ ! -e "$gate/drop-$step" ] || exit 255
status=0
sh -c "exec $command" || status=$?
mkdir "$gate/$step/ended" 2>/dev/null
exit "$status"
