"""The virtual camera on a real kernel: a small Debian under qemu, and what is proven in it.

``make test-vcam``; needs root, debootstrap and qemu-system-x86_64, no hardware virtualisation.
tools/vm is the host's side, tools/vm/guest runs inside.
"""
