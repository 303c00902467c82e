-- A duty that comes round again in one case, such as a yearly review, is told from its other occasions; and a duty owed by one
-- organisation from the same duty owed by another, so that a breach recorded against the wrong body stays with that body and
-- is corrected there. Rows move by way of copies: neither engine can change a key where it stands in a way the other knows.
create table old_obligations as select * from obligations;
drop table obligations;
create table obligations (
    case_key        text not null,
    authority       text not null,
    case_id         text not null,
    obligation      text not null,
    advice_id       text not null,            -- '' for a duty of which a case has one.
    occasion        text not null default '', -- '' for a duty that arises once.
    obligor         text not null,
    rule            text not null,
    rule_pack       text not null,
    start_on        date not null,
    target          date not null,
    due             date not null,
    breach_at       timestamptz not null,
    state           text not null,
    done_on         date,
    ended_on        date,
    ground          text,
    ground_rejected text,
    basis           text not null,            -- JSON array of fact ids.
    primary key (case_key, obligation, advice_id, occasion)
);
insert into obligations (
    case_key, authority, case_id, obligation, advice_id, obligor, rule, rule_pack, start_on, target, due, breach_at, state,
    done_on, ended_on, ground, ground_rejected, basis
)
select
    case_key, authority, case_id, obligation, advice_id, obligor, rule, rule_pack, start_on, target, due, breach_at, state,
    done_on, ended_on, ground, ground_rejected, basis
from old_obligations;
drop table old_obligations;
create index obligations_due on obligations (authority, due);

create table old_breaches as select * from breaches;
create table old_breach_events as select * from breach_events;
drop table breach_events;
drop table breaches;
create table breaches (
    breach_id   text not null primary key,
    case_key    text not null,
    authority   text not null,
    case_id     text not null,
    obligation  text not null,
    advice_id   text not null,
    occasion    text not null default '',
    obligor     text not null,
    rule        text not null,
    rule_pack   text not null,
    start_on    date not null,
    due         date not null,
    breach_at   timestamptz not null,
    detected_at timestamptz not null,
    -- However many replicas notice it. Of each organisation: who was late is part of what is said.
    constraint breaches_once unique (case_key, obligation, advice_id, occasion, obligor)
);
insert into breaches (
    breach_id, case_key, authority, case_id, obligation, advice_id, obligor, rule, rule_pack, start_on, due, breach_at,
    detected_at
)
select
    breach_id, case_key, authority, case_id, obligation, advice_id, obligor, rule, rule_pack, start_on, due, breach_at,
    detected_at
from old_breaches;
drop table old_breaches;
create index breaches_due on breaches (authority, due);

create table breach_events (
    breach_id  text not null references breaches (breach_id),
    ordinal    integer not null,
    kind       text not null,        -- RECORDED, ENDED, CORRECTED
    at         timestamptz not null, -- When the exchange learned it.
    late       boolean not null,     -- Whether there is a breach after all that is now known.
    due        date not null,
    ended_on   date,
    correction text,
    primary key (breach_id, ordinal)
);
insert into breach_events (breach_id, ordinal, kind, at, late, due, ended_on, correction)
select breach_id, ordinal, kind, at, late, due, ended_on, correction from old_breach_events;
drop table old_breach_events;
