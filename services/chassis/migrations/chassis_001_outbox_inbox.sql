-- What a transaction wants published, one row a transaction: written with the change itself, deleted once the bus has it.
create table outbox (
    outbox_id    text not null primary key, -- UUID version 7: rows sort by the time they were written.
    messages     text not null,             -- JSON array of {id, type, trace, body}.
    available_at timestamptz not null,      -- Not before then: a dispatcher's lease, or the pause before the next try.
    attempts     integer not null default 0,
    parked_at    timestamptz,               -- Given up until somebody redrives it (in-memory transport only).
    last_error   text                       -- The queue whose consumer did not take it, or the kind of exception.
);
create index outbox_available on outbox (available_at, outbox_id) where parked_at is null;

-- Which messages a consumer has taken in. For ever: a year-old redelivery is still recognised.
create table inbox (
    consumer    text not null,
    message_id  text not null,
    received_at timestamptz not null,
    primary key (consumer, message_id)
);

-- Numbers without gaps: taken under the row's lock, which is held until commit, so that order of numbers is order of commits.
create table sequences (
    name text not null primary key,
    last bigint not null
);
