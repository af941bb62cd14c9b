"""What measures, judges and reports.

case         what a row is: cases, samples, the musts and aims
bounds       a must or an aim, as data that can be judged
bench        the files that the rows work on (`ext4`: where new ones are best made)
drive        clocks and tickers around a workload
peers        an adapter loaded into this process
isolated     a peer in a process of its own (`worker` is its other end)
environment  the separate environment of the earlier rapfiles
measure      the interleaved rounds, their medians, the check of every result
results      what was measured, to and from JSON
table        the table on a terminal
docs, chart  docs/benchmarks.md, its picture, and the README's table
"""
