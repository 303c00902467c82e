-- Facts that correct or retract another, until they have been followed to the cases they reach. That is done once they are
-- committed: of two transactions under way at once, neither sees what the other stores.
create table replacements (
    position bigint not null primary key -- Of the fact, in facts.
);
-- Of those stored before, some may have been missed.
insert into replacements (position) select position from facts where replaces is not null;
