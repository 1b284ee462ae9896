#!/bin/sh
# Builds the guest's Debian: a kernel, v4l2loopback built against its headers, FFmpeg. Run by
# tools/vm/image.py, as root, in a mount namespace of its own, so that nothing stays mounted whatever
# happens.
#   usage: debian.sh TARBALL SUITE MIRROR SECURITY
set -eu
tarball=$1 suite=$2 mirror=$3 security=$4
root=$tarball.root

say() { echo "vm: $*"; }

say "Debian $suite from $mirror"
rm -rf "$root"
debootstrap --variant=minbase "$suite" "$root" "$mirror"
cat >"$root/etc/apt/sources.list" <<LIST
deb $mirror $suite main
deb $mirror $suite-updates main
deb $security $suite-security main
LIST
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # no service starts in here
chmod +x "$root/usr/sbin/policy-rc.d"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io" # a build that is cut short starts anew
mkdir -p "$root/etc/initramfs-tools/conf.d"
# All that the first stage needs is the disk; the default of every driver takes a minute to unpack
# under emulation.
echo MODULES=list >"$root/etc/initramfs-tools/conf.d/driver-policy"
mount -t proc proc "$root/proc"

inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        DEBIAN_FRONTEND=noninteractive "$@"
}

say "kernel, headers, v4l2loopback, FFmpeg"
inside apt-get update -qq
inside apt-get install -qq -y --no-install-recommends initramfs-tools zstd kmod udev
printf '%s\n' virtio_pci virtio_blk ext4 >>"$root/etc/initramfs-tools/modules"
inside apt-get install -qq -y --no-install-recommends \
    linux-image-amd64 linux-headers-amd64 v4l2loopback-dkms v4l-utils ffmpeg \
    python3-venv make procps
kernel=$(basename "$(ls -d "$root"/lib/modules/*)")
inside dkms autoinstall -k "$kernel" # not for the kernel that runs here
inside modinfo -k "$kernel" -F vermagic v4l2loopback
inside useradd --create-home --groups video user
inside useradd --create-home stranger
inside apt-get clean
umount "$root/proc"
tar -C "$root" -cf "$tarball.part" .
rm -rf "$root"
mv "$tarball.part" "$tarball"
say "Debian is ready"
