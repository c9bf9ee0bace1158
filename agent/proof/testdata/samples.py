#!/usr/bin/env python3
"""Makes samples.json from the definition in the comment of Samples."""
import hashlib, hmac, json, struct


def block_size(plan, size, sector):
    enough = 20 * 1000 if plan == "nist-r1" else 16 * 256
    block = 1 << 20
    while block > max(4096, sector) and size // block < enough:
        block //= 2
    return block


def samples(seed, drive, plan, size, sector):
    block = block_size(plan, size, sector)
    n = -(-size // block)
    if plan == "nist-r1" and n > 1:
        parts, pair = min(1000, n // 2), True
    else:
        parts, pair = min(1000 if plan == "nist-r1" else 256, n), False
    places = []
    for i in range(parts):
        first, past = i * n // parts, (i + 1) * n // parts
        s = past - first
        message = b"regain sample 1 " + plan.encode() + b"\0" + drive.encode() + b"\0" + struct.pack("<Q", i)
        a, b = struct.unpack("<QQ", hmac.new(seed, message, hashlib.sha256).digest()[:16])
        if pair:
            r = s // 20 + 1
            x, y = sorted((a % (s - 2 * r + 1), b % (s - 2 * r + 1)))
            runs = [(x, r), (y + r, r)]
        else:
            runs = [(a % s, 1)]
        for at, blocks in runs:
            start = (first + at) * block
            places.append([start, min(size, start + blocks * block) - start])
    return block, places


vectors = []
nvme = "nvme||0011223344556677||Example NVMe|S1|1000204886016"
for plan in ("nist-r2", "nist-r1", "full"):
    for size, sector in ((1000204886016, 512), (256 << 20, 4096), (10 * 512, 512), (8 << 20 | 512, 512), (512, 512)):
        block, places = samples(bytes(range(32)), nvme, plan, size, sector)
        text = "".join("%d+%d\n" % tuple(p) for p in places)
        vectors.append({"seed": bytes(range(32)).hex(), "drive": nvme, "plan": plan, "size": size, "sector": sector,
                        "block": block, "places": len(places), "first": places[:3], "last": places[-1],
                        "sha256": hashlib.sha256(text.encode()).hexdigest()})
with open("samples.json", "w") as f:
    json.dump(vectors, f, indent=1)
    f.write("\n")
