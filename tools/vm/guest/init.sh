#!/bin/bash
# The guest after its first steps: drivers' devices, the project in place, the proofs, off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
for place in proc sys dev run; do # the first stage mounts them; a kernel without one does not
    mountpoint -q /$place || echo "vm: /$place is not mounted"
done
mkdir -p /dev/pts /dev/shm /mnt/results
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /tmp
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 results /mnt/results
/lib/systemd/systemd-udevd --daemon # gives devices to the group video, as everywhere
udevadm trigger --action=add
echo "vm: $(uname -r), $(nproc) processors, up since $(cut -d' ' -f1 /proc/uptime) s"

cd /opt/avatar || exit
rm -rf avatar engines ui tools
tar -xf /mnt/project/project.tar
words=()
for word in $(cat /proc/cmdline); do
    case $word in vm.*) words+=("${word#vm.}") ;; esac
done
.venv/bin/python -m tools.vm.guest --results /mnt/results "${words[@]}" 2>&1
echo "vm: the proofs ended with $?"
dmesg >/mnt/results/dmesg.log
sync
umount /mnt/results
echo o >/proc/sysrq-trigger
sleep 60
