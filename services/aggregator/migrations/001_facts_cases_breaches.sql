-- What Education has told: all there is to know. Everything below is computed from it and could be computed again.
create table facts (
    organisation text not null,
    fact_id      text not null,
    position     bigint not null,      -- Education's sequence: a gap here is a fact still on its way.
    case_key     text not null,        -- AUTHORITY/CASE
    replaces     text,                 -- The same sender's fact that this one corrects or retracts.
    fact         text not null,        -- JSON form, without free text.
    recorded_at  timestamptz not null, -- When Education learned it.
    primary key (fact_id, organisation), -- The id first: it is what tells facts apart.
    constraint facts_position_once unique (position)
);
create index facts_case on facts (case_key);
create index facts_replaces on facts (replaces, organisation) where replaces is not null;

-- One row a case: when to read it next, and what DfE's measures need of its last reading.
create table cases (
    case_key  text not null primary key,
    authority text not null,
    case_id   text not null,
    look_at   timestamptz, -- Read it again then: at once after a new fact, or when a day passes that changes it. Null: never by itself.
    trace     text,        -- W3C traceparent of the fact that last asked for a reading.
    outline   text,        -- CaseOutline as JSON; null until first read.
    first_on  date,        -- Earliest and latest day of the outline: finds the cases of a year.
    last_on   date
);
create index cases_look on cases (look_at) where look_at is not null;
create index cases_authority on cases (authority, last_on);

-- The obligations of each case as last read. Replaced whole, case by case.
create table obligations (
    case_key        text not null,
    authority       text not null,
    case_id         text not null,
    obligation      text not null,
    advice_id       text not null, -- '' for a duty of which a case has one.
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
    basis           text not null, -- JSON array of fact ids.
    primary key (case_key, obligation, advice_id)
);
create index obligations_due on obligations (authority, due);

create table findings (
    case_key  text not null,
    authority text not null,
    case_id   text not null,
    code      text not null,
    detail    text not null,
    facts     text not null -- JSON array of fact ids.
);
create index findings_case on findings (case_key);

-- Limits that passed without the duty met. A row never changes; what became of it is in breach_events.
create table breaches (
    breach_id   text not null primary key,
    case_key    text not null,
    authority   text not null,
    case_id     text not null,
    obligation  text not null,
    advice_id   text not null,
    obligor     text not null,
    rule        text not null,
    rule_pack   text not null,
    start_on    date not null,
    due         date not null,
    breach_at   timestamptz not null,
    detected_at timestamptz not null,
    constraint breaches_once unique (case_key, obligation, advice_id) -- However many replicas notice it.
);
create index breaches_due on breaches (authority, due);

-- The history of each breach. The latest row says how it stands.
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
