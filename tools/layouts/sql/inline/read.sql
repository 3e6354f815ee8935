\set r random(1, {resources})
SELECT rid, version, last_updated, deleted, meta, codec, data_key, body FROM resource
WHERE tenant = 1 AND type = {type} AND id = {id};
