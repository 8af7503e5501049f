#!/bin/sh
# A user manager of systemd's in namespaces of its own: unshare -m -C -p --fork --mount-proc sh user_manager.sh NAME
# Sees the files of the machine but for /run; ends when its standard input does.
set -e
mount -t cgroup2 none /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$1"
echo $$ >"/sys/fs/cgroup/$1/cgroup.procs"
mount -t tmpfs none /run
mkdir -p "/run/user/$(id -u)" /run/systemd/system
chmod 700 "/run/user/$(id -u)"
export XDG_RUNTIME_DIR="/run/user/$(id -u)"
SYSTEMD_LOG_TARGET=console /lib/systemd/systemd --user </dev/null >&2 &
echo ready
cat >/dev/null
