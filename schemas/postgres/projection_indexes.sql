-- What finds rows of the projection quickly. Applied after its tables; a rebuild applies it when the
-- rows are there, which is cheaper than to keep it up to date with each of them.

create index facts_of_case on facts (case_id, log_offset);
-- Of these there are as few as there are links: what ever followed a case is found by it.
create index facts_linking on facts ((fact ->> 'parent')) where type = 'case.linked.v1';
create index clocks_due on clocks (log_partition, next_due_at) where next_due_at is not null;
create index keyring_by_phone on keyring (phone_index) where phone_index is not null;
create index keyring_owed_tombstones on keyring (log_partition) where wrapped is null;
create index answered_calls_by_time on answered_calls (municipality, answered_at);

-- For lists. Each of these costs the projector some 3 µs a new case, and again at a change of its
-- state (docs/benchmarks.md), so there is none that another can stand in for. The first three are
-- walked in the order of a list; the narrow ones are combined where a walk would find too little;
-- those with a condition hold few rows, and cost the others nothing. What changed lately is asked of
-- a department's cases, and would be looked for in all of them.
create index cases_by_tracking_code on cases (tracking_code);
create index cases_by_time on cases (submitted_at, case_id);
create index cases_of_municipality on cases (municipality, submitted_at, case_id);
create index cases_due on cases (due_at, case_id) where due_at is not null;
create index cases_of_department on cases (department, municipality, recorded_at);
create index cases_of_category on cases (category);
create index cases_of_district on cases (district);
create index cases_open on cases (state) where state not in ('resolved', 'closed');
create index cases_urgent on cases (municipality, submitted_at) where priority = 'urgent';
create index cases_historical on cases (submitted_at, case_id) where historical;
create index cases_waiting on cases (submitted_at, case_id) where waiting_for is not null;
create index cases_linked on cases (parent) where parent is not null;
create index cases_part_of on cases (part_of) where part_of is not null;
create index cases_of_verdict on cases (verdict) where verdict is not null;
-- What a new case may repeat: open cases on the map, and what came lately with the very words of its
-- address, of which a tree takes only the beginning.
create index cases_alike on cases (municipality, category, state, lat, lon, recorded_at)
    where lat is not null and state in ('routed', 'acknowledged', 'started', 'linked');
create index case_words_address on case_words (left(address, 200), recorded_at)
    where address is not null;
-- The spaces around make a whole word of the first and of the last one too, so that a word of two
-- letters can be looked for as a word.
create index case_words_found on case_words
    using gin ((' ' || words || ' ') public.gin_trgm_ops);
