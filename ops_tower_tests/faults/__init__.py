"""The bad day: runs that are killed, full disks, hostile files and texts, misuse.

`make faults` runs all of it in full; the default run takes the short form of the same tests.
"""
