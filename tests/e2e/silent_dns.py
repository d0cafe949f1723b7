"""For test_notifier.py, in namespaces of its own: one channel's name server
takes questions and never answers; another channel must not notice.

Usage: silent_dns.py JOBDIR. Prints the error of the first failed delivery.
"""
import fcntl
import socket
import struct
import sys

from family_peer import Job, Notifier
from receiver import Receiver

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def main():
    loopback_up()
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 53))
    with Receiver() as receiver:
        job = Job(sys.argv[1], [
            {"name": "dead", "type": "webhook",
             "url": "http://no-such-host.example.org/x"},
            {"name": "hook", "type": "webhook", "url": receiver.url()}])
        with Notifier(job) as n:
            n.event()
            n.wait_for(lambda n: n.of("DELIVERY_SENT"), 1)
            assert silent.recv(512), "nobody asked for the name"
            n.wait_for(lambda n: n.of("DELIVERY_FAILED"), 15)
            print(n.of("DELIVERY_FAILED")[0].error)
            n.event()
            n.wait_for(lambda n: len(n.of("DELIVERY_SENT")) == 2, 1)
            n.peer.shutdown(socket.SHUT_RDWR)
            assert n.wait(2) == 0


main()
