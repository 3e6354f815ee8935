\set r random(1, {with_history})
SELECT v.version, v.last_updated, v.deleted, v.meta, v.codec, v.data_key, v.body FROM version AS v
WHERE v.tenant = 1 AND v.rid = (SELECT rid FROM resource WHERE tenant = 1 AND type = {type} AND id = {id})
ORDER BY v.version DESC LIMIT 50;
