-- What organisations have said, as they said it. Never changed, never deleted: a correction is another row.
create table facts (
    position     bigint not null primary key, -- 1, 2, 3 without gaps, in order of commit.
    organisation text not null,
    fact_id      text not null,
    authority    text not null,
    case_id      text not null,
    kind         text not null,
    on_date      date not null,
    replaces     text,                        -- The same sender's fact that this one corrects or retracts.
    content_hash bytea not null,              -- Tells a duplicate from a second fact under the same id.
    fact         bytea not null,              -- sendexchange.education.v1.AssessmentFact, with its free text.
    recorded_at  timestamptz not null,
    -- The id first: it is what tells facts apart, and what they are looked up by, many at once.
    constraint facts_id_is_the_senders_own unique (fact_id, organisation)
);
create index facts_replaces on facts (replaces, organisation) where replaces is not null;
