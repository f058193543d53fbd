# SPDX-License-Identifier: Apache-2.0
"""What bench.py is made of: machine, servers, loads, lines, report."""
