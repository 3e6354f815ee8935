\set r random(1, {resources})
SELECT v.id, v.last_updated, v.rid, v.version, v.deleted, b.meta, b.codec, b.data_key, b.body FROM version AS v JOIN body AS b ON b.tenant = v.tenant AND b.rid = v.rid AND b.version = v.version
WHERE v.tenant = 1 AND v.type = {type}
ORDER BY v.last_updated DESC, v.rid DESC, v.version DESC LIMIT 50;
