const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** capabilities(7), as of Linux 5.9; none has been added since. */
export const CAPABILITIES = words(`
  AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER
  FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
  NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
  SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
`).map((name) => `CAP_${name}`);

/** Groups of system calls, as `systemd-analyze syscall-filter` lists them; systemd 254 added `@sandbox`. */
export const SYSTEM_CALL_GROUPS = words(`
  aio basic-io chown clock cpu-emulation debug default file-system io-event ipc keyring known memlock module mount
  network-io obsolete pkey privileged process raw-io reboot resources sandbox setuid signal swap sync system-service timer
`).map((name) => `@${name}`);

/** address_families(7) and <bits/socket.h>. */
export const ADDRESS_FAMILIES = words(`
  ALG APPLETALK ASH ATMPVC ATMSVC AX25 BLUETOOTH BRIDGE CAIF CAN DECnet ECONET IB IEEE802154 INET INET6 IPX IRDA ISDN IUCV
  KCM KEY LLC MCTP MPLS NETBEUI NETLINK NETROM NFC PACKET PHONET PPPOX QIPCRTR RDS ROSE RXRPC SECURITY SMC SNA TIPC UNIX
  VSOCK WANPIPE X25 XDP
`).map((name) => `AF_${name}`);

/** signal(7). */
export const SIGNALS = words(`
  ABRT ALRM BUS CHLD CONT FPE HUP ILL INT IO KILL PIPE PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG
  USR1 USR2 VTALRM WINCH XCPU XFSZ
`).map((name) => `SIG${name}`);
