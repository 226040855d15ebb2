"""Calling: the queue, dispositions, attempts, the script, appointments.

One call, step by step (each is one transaction; every write names the case and its fence)::

    claim = queue.claim_next_case(actor=operator, at=now)          # None: see waiting.why_empty
    attempts.start_attempt(claim.case_id, claim.fence, actor=operator, at=now)
    attempts.save_answer(claim.case_id, claim.fence, "G1", ["1"], actor=operator, at=now)
    reports.record_outcome(
        claim.case_id,
        claim.fence,
        CallReport(disposition="41", idempotency_key=key),
        actor=operator,
        at=now,
    )

An interview (11, 12, 13) is reported with answers, saved during the call or in the report;
``script.answers_leading_to(project, "V1")`` gives a set of them for rehearsals. D1 and SD need
``waiver_read_at``, 31 and 32 a ``window``, and the dispositions that say so a ``note``.
"""
