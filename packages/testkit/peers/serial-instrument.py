"""
An instrument on a serial line for tests, that speaks lines of text. The port is Debian's python3-serial.

  Start:   /usr/bin/python3 serial-instrument.py PATH

Prints "ready PATH". It answers V with "V 3.25 TARGET", S with "S 59993", T NUMBER with "OK" or "ERR" beyond 100, and L1 by
telling a line "W +  N.5 kg" every 20 ms, N counting up, until L0. It says nothing to anything else.
"""
import sys
import threading
import time

import serial

port = serial.Serial(sys.argv[1], 19200, timeout=0.05)
lock = threading.Lock()
target, telling, count = "30", False, 0


def say(text):
    with lock:
        port.write((text + "\r\n").encode("latin1"))


def tell():
    global count
    while True:
        time.sleep(0.02)
        if telling:
            say("W +  %d.5 kg" % count)
            count += 1


threading.Thread(target=tell, daemon=True).start()
print("ready", sys.argv[1], flush=True)
while True:
    line = port.read_until(b"\r\n").decode("latin1").strip()
    if line == "V":
        say("V 3.25 " + target)
    elif line == "S":
        say("S 59993")
    elif line in ("L1", "L0"):
        telling = line == "L1"
    elif line.startswith("T "):
        fits = float(line[2:]) <= 100
        target = line[2:] if fits else target
        say("OK" if fits else "ERR")
