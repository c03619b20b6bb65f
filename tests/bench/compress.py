"""What `--compress` saves and costs: reels of samples, compressed at their end, beside zstd(1) over the whole file."""
import os
import shutil
import subprocess
import tempfile

from figures import skipped, values

SAMPLES = {"two-hosts": 0, "tcp-loss": 0, "ospf-triangle": "/usr/lib/frr/zebra"}  # and what it needs of the host


def cpu_s(*command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime


def measure_sample(labreel, folder, sample, rounds):
    plain, packed, again, peer = (os.path.join(folder, f"{sample}{end}") for end in (".reel", ".packed", ".z", ".zst"))
    lab = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../samples", sample, "lab.yml")
    subprocess.run([labreel, "run", lab, "-o", plain], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(rounds):
        for copy in (packed, again):
            shutil.copyfile(plain, copy)
        # Both pack the lab's files, and write the reel anew.
        without = cpu_s(labreel, "pack", packed)
        values["compress.ms", sample].append(1e3 * (cpu_s(labreel, "pack", "--compress", again) - without))
        values["zstd.ms", sample].append(1e3 * cpu_s("zstd", "-3", "-T1", "-q", "-f", plain, "-o", peer))
        for name, file in (("plain", packed), ("compress", again), ("zstd", peer)):
            values[f"{name}.bytes", sample].append(os.path.getsize(file))
        for name, file in (("plain", packed), ("compress", again)):
            values[f"{name}.verify_ms", sample].append(1e3 * cpu_s(labreel, "verify", file))


def measure_compression(build, folder, rounds, samples):
    if os.geteuid() != 0 or not shutil.which("zstd"):
        skipped.append("compression: measured as root only, with the package zstd")
        return
    for sample in samples:
        needed = SAMPLES[sample]
        if needed and not os.path.exists(needed):
            skipped.append(f"compression of {sample}: {needed} is not there")
            continue
        with tempfile.TemporaryDirectory(dir=folder) as place:
            measure_sample(os.path.join(build, "recorder/labreel"), place, sample, rounds)


def print_compression(table):
    mixes = list(SAMPLES)
    table.ratio("compressed / plain reel, kB", "compress.bytes", "plain.bytes", scale=1e-3, mixes=mixes)
    table.ratio("compressed reel / zstd -3 of the plain file, kB", "compress.bytes", "zstd.bytes", scale=1e-3, mixes=mixes)
    table.ratio("compressing a sealed reel / zstd -3 of the file, CPU ms", "compress.ms", "zstd.ms", mixes=mixes)
    table.ratio("verify, compressed / plain, CPU ms", "compress.verify_ms", "plain.verify_ms", mixes=mixes)
