-- What finds rows of the projection quickly. Applied after its tables; a rebuild applies it when the
-- rows are there, which is cheaper than to keep it up to date with each of them.

create index facts_of_case on facts (case_id, log_offset);
create index cases_by_tracking_code on cases (tracking_code);
create index case_words_found on case_words using gin (words public.gin_trgm_ops);
create index clocks_due on clocks (log_partition, next_due_at) where next_due_at is not null;
create index keyring_by_phone on keyring (phone_index) where phone_index is not null;
create index keyring_owed_tombstones on keyring (log_partition) where wrapped is null;
