-- A body may take back that it gave advice: given_on is then null, and the advice is owed again. The view goes first and
-- comes back as it was: it rests on the table, whose column cannot be changed where it stands in a way both engines know.
drop view advice_asked;
create table old_advice_given as select * from advice_given;
drop table advice_given;

-- The key holds the giver: that one body gave advice does not discharge another.
create table advice_given (
    authority text not null,
    advice_id text not null,
    given_by  text not null,
    given_on  date,            -- Null: taken back.
    position  bigint not null, -- Of the fact that says so at education: the highest counts. 0: given here, not recorded there
                               -- yet; -N: the same, after it was taken back at N.
    content   text,            -- The advice itself, where it was given here. Leaves by no message.
    primary key (authority, advice_id, given_by),
    constraint advice_was_given_here_or_recorded check (position > 0 or content is not null),
    constraint advice_taken_back_was_recorded check (given_on is not null or position > 0)
);
insert into advice_given (authority, advice_id, given_by, given_on, position, content)
select authority, advice_id, given_by, given_on, position, content from old_advice_given;
drop table old_advice_given;

create view advice_asked as
select r.authority, r.advice_id, r.case_id, r.kind, r.asked_of, r.sought_on, r.received_on, r.due_on, g.given_on
from advice_requests r
left join advice_withdrawals w on w.authority = r.authority and w.advice_id = r.advice_id and w.position > r.position
left join advice_given g on g.authority = r.authority and g.advice_id = r.advice_id and g.given_by = r.asked_of
where w.position is null;
