"""Server: the gate at the door of a cluster. Reviews come in over TLS, are judged by ``flow``, answered, and recorded.

``admission`` is the pure part: an AdmissionReview in, the answer out. ``spool`` keeps what was decided until it is in
the log. ``service`` joins them; ``gateproof serve`` starts it.
"""
