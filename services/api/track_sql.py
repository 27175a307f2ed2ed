"""The SQL of the citizen's look-up; every step is in its own words, and nobody's name in any.

`c` is the case of that code, and `r` the one whose clocks it goes by: itself, if it follows none.
"""

TRACKED = """
select
    c.municipality, r.department, c.category, n.content -> 'reporter' ->> 'phone' as phone,
    json_build_object(
        'state', r.state,
        'first_tracking_code', case when r.case_id <> c.case_id then r.tracking_code end,
        'submitted_at', c.submitted_at,
        'waiting', case when r.waiting_for is not null then json_build_object(
            'reason', r.waiting_for,
            'since', r.waiting_since,
            'until', r.waiting_until
        ) end,
        'handed_over', case when r.body is not null then json_build_object(
            'id', r.body,
            'answer', r.body_answer,
            'reference', r.body_reference
        ) end,
        'dispute_until', r.dispute_until,
        'verdict', r.verdict,
        'stars', r.stars,
        'parts', coalesce(
            (
                select json_agg(p.tracking_code order by p.recorded_at, p.case_id)
                from projection.cases p
                where p.part_of = c.case_id
            ),
            '[]'::json
        ),
        'messages', coalesce(
            (
                select json_agg(
                    json_build_object(
                        'kind', case f.type when 'case.noted.v1' then 'note' else 'question' end,
                        'at', f.recorded_at,
                        'text', m.content -> 'note'
                    )
                    order by f.recorded_at, f.log_offset
                )
                from projection.facts f
                join projection.contents m
                    on m.case_id = f.case_id and m.log_offset = f.log_offset
                where
                    f.case_id = any(array[c.case_id, r.case_id])
                    and f.judgement = 'effective'
                    and m.content ->> 'note' is not null
                    -- What a citizen wrote is told to nobody who merely has a code.
                    and coalesce(f.fact ->> 'role', 'member') not in ('citizen', 'channel')
                    and (
                        f.type = 'case.noted.v1' and f.fact ->> 'visibility' = 'public'
                        -- Whoever reported it first is asked; their question is not another's.
                        or f.type = 'case.information-requested.v1' and f.case_id = c.case_id
                    )
            ),
            '[]'::json
        ),
        'deadlines', coalesce(
            (
                select json_agg(
                    json_build_object('kind', k.kind, 'deadline', k.deadline, 'state', k.state)
                    order by k.deadline, k.kind, k.cycle
                )
                from projection.clocks k
                where k.case_id = r.case_id and k.kind in ('first-response', 'resolution')
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
                            when f.type in ('case.pause-ended.v1', 'case.undisputed.v1')
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
                        'case.linked.v1', 'case.unlinked.v1', 'case.split.v1',
                        'case.handed-over.v1', 'case.handed-over-answered.v1',
                        'case.confirmed.v1', 'case.disputed.v1', 'case.undisputed.v1',
                        'case.rated.v1',
                        'case.resolved.v1', 'case.closed-without-action.v1'
                    )
            ),
            '[]'::json
        )
    )::text as document
from projection.cases c
cross join lateral (
    with recursive up (case_id, parent, depth) as (
        select c.case_id, c.parent, 0
        union all
        select q.case_id, q.parent, up.depth + 1
        from up
        join projection.cases q on q.case_id = up.parent
        where up.depth < {most}
    )
    select coalesce((select up.case_id from up where up.parent is null), c.case_id) as case_id
) root
join projection.cases r on r.case_id = root.case_id
{contents}
where c.tracking_code = $1 and ($2::text is null or c.municipality = $2)
order by c.submitted_at, c.case_id
limit $3
"""
