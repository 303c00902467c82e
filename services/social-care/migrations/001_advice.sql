-- What authorities ask of social-care bodies and what those have given. A table for each message, because any of the three may
-- come first: none has to make room for another's columns, and what stands is read off them (advice_asked, below).

-- The latest request under each id; an earlier one that arrives later changes nothing.
create table advice_requests (
    authority   text not null,
    advice_id   text not null,   -- The authority's own.
    position    bigint not null, -- Of the fact that says so: the highest counts.
    case_id     text not null,
    kind        text not null,   -- SOCIAL_CARE, ...
    asked_of    text not null,   -- care:350, ...
    sought_on   date not null,
    received_on date not null,
    due_on      date not null,   -- Last lawful day, inclusive. Stored: the law in force on received_on decides it for good.
    primary key (authority, advice_id),
    constraint advice_is_due_after_it_was_received check (due_on > received_on)
);
create index advice_requests_of_a_body on advice_requests (asked_of, due_on, authority, advice_id);

-- The authority took the request back, or asks somebody of whom this service knows nothing: no earlier request stands.
create table advice_withdrawals (
    authority text not null,
    advice_id text not null,
    position  bigint not null,
    primary key (authority, advice_id)
);

-- The key holds the giver: that one body gave advice does not discharge another.
create table advice_given (
    authority text not null,
    advice_id text not null,
    given_by  text not null,
    given_on  date not null,
    position  bigint not null, -- Of the fact that says so at education: the highest counts. 0: given here, not recorded there yet.
    content   text,            -- The advice itself, where it was given here. Leaves by no message.
    primary key (authority, advice_id, given_by),
    constraint advice_was_given_here_or_recorded check (position > 0 or content is not null)
);

-- What stands: the requests not withdrawn since, with the day on which the body asked gave the advice.
create view advice_asked as
select r.authority, r.advice_id, r.case_id, r.kind, r.asked_of, r.sought_on, r.received_on, r.due_on, g.given_on
from advice_requests r
left join advice_withdrawals w on w.authority = r.authority and w.advice_id = r.advice_id and w.position > r.position
left join advice_given g on g.authority = r.authority and g.advice_id = r.advice_id and g.given_by = r.asked_of
where w.position is null;
