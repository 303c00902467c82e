-- Packs in force, beyond the law that the program itself knows. A row never changes and none is taken away.
create table rule_packs (
    ordinal    integer not null primary key, -- 1, 2, …: the order in which they change the law.
    id         text not null,
    document   text not null,                -- JSON, in one way of writing it.
    reason     text not null,
    applied_by text not null,                -- The organisation.
    applied_at timestamptz not null,         -- Never before that of a lower ordinal.
    constraint rule_packs_id_once unique (id)
);

-- How many packs were in force when the case was last read; null until first read. Cases with fewer than there are now wait
-- to be read again, so that nothing else need remember how far that has come.
alter table cases add column packs integer;
update cases set packs = 0 where outline is not null;
create index cases_packs on cases (packs);
