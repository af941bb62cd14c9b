"""What rapfiles costs, beside blocking code and its peers: `python -m benchmarks`.

`rows/` holds one file per row of the table, `peers/` one adapter per library, `harness/` what
measures, judges and reports. To add a row, add one file to `rows/`; to add a peer, add one
file to `peers/` and its pin to `requirements.txt`.
"""
