#!/usr/bin/env python3
"""Makes vectors.json from the definitions in the package comment, with the
openssl command for AES and the text of C2SP chacha8rand for ChaCha8."""
import hashlib, hmac, json, struct, subprocess

UNIT = 1 << 20


def key(seed, domain, drive, index):
    message = domain.encode() + b"\0" + drive.encode() + b"\0" + struct.pack("<Q", index)
    return hmac.new(seed, message, hashlib.sha256).digest()


def aes128_ctr(k):
    return subprocess.run(
        ["openssl", "enc", "-aes-128-ctr", "-nopad", "-K", k[:16].hex(), "-iv", k[16:].hex()],
        input=bytes(UNIT), stdout=subprocess.PIPE, check=True).stdout


def quarter(x, a, b, c, d):
    for to, by, on, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[to] = (x[to] + x[by]) & 0xFFFFFFFF
        v = x[on] ^ x[to]
        x[on] = (v << turn | v >> (32 - turn)) & 0xFFFFFFFF


def block(words, counter):
    x = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *words, counter, 0, 0, 0]
    for _ in range(4):
        quarter(x, 0, 4, 8, 12), quarter(x, 1, 5, 9, 13), quarter(x, 2, 6, 10, 14), quarter(x, 3, 7, 11, 15)
        quarter(x, 0, 5, 10, 15), quarter(x, 1, 6, 11, 12), quarter(x, 2, 7, 8, 13), quarter(x, 3, 4, 9, 14)
    for i in range(8):  # only the key is added
        x[4 + i] = (x[4 + i] + words[i]) & 0xFFFFFFFF
    return x


def chacha8rand(seed):
    out = bytearray()
    while len(out) < UNIT:
        words, buf = struct.unpack("<8I", seed), bytearray()
        for counter in range(0, 16, 4):  # four blocks, interleaved word by word
            four = [block(words, counter + i) for i in range(4)]
            for w in range(16):
                buf += struct.pack("<4I", *(b[w] for b in four))
        out += buf[:-32]
        seed = bytes(buf[-32:])
    return bytes(out[:UNIT])


vectors = []
nvme = "nvme||0011223344556677||Example NVMe|S1|1000204886016"
ata = "ata|naa.5000c50012345678|||Example HDD|Z1|500107862016"
counting = bytes(range(32))
for name, generate in (("aes128-ctr-1", aes128_ctr), ("chacha8-1", chacha8rand)):
    for domain, seed, drive, index in (
            ("regain overwrite 1", counting, ata, 0),
            ("regain overwrite 1", counting, ata, 476939),
            ("regain overwrite 1", bytes([255] * 32), nvme, 1 << 33),
            ("regain marker 1", counting, nvme, 63)):
        unit = generate(key(seed, domain, drive, index))
        vectors.append({"generator": name, "domain": domain, "seed": seed.hex(), "drive": drive,
                        "index": index, "first_64": unit[:64].hex(), "last_32": unit[-32:].hex()})
with open("vectors.json", "w") as f:
    json.dump(vectors, f, indent=1)
    f.write("\n")
