\set r random(1, {with_history})
SELECT v.version, v.last_updated, v.deleted, b.meta, b.codec, b.data_key, b.body FROM version AS v JOIN body AS b ON b.tenant = v.tenant AND b.rid = v.rid AND b.version = v.version
WHERE v.tenant = 1 AND v.rid = (SELECT rid FROM resource WHERE tenant = 1 AND type = {type} AND id = {id})
ORDER BY v.version DESC LIMIT 50;
