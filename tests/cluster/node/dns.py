#!/usr/bin/env python3
"""A name server for the pods of a test: dns.py ADDRESS NAME=IP ... It knows these names, and says of all others that they are not there."""
import socket
import struct
import sys

KNOWN = dict(pair.split("=") for pair in sys.argv[2:])


def question(message):
    """The name that is asked for, the type of the record, and where the question ends."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels).lower(), struct.unpack("!H", message[at + 1:at + 3])[0], at + 5


def answer(message):
    name, kind, end = question(message)
    address = KNOWN.get(name)
    records = b""
    if address and kind == 1:
        records = struct.pack("!HHHIH", 0xC00C, 1, 1, 5, 4) + socket.inet_aton(address)
    flags = 0x8580 if address else 0x8583
    head = message[:2] + struct.pack("!HHHHH", flags, 1, 1 if records else 0, 0, 0)
    return head + message[12:end] + records


line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind((sys.argv[1], 53))
while True:
    asked, who = line.recvfrom(512)
    line.sendto(answer(asked), who)
