"""The SQL of lists, each with places for what a list asks for; no value is put into one."""

CANDIDATES = """
select w.case_id
from projection.case_words w
where {words}
limit {most}
"""
SHOWN = """
select
    p.{column} as at, p.case_id,
    json_build_object(
        'case_id', p.case_id,
        'municipality', p.municipality,
        'state', p.state,
        'department', p.department,
        'category', p.category,
        'priority', p.priority,
        'problem_report', p.problem_report,
        'channel', p.channel,
        'district', p.district,
        'submitted_at', p.submitted_at,
        'recorded_at', p.recorded_at,
        'due_at', p.due_at,
        'due_clock', case when p.due_at is not null then (
            select k.kind
            from projection.clocks k
            where
                k.case_id = p.case_id
                and k.deadline = p.due_at
                and k.kind in ('first-response', 'resolution')
                and k.state in ('running', 'breached')
            order by k.kind
            limit 1
        ) end,
        'closed_at', p.closed_at,
        'waiting_for', p.waiting_for,
        'parent', p.parent,
        'verdict', p.verdict,
        'stars', p.stars,
        'dispute_until', p.dispute_until,
        'body', p.body,
        'bounces', p.bounces,
        'part_of', p.part_of,
        'historical', p.historical,
        'times_reversed', p.times_reversed,
        'erased_at', p.erased_at,
        'version', p.version,
        'tracking_code', concat_ws(
            '-', substr(p.tracking_code, 1, 5), substr(p.tracking_code, 6, 5),
            substr(p.tracking_code, 11)
        ),
        'text', left(n.content ->> 'text', {text_max})
    )::text as document
from page p
left join projection.contents n
    on n.case_id = p.case_id and n.log_offset = p.submitted_offset
"""
COLUMNS = """
    c.case_id, c.municipality, c.state, c.department, c.category, c.priority, c.problem_report,
    c.channel, c.district, c.submitted_at, c.recorded_at, c.submitted_offset, c.due_at,
    c.closed_at, c.historical, c.times_reversed, c.erased_at, c.version, c.tracking_code,
    c.waiting_for, c.parent, c.verdict, c.stars, c.dispute_until, c.body, c.bounces, c.part_of"""
WALKED = """
with page as (
    select {columns}
    from (
        select {columns}
        from projection.cases c
        where {along}
        order by c.{column} {direction}, c.case_id {direction}
        limit {walked_max}
    ) c
    where {found} and {words}
    order by c.{column} {direction}, c.case_id {direction}
    limit {most}
)
{shown}
order by p.{column} {direction}, p.case_id {direction}
"""
# The sum keeps the planner from walking an index here too. Words are looked up in the list's order,
# and no further than the page.
SORTED = """
with page as (
    select {columns}
    from (
        select {columns}
        from {source}
        where {found}
        order by c.{column} + interval '0' {direction}, c.case_id {direction}
    ) c
    where {words}
    limit {most}
)
{shown}
order by p.{column} {direction}, p.case_id {direction}
"""
# A value and no join: a planner that takes common words for rare would join them all to each case.
SAID = "(select {words} from projection.case_words w where w.case_id = c.case_id)"
