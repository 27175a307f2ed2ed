"""The SQL of the citizen's look-up; every step is in its own words, and nobody's name in any."""

TRACKED = """
select
    c.municipality, c.department, c.category, n.content -> 'reporter' ->> 'phone' as phone,
    json_build_object(
        'state', c.state,
        'submitted_at', c.submitted_at,
        'waiting', case when c.waiting_for is not null then json_build_object(
            'reason', c.waiting_for,
            'since', c.waiting_since,
            'until', c.waiting_until
        ) end,
        'deadlines', coalesce(
            (
                select json_agg(
                    json_build_object('kind', k.kind, 'deadline', k.deadline, 'state', k.state)
                    order by k.deadline, k.kind, k.cycle
                )
                from projection.clocks k
                where k.case_id = c.case_id and k.kind in ('first-response', 'resolution')
            ),
            '[]'::json
        ),
        'steps', coalesce(
            (
                select json_agg(
                    json_build_object(
                        'step', case f.type
                            when 'case.closed-without-action.v1' then 'closed'
                            when 'case.transfer-requested.v1' then 'passed-on'
                            when 'case.paused.v1' then 'waiting'
                            when 'case.information-requested.v1' then 'asked'
                            when 'case.information-received.v1' then 'answered'
                            when 'case.pause-ended.v1' then 'resumed'
                            else split_part(f.type, '.', 2)
                        end,
                        'at', case
                            when (f.fact -> 'occurred_at_counts')::boolean
                            then (f.fact ->> 'occurred_at')::timestamptz
                            when f.type = 'case.pause-ended.v1'
                            then (f.fact ->> 'due_at')::timestamptz
                            else f.recorded_at
                        end,
                        'reason', f.fact -> 'pause' -> 'why'
                    )
                    order by f.log_offset
                )
                from projection.facts f
                where
                    f.case_id = c.case_id
                    and f.judgement = 'effective'
                    and f.type in (
                        'case.submitted.v1', 'case.routed.v1',
                        'case.acknowledged.v1', 'case.started.v1',
                        'case.paused.v1', 'case.resumed.v1', 'case.pause-ended.v1',
                        'case.information-requested.v1', 'case.information-received.v1',
                        'case.transfer-requested.v1', 'case.reopened.v1',
                        'case.linked.v1', 'case.unlinked.v1',
                        'case.resolved.v1', 'case.closed-without-action.v1'
                    )
            ),
            '[]'::json
        )
    )::text as document
from projection.cases c
{contents}
where c.tracking_code = $1 and ($2::text is null or c.municipality = $2)
order by c.submitted_at, c.case_id
limit $3
"""
