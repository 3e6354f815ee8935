\set r random(1, {resources})
SELECT v.id, v.last_updated, v.rid, v.version, v.deleted, v.meta, v.codec, v.data_key, v.body FROM version AS v
WHERE v.tenant = 1 AND v.type = {type}
ORDER BY v.last_updated DESC, v.rid DESC, v.version DESC LIMIT 50;
