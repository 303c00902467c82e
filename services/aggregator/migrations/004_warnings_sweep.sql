-- Warnings published before a target. The key is what makes each once, however many replicas notice it.
create table warnings (
    case_key     text not null,
    authority    text not null,
    case_id      text not null,
    obligation   text not null,
    advice_id    text not null, -- '' as in obligations
    occasion     text not null,
    obligor      text not null,
    rule         text not null,
    target       date not null,
    due          date not null,
    days_before  integer not null,     -- The rung of the ladder.
    days_left    integer not null,     -- Fewer than days_before where the rung itself passed unseen.
    published_at timestamptz not null,
    constraint warnings_once primary key (case_key, obligation, advice_id, occasion, obligor, target, days_before),
    constraint warnings_in_time check (days_left between 0 and days_before)
);
create index warnings_target on warnings (authority, target);

-- Whether it will be a breach if it stays undone. Guidance, and what is not known to be owed, stays OPEN past its due day.
alter table obligations add column binds boolean not null default false;
-- What should be empty: open past the day on which it became a breach.
create index obligations_open on obligations (breach_at) where state = 'OPEN' and binds;

-- How far the check of all cases against their facts has come, and how the one before it ended. All replicas share it.
create table sweep (
    only_row             integer not null primary key,
    checked_up_to        text not null,   -- Case key; '' before the first.
    began_at             timestamptz,     -- Null before the first batch.
    cases_checked        bigint not null,
    cases_passed_over    bigint not null, -- Due to be read, being read or unreadable: not comparable.
    disagreements        bigint not null,
    late_unrecorded      bigint not null, -- Late obligations without a recorded breach.
    last_began_at        timestamptz,     -- Null until a sweep has ended.
    last_ended_at        timestamptz,
    last_checked         bigint not null,
    last_passed_over     bigint not null,
    last_disagreements   bigint not null,
    last_late_unrecorded bigint not null,
    constraint sweep_one_row check (only_row = 1)
);
insert into sweep (
    only_row, checked_up_to, cases_checked, cases_passed_over, disagreements, late_unrecorded,
    last_checked, last_passed_over, last_disagreements, last_late_unrecorded
)
values (1, '', 0, 0, 0, 0, 0, 0, 0, 0);

-- Every case is read again: for what binds, and for the warnings that are due.
update cases set look_at = '2014-09-01 00:00:00+00:00';
