"""What the server says about itself: metrics, and lines for its log."""

from __future__ import annotations

import sys
from collections.abc import Callable

from gateproof.render.untrusted import plain
from gateproof.server.metrics import Counter, Family, Gauge, Histogram, exposition

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Telemetry:
    """The metrics of a server, each under the name that alerts are written for; see docs/guides/admission.md."""

    def __init__(self) -> None:
        self.reviews = Counter("gateproof_admission_reviews", "Reviews that were answered, by verdict and answer.")
        self.refused_requests = Counter("gateproof_admission_bad_requests", "Requests that were no review, by status.")
        self.seconds = Histogram("gateproof_admission_seconds", "Time from request to answer.", _SECONDS)
        self.break_glass = Counter("gateproof_admission_break_glass", "Reviews let in by break-glass alone.")
        self.break_glass_ends = Gauge(
            "gateproof_admission_break_glass_expiry_timestamp_seconds", "When break-glass ends to count."
        )
        self.unrecorded = Counter("gateproof_admission_unrecorded", "Reviews whose decision could not be recorded.")
        self.spool_bytes = Gauge("gateproof_spool_bytes", "Bytes that wait for the log.")
        self.spool_limit = Gauge("gateproof_spool_limit_bytes", "Bytes that may wait for the log.")
        self.spool_oldest = Gauge("gateproof_spool_oldest_seconds", "Age of the oldest decision that waits.")
        self.recorded = Gauge("gateproof_spool_recorded_decisions", "Decisions that this drain brought into the log.")
        self.aside = Gauge("gateproof_spool_aside", "Segments and decisions that were moved aside.")
        self.drain_problem = Gauge("gateproof_spool_drain_failed", "1 while nothing gets into the log.")
        self.reloads = Counter("gateproof_policies_reloads", "Times that policies were loaded.")
        self.reload_failed = Gauge("gateproof_policies_reload_failed", "1 while an older set is in force.")
        self.policies = Gauge("gateproof_policies_info", "The set in force: bundle digest and revision.")
        self.loaded_at = Gauge("gateproof_policies_loaded_timestamp_seconds", "When the set in force was loaded.")
        self.waivers = Gauge("gateproof_waivers", "Waivers at hand.")
        self.namespaces_age = Gauge("gateproof_namespaces_age_seconds", "Age of what is known about namespaces.")
        self.certificate_ends = Gauge(
            "gateproof_tls_certificate_expiry_timestamp_seconds", "When the certificate expires."
        )
        self.certificate_failed = Gauge("gateproof_tls_reload_failed", "1 while a changed certificate cannot be used.")
        self.clock_backwards = Counter("gateproof_clock_backwards", "Times that the clock was behind what it had said.")
        self.connections = Gauge("gateproof_connections", "Open connections.")

    def exposition(self) -> bytes:
        """All of them as text."""
        families: list[Family] = list(vars(self).values())
        return exposition(families)


def say(text: str, now: Callable[[], str]) -> None:
    """One line for the server's log, on standard error."""
    sys.stderr.write(f"{now()} {plain(text, 2000)}\n")
    sys.stderr.flush()
