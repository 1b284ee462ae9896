#!/bin/sh
# Builds the guest's disk: the Debian of debian.sh, and this project set up in it as its README says
# (the light set-up). Run by tools/vm/image.py as debian.sh is.
#   usage: guest.sh WORK TARBALL PROJECT
# WORK gets guest.ext4, vmlinuz, initrd.img and versions.txt; PROJECT is a copy of the sources.
set -eu
work=$1 tarball=$2 project=$3
root=$work/root

say() { echo "vm: $*"; }

rm -rf "$root"
mkdir -p "$root"
tar -C "$root" -xf "$tarball"
mount -t proc proc "$root/proc"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then # an index of packages may have its own authority
    cp /etc/ssl/certs/ca-certificates.crt "$root/opt/host-ca.crt"
    certificates=/opt/host-ca.crt
fi

inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        DEBIAN_FRONTEND=noninteractive PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
        ${certificates:+PIP_CERT=$certificates} ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} "$@"
}

say "the project, by its own light set-up"
mkdir -p "$root/opt/avatar" "$root/opt/vm"
cp -r "$project/." "$root/opt/avatar/"
inside make -C /opt/avatar setup LIGHT=1

say "the image"
inside apt-get clean
kernel=$(basename "$(ls -d "$root"/lib/modules/*)")
{
    inside uname -m
    echo "kernel $kernel"
    inside dpkg-query -W -f '${Package} ${Version}\n' \
        linux-image-amd64 v4l2loopback-dkms v4l-utils ffmpeg python3
    inside /opt/avatar/.venv/bin/python -m pip list --format=freeze
} >"$work/versions.txt"
rm -f "$root/usr/sbin/policy-rc.d" "$root/opt/host-ca.crt" "$root/etc/resolv.conf"
cat >"$root/opt/vm/init" <<'INIT'
#!/bin/bash
# PID 1: everything else comes with the project, so that it changes without a new image.
modprobe -a 9p 9pnet_virtio
mkdir -p /mnt/project
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000 project /mnt/project &&
    exec /bin/bash /mnt/project/tools/vm/guest/init.sh
echo "vm: the project could not be mounted"
echo o >/proc/sysrq-trigger
sleep 60
INIT
chmod +x "$root/opt/vm/init"
umount "$root/proc"
cp "$root/boot/vmlinuz-$kernel" "$work/vmlinuz"
cp "$root/boot/initrd.img-$kernel" "$work/initrd.img"
rm -f "$work/guest.ext4"
mke2fs -q -t ext4 -L guest -d "$root" "$work/guest.ext4" 5G # sparse: what is not used takes no room
rm -rf "$root"
say "the image is ready"
