-- A look-up by workspace and URN has one index that answers it: where nothing is known of a table yet (it was empty when
-- it was last looked at), every index whose WHERE is the query's costs the same, and the wrong one reads all that is held.
drop index pipi.holdings_of_workspace;
create index holdings_of_workspace on pipi.holdings (workspace, urn) where released_at is null;
