# The shell function `guest_run HOW SECONDS BYTES COMMAND…` runs a command of the host whose output a guest shapes, such as
# `systemd-run -M`, with what is on stdin as its input. Anything that runs inside a guest goes through it:
#
# - The guest gets pipes of this function, and no other descriptor: not the host's stdout, a file or a lock. What it
# leaves open, or does not read, keeps nobody waiting.
# - After so many seconds the command is ended, and the status is 124.
# - `answers` prints the output as it is, for whoever keeps it apart from the host's own. After so many bytes the command
# is ended, and the status is 125.
# - `log` begins each line with `guest| `, so that no line can be taken for the host's own, and breaks lines that are too
# long. After so many bytes it leaves out all but the end, and reads slowly: the guest has to wait.
#
# Otherwise the status is the command's. One process of perl, which every Debian has, does it all: a shell cannot read
# with limits.

# In conditions: each failure is returned.
guest_run() {
  # shellcheck disable=SC2016 # perl
  perl -e '
    use strict;
    use Errno ();
    use Fcntl ();
    use POSIX ();
    my ($how, $seconds, $limit, @command) = @ARGV;
    my ($longest, $piece, $kept) = (32768, 65536, 16384);
    my $input = do { local $/; <STDIN> };
    $input = "" unless defined $input;
    sub now { (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK()) }
    sub wait_for { select(undef, undef, undef, $_[0]) }

    pipe(my $theirs_in, my $feed) && pipe(my $heard, my $theirs_out) or die "guest_run: $!\n";
    $SIG{CHLD} = sub { };
    my $pid = fork;
    defined $pid or die "guest_run: $!\n";
    if (!$pid) {
      POSIX::dup2(fileno $theirs_in, 0);
      POSIX::dup2(fileno $theirs_out, $_) for 1, 2;
      opendir my $fds, "/proc/self/fd";
      my @fds = grep { /^\d+$/ && $_ > 2 } readdir $fds;
      POSIX::close($_) for @fds;
      $SIG{CHLD} = "DEFAULT";
      exec { $command[0] } @command;
      POSIX::_exit(127);
    }
    close $theirs_in;
    close $theirs_out;
    fcntl($_, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK()) for $feed, $heard;

    my $status;
    sub ended {
      return 1 if defined $status;
      return 0 unless waitpid($pid, POSIX::WNOHANG()) == $pid;
      $status = ($? & 127) ? 128 + ($? & 127) : $? >> 8;
      return 1;
    }
    sub end {
      kill "TERM", $pid unless ended();
      for (1 .. 20) { last if ended(); wait_for(0.1) }
      kill "KILL", $pid unless ended();
      for (1 .. 20) { last if ended(); wait_for(0.1) }
      POSIX::_exit($_[0]);
    }
    $SIG{PIPE} = "IGNORE";
    for my $name (qw(TERM INT HUP)) { $SIG{$name} = sub { end(143) } unless ($SIG{$name} || "") eq "IGNORE" }

    my ($total, $left_out, $line, $tail) = (0, 0, "", "");
    sub say_all {
      my $text = shift;
      while (length $text) {
        my $written = syswrite(STDOUT, $text);
        if (defined $written) { substr($text, 0, $written) = ""; next }
        end(141) unless $!{EINTR};
      }
    }
    sub say_lines {
      $line .= $_[0];
      my $text = "";
      while ($line =~ s/\A([^\n]{0,$longest})\n// || $line =~ s/\A([^\n]{$longest})//) { $text .= "guest| $1\n" }
      say_all($text);
    }
    sub hear {
      my $text = shift;
      my $room = $limit - $total;
      $total += length $text;
      my $fits = length $text <= $room ? $text : substr($text, 0, $room > 0 ? $room : 0);
      $how eq "log" ? say_lines($fits) : say_all($fits) if length $fits;
      my $rest = length($text) - length($fits) or return;
      end(125) if $how ne "log";
      $left_out += $rest;
      $tail = substr($tail . substr($text, length $fits), -$kept);
      wait_for(0.02);
    }

    my $until = now() + $seconds;
    my $open = 1;
    my $last;
    while ($open) {
      $last = now() + 1 if !defined $last && ended();
      my $readable = "";
      vec($readable, fileno $heard, 1) = 1;
      my $writable = "";
      vec($writable, fileno $feed, 1) = 1 if defined $feed;
      my $ready = select(my $now_readable = $readable, my $now_writable = $writable, undef, defined $last ? 0 : 0.5);
      end(124) if now() >= $until;
      next if $ready < 0;
      last if defined $last && !vec($now_readable, fileno $heard, 1) || defined $last && now() >= $last;
      if (defined $feed && vec($now_writable, fileno $feed, 1)) {
        my $written = length $input ? syswrite($feed, $input) : 0;
        if (defined $written) { substr($input, 0, $written) = "" }
        elsif (!$!{EAGAIN} && !$!{EINTR}) { $input = "" }
        if (!length $input) { close $feed; undef $feed }
      }
      if (vec($now_readable, fileno $heard, 1)) {
        my $read = sysread($heard, my $text, $piece);
        if (!defined $read) { next if $!{EAGAIN} || $!{EINTR}; last }
        if ($read == 0) { $open = 0 } else { hear($text) }
      }
    }
    if ($how eq "log") {
      say_lines("\n") if length $line;
      if ($left_out) {
        $left_out -= length $tail;
        $tail =~ s/\A[^\n]*\n// if $left_out;
        say_lines("[$left_out bytes of output are left out]\n$tail");
        say_lines("\n") if length $line;
      }
    }
    until (ended()) { end(124) if now() >= $until; wait_for(0.1) }
    POSIX::_exit($status);
  ' "$@"
}
