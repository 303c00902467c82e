-- Finds the advice of a case again, where a fact of it is corrected or retracted.
create index facts_advice on facts (authority, case_id) where kind in ('adviceSought', 'adviceGiven');
