"""The SQL of one case: as it is stored, as it is rendered from facts, its facts, its relatives."""

# What the citizen said, as it lies with the fact that opened the case.
SAID = """
left join projection.contents n
    on n.case_id = c.case_id and n.log_offset = c.submitted_offset"""
_TEMPLATE = """
select
    c.version, c.municipality, c.department, c.body,
    c.parent is not null or c.parts > 0 or exists (
        select from projection.facts l
        where l.type = 'case.linked.v1' and l.fact ->> 'parent' = c.case_id
    ) as related,
    json_build_object(
        'case_id', c.case_id,
        'municipality', c.municipality,
        'state', c.state,
        'department', c.department,
        'category', c.category,
        'priority', c.priority,
        'problem_report', c.problem_report,
        'clocks', coalesce(
            (
                select json_agg(
                    json_build_object(
                        'kind', k.kind,
                        'cycle', k.cycle,
                        'department', k.department,
                        'started_at', k.started_at,
                        'deadline', k.deadline,
                        'state', k.state,
                        'stopped_at', k.stopped_at,
                        'voided', k.voided
                    )
                    order by k.deadline, k.kind, k.cycle
                )
                from {clocks}
            ),
            '[]'::json
        ),
        'waiting', case when c.waiting_for is not null then json_build_object(
            'reason', c.waiting_for,
            'since', c.waiting_since,
            'until', c.waiting_until
        ) end,
        'parent', c.parent,
        'transfers', c.transfers,
        'reopenings', c.reopenings,
        'bounces', c.bounces,
        'verdict', c.verdict,
        'stars', c.stars,
        'dispute_until', c.dispute_until,
        'body', case when c.body is not null then json_build_object(
            'body', c.body,
            'title_fa', null,
            'title_en', null,
            'answer', c.body_answer,
            'reference', c.body_reference
        ) end,
        'parts', json_build_object('count', c.parts, 'case_ids', '[]'::json),
        'part_of', c.part_of,
        'follows', null,
        'followers', json_build_object('count', 0, 'case_ids', '[]'::json),
        'routing', case when c.policy_version is not null then json_build_object(
            'reason', c.routing_reason,
            'policy_version', c.policy_version
        ) end,
        'version', c.version,
        'channel', c.channel,
        'submitted_at', c.submitted_at,
        'recorded_at', c.recorded_at,
        'occurred_at', c.occurred_at,
        'due_at', c.due_at,
        'closed_at', c.closed_at,
        'historical', c.historical,
        'times_reversed', c.times_reversed,
        'erased_at', c.erased_at,
        'district', c.district,
        'unfoldable', c.unfoldable,
        'tracking_code', concat_ws(
            '-', substr(c.tracking_code, 1, 5), substr(c.tracking_code, 6, 5),
            substr(c.tracking_code, 11)
        ),
        'text', n.content -> 'text',
        'place', n.content -> 'place'
    )::text as document
from {cases} {contents}
"""
CASE = (
    _TEMPLATE.format(
        cases="projection.cases c",
        clocks="projection.clocks k where k.case_id = c.case_id",
        contents=SAID,
    )
    + "where c.case_id = $1"
)
# The same words for rows that are made of facts anew: one shape, whenever it was so.
RENDERED = _TEMPLATE.format(
    cases="json_populate_record(null::projection.cases, $1::json) c",
    clocks="json_populate_recordset(null::projection.clocks, $2::json) k",
    contents=SAID,
)

FACTS = """
select
    c.version, c.municipality, c.department,
    f.log_partition, f.log_offset, f.judgement, f.refusal, f.refused_for, f.fact, f.said
from projection.cases c
left join lateral (
    select
        g.log_partition, g.log_offset, g.judgement, g.refusal, g.refused_for,
        g.fact::text as fact,
        -- What was said of the case; the submission is the case's own text.
        case when g.type <> 'case.submitted.v1' then n.content::text end as said
    from projection.facts g
    left join projection.contents n
        on n.case_id = g.case_id and n.log_offset = g.log_offset
    where g.case_id = c.case_id and g.log_offset > $2
    order by g.log_offset
    limit $3
) f on true
where c.case_id = $1
order by f.log_offset
"""

RECORDED_BY = """
select
    c.version, c.municipality, c.department,
    f.log_partition, f.log_offset, f.judgement, f.refusal, f.fact
from projection.cases c
left join lateral (
    select g.log_partition, g.log_offset, g.judgement, g.refusal, g.fact::text as fact
    from projection.facts g
    where g.case_id = c.case_id and g.log_offset < coalesce(
        (
            select min(h.log_offset)
            from projection.facts h
            where h.case_id = c.case_id and h.recorded_at > $2
        ),
        9223372036854775807
    )
    order by g.log_offset
    limit $3
) f on true
where c.case_id = $1
order by f.log_offset
"""

# By which case's clocks it goes, the last of those that it follows one after the other; none where
# they follow each other. A chain is longer than this by mistake alone.
FOLLOWED_MAX = 20
_ROOT = """
with recursive up (case_id, parent, depth) as (
    select c.case_id, c.parent, 0
    from projection.cases c
    where c.case_id = $1
    union all
    select p.case_id, p.parent, up.depth + 1
    from up
    join projection.cases p on p.case_id = up.parent
    where up.depth < {most}
)
select r.case_id, r.municipality, r.department, r.tracking_code, r.state
from up
join projection.cases r on r.case_id = up.case_id
where up.parent is null and up.depth > 0
"""
ROOT = _ROOT.format(most=FOLLOWED_MAX)
RELATED_MAX = 200
_RELATED = """
select
    r.case_id, r.municipality, r.department, r.tracking_code, r.state,
    count(*) over () as together
from {whose}
order by r.submitted_at, r.case_id
limit {most}
"""
PARTS = _RELATED.format(
    whose="""projection.cases r
where r.part_of = $1 and r.recorded_at <= $2""",
    most=RELATED_MAX,
)
# Of all that ever followed it, those whose last word by then was that they do.
FOLLOWERS = _RELATED.format(
    whose="""(
    select distinct l.case_id
    from projection.facts l
    where l.type = 'case.linked.v1' and l.fact ->> 'parent' = $1 and l.judgement = 'effective'
) once
cross join lateral (
    select g.fact ->> 'parent' as parent
    from projection.facts g
    where
        g.case_id = once.case_id
        and g.type in ('case.linked.v1', 'case.unlinked.v1')
        and g.judgement = 'effective'
        and g.recorded_at <= $2
    order by g.log_offset desc
    limit 1
) latest
join projection.cases r on r.case_id = once.case_id
where latest.parent = $1""",
    most=RELATED_MAX,
)
