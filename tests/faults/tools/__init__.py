"""Small fault tools, one a file; test_tools.py shows each of them working."""
